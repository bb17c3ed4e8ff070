import { print } from '../../dev/lib/output.ts';
import { restoreSeed } from '../database/seed.ts';
import type { Environment } from '../environment/environment.ts';
import { peakRssMb } from '../processes/resource-usage.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { type HttpRequest, serializeRequest } from '../workloads/http-request.ts';
import { seededRandom } from '../workloads/random.ts';
import type { Workload } from '../workloads/workload.ts';
import { cpuPerRequest, type Sample, type ServerResult, type WorkloadResult } from './results.ts';
import { type CallCounts, countCalls, type RoundOptions, runRound, takeSample } from './round.ts';
import { median } from './statistics.ts';
import { verifyResponses } from './verify-responses.ts';

interface MeasureOptions extends RoundOptions {
  rounds: number;
  /** The servers to measure; undefined for all servers of the workload. */
  servers: readonly string[] | undefined;
}

const RANDOM_SEED = 20_260_301;
/** The warm-up before the first round, in rounds: until the code is compiled. */
const FIRST_WARM_UP = 3;
/** The warm-up before each round, in rounds. */
const WARM_UP = 0.15;

/** Returns the requests of a workload, which are the same in every run. */
export function workloadRequests({ tokens }: Environment, workload: Workload): HttpRequest[] {
  return workload.requests({ random: seededRandom(RANDOM_SEED), tokenFor: memoize(tokens.tokenFor) });
}

/** Verifies that the servers return the same responses, then measures them in turn in each round. */
export async function measureWorkload(
  environment: Environment,
  workload: Workload,
  options: MeasureOptions,
): Promise<WorkloadResult> {
  await using stack = environment.openStack();
  const servers = await startServers(environment, { names: workload.servers, only: options.servers, stack });
  await prepareServers(environment, { workload, servers, options });
  const counts = new Map<string, CallCounts>();
  for (const server of servers) {
    if (workload.writes) await restoreSeed(environment.database.sql);
    counts.set(server.name, await countCalls(environment, server, options));
  }
  const samples = await takeSamples(environment, { workload, servers, options });
  const results = servers.map(({ name: server, pid }): ServerResult => {
    const { statementsPerRequest = 0, lookupsPerRequest = 0 } = counts.get(server) ?? {};
    const taken = samples.get(server) ?? [];
    return { server, samples: taken, statementsPerRequest, lookupsPerRequest, peakRssMb: peakRssMb(pid) };
  });
  return { workload: workload.name, title: workload.title, connections: options.connections, servers: results };
}

interface Selection {
  names: readonly string[];
  /** The servers to start; undefined for all. */
  only?: readonly string[] | undefined;
  stack: AsyncDisposableStack;
  databaseUrl?: string;
}

/** Starts new processes for each workload, so that earlier workloads influence neither speed nor memory. */
export async function startServers(
  environment: Environment,
  { names, only, stack, databaseUrl }: Selection,
): Promise<ServerProcess[]> {
  const servers: ServerProcess[] = [];
  for (const name of environment.withServiceVersions(names)) {
    if (only !== undefined && !only.includes(name)) continue;
    const server = await environment.start(name, stack, databaseUrl);
    if (server !== undefined) servers.push(server);
    else print(`Skipped ${name}: this machine lacks its runtime.`);
  }
  return servers;
}

interface Rounds {
  workload: Workload;
  servers: readonly ServerProcess[];
  options: RoundOptions & { rounds: number };
}

/** Verifies that the servers return the same responses, sets the requests of the load generator, and warms up. */
export async function prepareServers(environment: Environment, { workload, servers, options }: Rounds): Promise<void> {
  const requests = workloadRequests(environment, workload);
  const prepare = async () => {
    if (workload.writes) await restoreSeed(environment.database.sql);
  };
  await verifyResponses(workload, { servers, requests, prepare });
  await environment.load.setRequests(requests.map(serializeRequest));
  const { connections, seconds } = options;
  for (const server of servers) {
    await prepare();
    await runRound(environment, server, { connections, seconds: seconds * FIRST_WARM_UP });
  }
}

/** Returns the samples of each server, one for each round. */
export async function takeSamples(
  environment: Environment,
  { workload, servers, options }: Rounds,
): Promise<ReadonlyMap<string, Sample[]>> {
  const { sql } = environment.database;
  const samples = new Map<string, Sample[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const server of servers) {
      if (workload.writes) await restoreSeed(sql);
      await runRound(environment, server, { ...options, seconds: options.seconds * WARM_UP });
      samples.get(server.name)?.push(await takeSample(environment, server, options));
      server.clearLog();
    }
  }
  if (workload.writes) await restoreSeed(sql);
  return samples;
}

/** The figures of a server at one point of a study: medians over the rounds. */
interface ServerMedians {
  server: string;
  cpuMsPerRequest: number;
  requestsPerSecond: number;
  p99: number;
  /** Failed and rejected requests of all rounds. */
  failed: number;
}

/** Measures a workload and returns the medians of each server. */
export async function measureMedians(
  environment: Environment,
  workload: Workload,
  options: MeasureOptions,
): Promise<ServerMedians[]> {
  const { servers } = await measureWorkload(environment, workload, options);
  return servers.map((result) => ({
    server: result.server,
    cpuMsPerRequest: median(cpuPerRequest(result)),
    requestsPerSecond: median(result.samples.map(({ succeeded, seconds }) => succeeded / seconds)),
    p99: median(result.samples.map(({ latency }) => latency.p99)),
    failed: result.samples.reduce((sum, { failed, rejected }) => sum + failed + rejected, 0),
  }));
}

function memoize(create: (id: string) => string): (id: string) => string {
  const cache = new Map<string, string>();
  return (id) => {
    const value = cache.get(id) ?? create(id);
    cache.set(id, value);
    return value;
  };
}
