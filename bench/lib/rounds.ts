import { print } from '../../dev/lib/output.ts';
import type { Source, Workload } from '../workloads/workload.ts';
import type { Bench } from './bench.ts';
import { checkAnswers } from './check.ts';
import { requestBytes } from './http-request.ts';
import { randomNumbers } from './random.ts';
import { cpuPerRequest, type Sample, type ServerResult, type WorkloadResult } from './result.ts';
import { restore } from './seed.ts';
import type { Server } from './server.ts';
import { median } from './statistics.ts';
import { cpuMs, familyCpuMs, peakRssMb, usedBetween } from './usage.ts';

export interface RoundOptions {
  rounds: number;
  /** Of one round of one server. */
  seconds: number;
  connections: number;
  /** Names of the servers that may take part; all of them without. */
  only: readonly string[] | undefined;
}

const SEED = 20_260_301;
/** Before the first round, until the code is compiled, and before every other; as shares of a round. */
const WARM_UP = 3;
const WARM_AGAIN = 0.15;
const COUNTED_SECONDS = 0.3;

export function requestsOf(bench: Bench, workload: Workload) {
  const source: Source = { random: randomNumbers(SEED), tokenOf: remember(bench.tokens.tokenOf) };
  return workload.requests(source);
}

/** Checks that all servers answer the same, then measures them in turn, round after round. */
export async function measure(bench: Bench, workload: Workload, options: RoundOptions): Promise<WorkloadResult> {
  const { connections, rounds } = options;
  await using session = bench.session();
  const servers = await startServers(bench, workload.servers, { only: options.only, session });
  const requests = requestsOf(bench, workload);
  await checkAnswers(workload, servers, requests);
  await bench.load.use(requests.map(requestBytes));
  for (const server of servers) await burst(bench, server, { ...options, seconds: options.seconds * WARM_UP });
  const counts = new Map<string, Counts>();
  for (const server of servers) counts.set(server.name, await count(bench, server, options));
  const samples = new Map<string, Sample[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      if (workload.writes) await restore(bench.database.sql);
      await burst(bench, server, { ...options, seconds: options.seconds * WARM_AGAIN });
      samples.get(server.name)?.push(await takeSample(bench, server, options));
      server.clearLog();
    }
  }
  if (workload.writes) await restore(bench.database.sql);
  const results = servers.map(({ name: server, pid }): ServerResult => {
    const { statementsPerRequest = 0, lookupsPerRequest = 0 } = counts.get(server) ?? {};
    const taken = samples.get(server) ?? [];
    return { server, samples: taken, statementsPerRequest, lookupsPerRequest, peakRssMb: peakRssMb(pid) };
  });
  return { workload: workload.name, title: workload.title, connections, servers: results };
}

interface Participation {
  only: readonly string[] | undefined;
  session: AsyncDisposableStack;
}

/** New processes for each workload: none is faster or bigger for what it did before. */
async function startServers(bench: Bench, names: readonly string[], { only, session }: Participation) {
  const servers: Server[] = [];
  for (const name of bench.withCheckouts(names)) {
    if (only !== undefined && !only.includes(name)) continue;
    const server = await bench.start(name, session);
    if (server !== undefined) servers.push(server);
    else print(`${name} is skipped: it cannot be run here`);
  }
  return servers;
}

/** Goes on in the row of requests where the server's last burst ended: what was asked for just now may be in a cache. */
async function burst(bench: Bench, server: Server, options: Pick<RoundOptions, 'connections' | 'seconds'>) {
  const { connections, seconds } = options;
  const outcome = await bench.load.closed({ port: server.port, connections, seconds, from: server.asked });
  server.asked += outcome.good + outcome.refused + outcome.failed;
  return outcome;
}

async function takeSample(bench: Bench, server: Server, options: RoundOptions): Promise<Sample> {
  const { pid } = bench.database;
  const before = { server: cpuMs(server.pid), database: familyCpuMs(pid) };
  const outcome = await burst(bench, server, options);
  const databaseCpuMs = usedBetween(before.database, familyCpuMs(pid));
  return { ...outcome, cpuMs: cpuMs(server.pid) - before.server, databaseCpuMs };
}

interface Counts {
  statementsPerRequest: number;
  lookupsPerRequest: number;
}

/** In a round of its own, for counting costs PostgreSQL time. */
async function count(bench: Bench, server: Server, { connections }: RoundOptions): Promise<Counts> {
  let good = 0;
  const lookups = async () => Number(await (await fetch(`${bench.authService.url}/lookups`)).text());
  const before = await lookups();
  const statements = await bench.database.countStatements(async () => {
    ({ good } = await burst(bench, server, { connections, seconds: COUNTED_SECONDS }));
  });
  return { statementsPerRequest: statements / good, lookupsPerRequest: ((await lookups()) - before) / good };
}

function remember(make: (id: string) => string): (id: string) => string {
  const made = new Map<string, string>();
  return (id) => {
    const known = made.get(id) ?? make(id);
    made.set(id, known);
    return known;
  };
}

/** One server's figures at one point of a study: medians over the rounds. */
export interface Figures {
  server: string;
  cpuMs: number;
  perSecond: number;
  p99: number;
  /** Answers that were no success, in all rounds. */
  failed: number;
}

export async function measureAt(bench: Bench, workload: Workload, options: RoundOptions): Promise<Figures[]> {
  const { servers } = await measure(bench, workload, options);
  return servers.map((result) => ({
    server: result.server,
    cpuMs: median(cpuPerRequest(result)),
    perSecond: median(result.samples.map(({ good, seconds }) => good / seconds)),
    p99: median(result.samples.map(({ latency }) => latency.p99)),
    failed: result.samples.reduce((sum, { failed, refused }) => sum + failed + refused, 0),
  }));
}
