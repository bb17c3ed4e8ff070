import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, startRequired } from '../lib/bench.ts';
import { requestBytes } from '../lib/http-request.ts';
import { requestsOf } from '../lib/rounds.ts';
import { restore } from '../lib/seed.ts';
import { median } from '../lib/statistics.ts';
import type { Point, Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import { rssMb } from '../lib/usage.ts';
import { mix } from '../workloads/mix.ts';

const SECONDS = 600;
const EVERY_MS = 2000;
const FIFTHS = 5;

/** The memory of the service over ten minutes under full load. */
export async function soakStudy(bench: Bench): Promise<Study> {
  await using session = bench.session();
  const server = await startRequired(bench, 'service', session);
  await bench.load.use(requestsOf(bench, mix).map(requestBytes));
  const start = performance.now();
  let isOver = false;
  const sent = bench.load.closed({ port: server.port, connections: 32, seconds: SECONDS, from: 0 }).finally(() => {
    isOver = true;
  });
  // It is waited for below, and may fail before that.
  sent.catch(() => undefined);
  const points: Point[] = [];
  while (!isOver) {
    points.push({ x: (performance.now() - start) / 1000, y: rssMb(server.pid) });
    server.clearLog();
    await sleep(EVERY_MS);
  }
  const { good, refused, failures, latency } = await sent;
  await restore(bench.database.sql);
  return {
    name: 'soak',
    title: 'Memory over ten minutes of load',
    x: { label: 'seconds' },
    y: { label: 'RSS of the service, MB' },
    lines: [{ name: 'service', points }],
    facts: [
      `${good} requests of the mix were answered, ${refused} refused; failed: ${JSON.stringify(failures)}; p99 ${figure(latency.p99)} ms.`,
      `Drift, the median of the last fifth over that of the second: ${drift(points.map(({ y }) => y)).toFixed(3)}.`,
    ],
  };
}

function drift(values: readonly number[]): number {
  const size = Math.floor(values.length / FIFTHS);
  return median(values.slice(-size)) / median(values.slice(size, 2 * size));
}
