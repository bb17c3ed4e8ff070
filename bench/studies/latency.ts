import type { Environment } from '../environment/environment.ts';
import type { OpenLoopOutcome } from '../load-generator/open-loop.ts';
import { prepareServers, startServers } from '../measurement/measure-workload.ts';
import { median } from '../measurement/statistics.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { formatNumber, formatRatio } from '../report/format-number.ts';
import { entities } from '../workloads/entities.ts';
import { GRAPHQL_SERVERS } from '../workloads/workload.ts';
import type { TableResult } from './study.ts';

const workload = entities(1);
/** The offered load, as shares of the capacity of a server. */
const LEVELS = [
  { of: 'apollo-express', shares: [0.25, 0.5, 0.75] },
  { of: 'service', shares: [0.5, 0.75] },
];
const ROUNDS = 3;
/** The closed loops that find the capacities. */
const CAPACITY_LOOP = { connections: 32, seconds: 2 };
/** The short tick adds at most 0.2 ms to a latency. */
const OPEN_LOOP = { connections: 512, tickMs: 0.2 };
const MIN_SECONDS = 3;
/** Minimum requests of a round. With fewer, the p99 would be that of a single garbage collection. */
const MIN_REQUESTS = 1500;
/** The share of its capacity from which on a server is not measured, because its latency would grow with the time. */
const MAX_SHARE = 0.95;
const HEADER = ['offered load and server', 'req/s', 'p50 ms', 'p99 ms', "p99 / limit's", 'not answered'];

interface Level {
  name: string;
  requestsPerSecond: number;
  /** The outcomes of each server whose capacity is sufficient, one for each round. */
  outcomes: Map<string, OpenLoopOutcome[]>;
}

/** Measures the latency of the servers under the same offered load, in an open loop. */
export async function latencyStudy(environment: Environment): Promise<TableResult> {
  await using stack = environment.openStack();
  const servers = await startServers(environment, { names: GRAPHQL_SERVERS, stack });
  await prepareServers(environment, { workload, servers, options: { ...CAPACITY_LOOP, rounds: ROUNDS } });
  const capacities = new Map<string, number>();
  for (const server of servers) capacities.set(server.name, await measureCapacity(environment, server));
  const levels = planLevels(capacities);
  for (let round = 0; round < ROUNDS; round++) {
    for (const level of levels) await measureLevel(environment, level, servers);
  }
  const capacityText = [...capacities].map(([name, capacity]) => `${name} ${formatNumber(capacity)}`).join(', ');
  return {
    name: 'latency',
    title: 'Latency at equal offered load',
    rows: [HEADER, ...levels.flatMap(levelRows)],
    notes: [
      `\`_entities\` of one user in an open loop; medians of ${ROUNDS} rounds of at least ${MIN_SECONDS} s and ${MIN_REQUESTS} requests.`,
      `Capacities in a closed loop of ${CAPACITY_LOOP.connections} connections, requests per second: ${capacityText}.`,
      `A server is left out of loads above ${MAX_SHARE * 100}% of its capacity.`,
    ],
  };
}

async function measureCapacity({ load }: Environment, { port, requestsSent }: ServerProcess): Promise<number> {
  const { succeeded, seconds } = await load.closedLoop({ ...CAPACITY_LOOP, port, firstRequest: requestsSent });
  return succeeded / seconds;
}

function planLevels(capacities: ReadonlyMap<string, number>): Level[] {
  return LEVELS.flatMap(({ of, shares }) =>
    shares.map((share) => {
      const requestsPerSecond = (capacities.get(of) ?? 0) * share;
      const sufficient = [...capacities].filter(([, capacity]) => requestsPerSecond <= capacity * MAX_SHARE);
      const outcomes = new Map(sufficient.map(([name]): [string, OpenLoopOutcome[]] => [name, []]));
      return { name: `${share * 100}% of ${of}'s`, requestsPerSecond, outcomes };
    }),
  );
}

async function measureLevel(
  { load }: Environment,
  { requestsPerSecond, outcomes }: Level,
  servers: readonly ServerProcess[],
): Promise<void> {
  const seconds = Math.max(MIN_SECONDS, MIN_REQUESTS / requestsPerSecond);
  for (const server of servers) {
    const { name, port, requestsSent } = server;
    const outcome =
      outcomes.has(name) &&
      (await load.openLoop({ ...OPEN_LOOP, seconds, port, requestsPerSecond, firstRequest: requestsSent }));
    if (!outcome) continue;
    outcomes.get(name)?.push(outcome);
    server.requestsSent += outcome.succeeded + outcome.rejected + outcome.failed;
    server.clearLog();
  }
}

function levelRows({ name: level, requestsPerSecond, outcomes }: Level): string[][] {
  const p99s = (list: readonly OpenLoopOutcome[] = []) => list.map(({ latency }) => latency.p99);
  const limit = outcomes.get('limit');
  return [...outcomes].map(([server, own]) => {
    const lost = own.reduce((sum, { rejected, failed, unsent }) => sum + rejected + failed + unsent, 0);
    return [
      `${level}: ${server}`,
      formatNumber(requestsPerSecond),
      formatNumber(median(own.map(({ latency }) => latency.p50))),
      formatNumber(median(p99s(own))),
      limit === undefined ? '-' : formatRatio(p99s(own), p99s(limit)),
      String(lost),
    ];
  });
}
