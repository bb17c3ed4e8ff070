import { type Environment, startRequired } from '../environment/environment.ts';
import type { OpenLoopOutcome } from '../load-generator/open-loop.ts';
import { workloadRequests } from '../measurement/measure-workload.ts';
import { median } from '../measurement/statistics.ts';
import { formatNumber } from '../report/format-number.ts';
import { entities } from '../workloads/entities.ts';
import { serializeRequest } from '../workloads/http-request.ts';
import type { ChartResult } from './study.ts';

/** The offered load, as multiples of the capacity. */
const MULTIPLES = [0.5, 0.8, 1, 1.5, 2, 3, 5, 10];
const ROUNDS = 3;
/** The closed loop that finds the capacity. */
const CAPACITY_LOOP = { connections: 32, seconds: 5 };
const OPEN_LOOP = { connections: 4000, seconds: 5, tickMs: 1 };

interface Level {
  multiple: number;
  outcomes: OpenLoopOutcome[];
}

/**
 * Measures goodput and rejections in an open loop of up to ten times the capacity. A request reads 20 users: the
 * capacity is then low enough that the generator can send ten times as many requests from one core.
 */
export async function overloadStudy(environment: Environment): Promise<ChartResult> {
  const { load } = environment;
  await using stack = environment.openStack();
  const server = await startRequired(environment, 'service', stack);
  const target = { port: server.port, firstRequest: 0 };
  await load.setRequests(workloadRequests(environment, entities(20)).map(serializeRequest));
  await load.closedLoop({ ...target, ...CAPACITY_LOOP });
  const closed = await load.closedLoop({ ...target, ...CAPACITY_LOOP });
  const capacity = closed.succeeded / closed.seconds;
  const levels = MULTIPLES.map((multiple): Level => ({ multiple, outcomes: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { multiple, outcomes } of levels) {
      outcomes.push(await load.openLoop({ ...target, ...OPEN_LOOP, requestsPerSecond: capacity * multiple }));
      server.clearLog();
    }
  }
  const medians = (value: (outcome: OpenLoopOutcome) => number) =>
    levels.map(({ multiple, outcomes }) => ({ x: multiple, y: median(outcomes.map(value)) }));
  return {
    name: 'overload',
    title: 'Overload: an open loop of up to ten times the capacity',
    x: { label: 'offered load, as a multiple of the capacity', log: true },
    y: { label: 'responses per second' },
    series: [
      { name: 'goodput', points: medians(({ succeeded, seconds }) => succeeded / seconds) },
      { name: 'rejected with 503', points: medians(({ rejected, seconds }) => rejected / seconds) },
    ],
    notes: [
      `Capacity in a closed loop of ${CAPACITY_LOOP.connections} connections: ${formatNumber(capacity)} requests per second. Medians of ${ROUNDS} rounds.`,
      ...levels.map(({ multiple, outcomes }) => `At ${multiple} times: ${summarizeLevel(outcomes)}.`),
    ],
  };
}

function summarizeLevel(outcomes: readonly OpenLoopOutcome[]): string {
  const medianOf = (value: (outcome: OpenLoopOutcome) => number) => formatNumber(median(outcomes.map(value)));
  const goodput = outcomes.map(({ succeeded, seconds }) => formatNumber(succeeded / seconds));
  const failures = outcomes
    .flatMap((outcome) => Object.entries(outcome.failures))
    .map(([reason, count]) => `${count} ${reason}`);
  const unsent = outcomes.reduce((sum, outcome) => sum + outcome.unsent, 0);
  return [
    `goodput ${goodput.join(', ')} per second, p50 ${medianOf(({ latency }) => latency.p50)} ms`,
    `p99 ${medianOf(({ latency }) => latency.p99)} ms`,
    `rejections p50 ${medianOf(({ rejectionLatency }) => rejectionLatency.p50)} ms`,
    `p99 ${medianOf(({ rejectionLatency }) => rejectionLatency.p99)} ms`,
    `failed: ${failures.join(', ') || 'none'}`,
    ...(unsent === 0 ? [] : [`${unsent} not sent, because all ${OPEN_LOOP.connections} connections were pending`]),
  ].join(', ');
}
