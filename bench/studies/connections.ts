import type { Bench } from '../lib/bench.ts';
import { measureAt } from '../lib/rounds.ts';
import { addPoint, type Line, type Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import { entities } from '../workloads/entities.ts';

const NUMBERS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SERVERS = ['service', 'limit', 'apollo-express', 'mercurius'];
const ROUNDS = 3;
const SECONDS = 1;

/** Requests per second, by how many connections send at once. */
export async function connectionsStudy(bench: Bench): Promise<Study> {
  const lines: Line[] = [];
  const facts: string[] = [];
  for (const connections of NUMBERS) {
    const options = { rounds: ROUNDS, seconds: SECONDS, connections, only: SERVERS };
    for (const { server, perSecond, p99, failed } of await measureAt(bench, entities(1), options)) {
      addPoint(lines, server, { x: connections, y: perSecond });
      if (connections === NUMBERS.at(-1)) {
        facts.push(`${server} at ${connections}: p99 ${figure(p99)} ms, ${failed} requests not answered well.`);
      }
    }
  }
  return {
    name: 'connections',
    title: 'Requests per second, by the number of connections',
    x: { label: 'connections', log: true },
    y: { label: '`_entities` of one person, requests per second' },
    lines,
    facts,
  };
}
