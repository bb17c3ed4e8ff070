import type { Environment } from '../environment/environment.ts';
import { measureMedians } from '../measurement/measure-workload.ts';
import { entities } from '../workloads/entities.ts';
import { addPoint, type ChartResult, type Series } from './study.ts';

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const SERVERS = ['service', 'limit', 'apollo-express', 'mercurius'];
const ROUNDS = 3;
const SECONDS = 1;
/** Few, because a response for 1,000 users has a megabyte. */
const CONNECTIONS = 4;

/** Measures the CPU time for each user by the size of the batch. */
export async function batchStudy(environment: Environment): Promise<ChartResult> {
  const series: Series[] = [];
  for (const size of BATCH_SIZES) {
    const options = { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS, servers: SERVERS };
    for (const { server, cpuMsPerRequest } of await measureMedians(environment, entities(size), options)) {
      addPoint(series, server, { x: size, y: (cpuMsPerRequest / size) * 1000 });
    }
  }
  return {
    name: 'batch',
    title: 'CPU time per user, by the size of the batch',
    x: { label: 'users in one `_entities` request', log: true },
    y: { label: 'CPU time of the server, µs per user', log: true },
    series,
    notes: [`${CONNECTIONS} connections; medians of ${ROUNDS} rounds.`],
  };
}
