import { setTimeout as sleep } from 'node:timers/promises';
import { restoreSeed } from '../database/seed.ts';
import { type Environment, startRequired } from '../environment/environment.ts';
import { workloadRequests } from '../measurement/measure-workload.ts';
import { median } from '../measurement/statistics.ts';
import { rssMb } from '../processes/resource-usage.ts';
import { formatNumber } from '../report/format-number.ts';
import { serializeRequest } from '../workloads/http-request.ts';
import { mix } from '../workloads/mix.ts';
import type { ChartResult, Point } from './study.ts';

const SECONDS = 600;
const CONNECTIONS = 32;
const SAMPLE_INTERVAL_MS = 2000;

/** Measures the memory of the service over ten minutes of full load. */
export async function soakStudy(environment: Environment): Promise<ChartResult> {
  const { database, load } = environment;
  await using stack = environment.openStack();
  const server = await startRequired(environment, 'service', stack);
  await load.setRequests(workloadRequests(environment, mix).map(serializeRequest));
  const start = performance.now();
  let isDone = false;
  const loop = load
    .closedLoop({ port: server.port, connections: CONNECTIONS, seconds: SECONDS, firstRequest: 0 })
    .finally(() => {
      isDone = true;
    });
  // The loop can fail before it is awaited below.
  loop.catch(() => undefined);
  const points: Point[] = [];
  while (!isDone) {
    points.push({ x: (performance.now() - start) / 1000, y: rssMb(server.pid) });
    server.clearLog();
    await sleep(SAMPLE_INTERVAL_MS);
  }
  const { succeeded, rejected, failures, latency } = await loop;
  await restoreSeed(database.sql);
  return {
    name: 'soak',
    title: 'Memory over ten minutes of load',
    x: { label: 'seconds' },
    y: { label: 'RSS of the service, MB' },
    series: [{ name: 'service', points }],
    notes: [
      `${succeeded} requests of the mix succeeded, ${rejected} were rejected; failed: ${JSON.stringify(failures)}; p99 ${formatNumber(latency.p99)} ms.`,
      `Drift, as the median RSS of the last fifth over the median of the second fifth: ${drift(points.map(({ y }) => y)).toFixed(3)}.`,
    ],
  };
}

/** Compares the last fifth with the second, because the first includes the warm-up. */
function drift(values: readonly number[]): number {
  const fifth = Math.floor(values.length / 5);
  return median(values.slice(-fifth)) / median(values.slice(fifth, 2 * fifth));
}
