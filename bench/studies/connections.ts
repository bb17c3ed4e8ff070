import type { Environment } from '../environment/environment.ts';
import { measureMedians } from '../measurement/measure-workload.ts';
import { formatNumber } from '../report/format-number.ts';
import { entities } from '../workloads/entities.ts';
import { addPoint, type ChartResult, type Series } from './study.ts';

const CONNECTIONS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SERVERS = ['service', 'limit', 'apollo-express', 'mercurius'];
const ROUNDS = 3;
const SECONDS = 1;

/** Measures the requests per second by the number of connections. */
export async function connectionsStudy(environment: Environment): Promise<ChartResult> {
  const series: Series[] = [];
  const notes: string[] = [];
  for (const connections of CONNECTIONS) {
    const options = { rounds: ROUNDS, seconds: SECONDS, connections, servers: SERVERS };
    for (const result of await measureMedians(environment, entities(1), options)) {
      const { server, requestsPerSecond, p99, failed } = result;
      addPoint(series, server, { x: connections, y: requestsPerSecond });
      if (connections === CONNECTIONS.at(-1)) {
        notes.push(`${server} at ${connections}: p99 ${formatNumber(p99)} ms, ${failed} requests rejected or failed.`);
      }
    }
  }
  return {
    name: 'connections',
    title: 'Requests per second, by the number of connections',
    x: { label: 'connections', log: true },
    y: { label: '`_entities` of one user, requests per second' },
    series,
    notes,
  };
}
