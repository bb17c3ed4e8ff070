import { type Bench, startRequired } from '../lib/bench.ts';
import { requestBytes } from '../lib/http-request.ts';
import { requestsOf } from '../lib/rounds.ts';
import { median } from '../lib/statistics.ts';
import type { Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import type { OpenOutcome } from '../load/loops.ts';
import { entities } from '../workloads/entities.ts';

const TIMES = [0.5, 0.8, 1, 1.5, 2, 3, 5, 10];
const ROUNDS = 3;
const CAPACITY = { connections: 32, seconds: 5 };
const OPEN = { connections: 4000, seconds: 5 };

/**
 * Finds what the service can do, then sends up to ten times as much on a fixed schedule, whether it answers or not.
 * Twenty people a request: it has work to do, and the generator can send ten times as many from its one core.
 */
export async function overloadStudy(bench: Bench): Promise<Study> {
  const workload = entities(20);
  await using session = bench.session();
  const server = await startRequired(bench, 'service', session);
  const { port } = server;
  await bench.load.use(requestsOf(bench, workload).map(requestBytes));
  await bench.load.closed({ port, from: 0, ...CAPACITY });
  const closed = await bench.load.closed({ port, from: 0, ...CAPACITY });
  const capacity = closed.good / closed.seconds;
  const levels = TIMES.map((times) => ({ times, outcomes: [] as OpenOutcome[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { times, outcomes } of levels) {
      outcomes.push(await bench.load.open({ port, from: 0, ...OPEN, perSecond: capacity * times }));
      server.clearLog();
    }
  }
  const line = (value: (outcome: OpenOutcome) => number) =>
    levels.map(({ times, outcomes }) => ({ x: times, y: median(outcomes.map(value)) }));
  return {
    name: 'overload',
    title: 'Past saturation: an open loop of up to ten times the capacity',
    x: { label: 'requests sent, as a multiple of the capacity', log: true },
    y: { label: 'answers per second' },
    lines: [
      { name: 'answered', points: line(({ good, seconds }) => good / seconds) },
      { name: 'refused with 503', points: line(({ refused, seconds }) => refused / seconds) },
    ],
    facts: [
      `Capacity, found with ${CAPACITY.connections} connections: ${figure(capacity)} requests per second. Medians of ${ROUNDS} rounds.`,
      ...levels.map(({ times, outcomes }) => `At ${times} times: ${summary(outcomes)}.`),
    ],
  };
}

function summary(outcomes: readonly OpenOutcome[]): string {
  const typical = (value: (outcome: OpenOutcome) => number) => figure(median(outcomes.map(value)));
  const goodput = outcomes.map(({ good, seconds }) => figure(good / seconds));
  const failures = outcomes
    .flatMap(({ failures }) => Object.entries(failures))
    .map(([reason, count]) => `${count} ${reason}`);
  const unsent = outcomes.reduce((sum, outcome) => sum + outcome.unsent, 0);
  return [
    `${goodput.join(', ')} good answers per second, p50 ${typical(({ latency }) => latency.p50)} ms`,
    `p99 ${typical(({ latency }) => latency.p99)} ms`,
    `refusals p50 ${typical(({ refusalLatency }) => refusalLatency.p50)} ms`,
    `p99 ${typical(({ refusalLatency }) => refusalLatency.p99)} ms`,
    `failed: ${failures.join(', ') || 'none'}`,
    ...(unsent === 0 ? [] : [`${unsent} not sent, for ${OPEN.connections} were waiting`]),
  ].join(', ');
}
