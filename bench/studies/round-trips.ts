import { type DelayProxy, startDelayProxy } from '../delay-proxy/delay-proxy.ts';
import type { Environment } from '../environment/environment.ts';
import { prepareServers, startServers, takeSamples } from '../measurement/measure-workload.ts';
import { cpuPerRequest, type Sample } from '../measurement/results.ts';
import { median } from '../measurement/statistics.ts';
import { formatNumber, formatRatio } from '../report/format-number.ts';
import { mutation, oneUserMutation, restCreate } from '../workloads/create-badge.ts';
import { goalMutation } from '../workloads/create-goal.ts';
import type { Workload } from '../workloads/workload.ts';
import type { TableResult } from './study.ts';

/** The times that the proxy adds to each round trip, in milliseconds. */
const DELAYS = [0, 1, 5];
/** With a shorter delay, one user reaches the maximum number of badges of the other servers. */
const ONE_USER_DELAYS = [5];
const OPTIONS = { rounds: 3, seconds: 0.8, connections: 32 };
const HEADER = [
  'operation and server',
  ...DELAYS.map((ms) => `req/s at ${ms} ms`),
  ...DELAYS.map((ms) => `service's req/s / this at ${ms} ms`),
  ...DELAYS.map((ms) => `CPU ms/req at ${ms} ms`),
  ...DELAYS.map((ms) => `CPU / limit's at ${ms} ms`),
];

interface Operation {
  name: string;
  workload: Workload;
  delays: readonly number[];
}

const OPERATIONS: readonly Operation[] = [
  { name: 'createBadge', workload: mutation, delays: DELAYS },
  { name: 'createGoal', workload: goalMutation, delays: DELAYS },
  { name: 'REST, a badge', workload: restCreate, delays: DELAYS },
  { name: 'createBadge of one user', workload: oneUserMutation, delays: ONE_USER_DELAYS },
];

/** The samples of each server at each delay. */
type Samples = ReadonlyMap<number, ReadonlyMap<string, Sample[]>>;

/** Measures the throughput and the CPU time of writes by the round trip time between the servers and PostgreSQL. */
export async function roundTripsStudy(environment: Environment): Promise<TableResult> {
  await using stack = environment.openStack();
  const proxy = await startDelayProxy(environment.database.url, environment.cores.others);
  stack.defer(proxy.stop);
  const rows: string[][] = [];
  for (const operation of OPERATIONS) {
    rows.push(...operationRows(operation, await measureOperation(environment, proxy, operation)));
  }
  return {
    name: 'round-trips',
    title: 'Writes, by the round trip time to PostgreSQL',
    rows: [HEADER, ...rows],
    notes: [
      `${OPTIONS.connections} connections; medians of ${OPTIONS.rounds} rounds; ratios with their extremes.`,
      `An empty statement through the proxy takes ${await roundTripTimes(proxy)}.`,
    ],
  };
}

async function measureOperation(
  environment: Environment,
  proxy: DelayProxy,
  { workload, delays }: Operation,
): Promise<Samples> {
  await using stack = environment.openStack();
  const servers = await startServers(environment, { names: workload.servers, stack, databaseUrl: proxy.url });
  const rounds = { workload, servers, options: OPTIONS };
  await proxy.setDelay(delays[0] ?? 0);
  await prepareServers(environment, rounds);
  const samples = new Map<number, ReadonlyMap<string, Sample[]>>();
  for (const ms of delays) {
    await proxy.setDelay(ms);
    samples.set(ms, await takeSamples(environment, rounds));
  }
  return samples;
}

function operationRows({ name, workload }: Operation, samples: Samples): string[][] {
  const measured = workload.servers.filter((server) => [...samples.values()].some((one) => one.has(server)));
  return measured.map((server) => [`${name}: ${server}`, ...serverCells(server, samples)]);
}

function serverCells(server: string, samples: Samples): string[] {
  const cells = (read: (own: Sample[], servers: ReadonlyMap<string, Sample[]>) => string) =>
    DELAYS.map((ms) => {
      const servers = samples.get(ms);
      return servers === undefined ? '-' : read(servers.get(server) ?? [], servers);
    });
  return [
    ...cells((own) => formatNumber(median(throughput(own)))),
    ...cells((own, servers) => formatRatio(throughput(servers.get('service')), throughput(own))),
    ...cells((own) => formatNumber(median(cpuTime(own)))),
    ...cells((own, servers) => formatRatio(cpuTime(own), cpuTime(servers.get('limit')))),
  ];
}

function throughput(samples: readonly Sample[] = []): number[] {
  return samples.map(({ succeeded, seconds }) => succeeded / seconds);
}

function cpuTime(samples: Sample[] = []): number[] {
  return cpuPerRequest({ samples });
}

async function roundTripTimes(proxy: DelayProxy): Promise<string> {
  const times: string[] = [];
  for (const ms of DELAYS) {
    await proxy.setDelay(ms);
    times.push(`${formatNumber(await proxy.measureRoundTrip())} ms at ${ms} ms`);
  }
  return times.join(', ');
}
