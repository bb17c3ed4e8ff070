import { type Bench, startRequired } from '../lib/bench.ts';
import { requestBytes } from '../lib/http-request.ts';
import { requestsOf } from '../lib/rounds.ts';
import type { Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import { familyCpuMs, usedBetween } from '../lib/usage.ts';
import { entities } from '../workloads/entities.ts';

const TIMES = [0.5, 0.8, 1, 1.5, 2, 3, 5, 10];
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
  const goodput = [];
  const refused = [];
  const facts = [`Capacity, found with ${CAPACITY.connections} connections: ${figure(capacity)} requests per second.`];
  for (const times of TIMES) {
    const shares = watch(bench, server.pid);
    const outcome = await bench.load.open({ port, from: 0, ...OPEN, perSecond: capacity * times });
    const busy = shares();
    goodput.push({ x: times, y: outcome.good / outcome.seconds });
    refused.push({ x: times, y: outcome.refused / outcome.seconds });
    const { latency, refusalLatency, failures, unsent } = outcome;
    facts.push(
      `At ${times} times: good answers p50 ${figure(latency.p50)} ms, p99 ${figure(latency.p99)} ms; refusals p50 ` +
        `${figure(refusalLatency.p50)} ms, p99 ${figure(refusalLatency.p99)} ms; failed: ${JSON.stringify(failures)}; ${unsent} were ` +
        `not sent, for ${OPEN.connections} were waiting; of a core ${busy}.`,
    );
    server.clearLog();
  }
  return {
    name: 'overload',
    title: 'Past saturation: an open loop of up to ten times the capacity',
    x: { label: 'requests sent, as a multiple of the capacity', log: true },
    y: { label: 'answers per second' },
    lines: [
      { name: 'answered', points: goodput },
      { name: 'refused with 503', points: refused },
    ],
    facts,
  };
}

/** Tells, when asked, what part of a core each has taken since. */
function watch({ load, database }: Bench, pid: number): () => string {
  const since = performance.now();
  const families = { service: pid, PostgreSQL: database.pid, generator: load.pid };
  const before = Object.values(families).map(familyCpuMs);
  return () => {
    const ms = performance.now() - since;
    const shares = Object.entries(families).map(([name, family], at) => {
      const used = usedBetween(before[at] ?? new Map(), familyCpuMs(family));
      return `${name} took ${Math.round((used / ms) * 100)}%`;
    });
    return shares.join(', ');
  };
}
