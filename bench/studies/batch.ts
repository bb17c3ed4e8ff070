import type { Bench } from '../lib/bench.ts';
import { measureAt } from '../lib/rounds.ts';
import { addPoint, type Line, type Study } from '../lib/study.ts';
import { entities } from '../workloads/entities.ts';

const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const SERVERS = ['service', 'limit', 'apollo-express', 'mercurius'];
const ROUNDS = 3;
const SECONDS = 1;
/** Few, for a thousand people are a megabyte. */
const CONNECTIONS = 4;

/** What one person costs, by how many are asked for at once. */
export async function batchStudy(bench: Bench): Promise<Study> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const options = { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS, only: SERVERS };
    for (const { server, cpuMs } of await measureAt(bench, entities(size), options)) {
      addPoint(lines, server, { x: size, y: (cpuMs / size) * 1000 });
    }
  }
  return {
    name: 'batch',
    title: 'What one person costs, by the size of the batch',
    x: { label: 'people in one `_entities` request', log: true },
    y: { label: 'CPU of the server, µs a person', log: true },
    lines,
    facts: [`${CONNECTIONS} connections; medians of ${ROUNDS} rounds.`],
  };
}
