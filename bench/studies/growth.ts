import { statfs } from 'node:fs/promises';
import postgres from 'postgres';
import { say } from '../../dev/lib/say.ts';
import { migrate } from '../../src/db/migrate.ts';
import type { Bench } from '../lib/bench.ts';
import { DATA_DIR } from '../lib/database.ts';
import { type HttpRequest, requestBytes } from '../lib/http-request.ts';
import { serviceProgram } from '../lib/programs.ts';
import { randomNumbers } from '../lib/random.ts';
import { insertBadges, personId } from '../lib/seed.ts';
import { startServer } from '../lib/server.ts';
import { median } from '../lib/statistics.ts';
import type { Point, Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';

const SIZES = [10_000, 100_000, 1_000_000, 10_000_000];
const BADGES_EACH = 10;
const NEEDED_GB = 12;
const DATABASE = 'bench_growth';
const ROUNDS = 3;
const ROUND = { connections: 1, seconds: 2, from: 0 };

/** How long one person's list takes in a table of 10^4 to 10^7 badges: ten each, so that there are ever more people. */
export async function growthStudy(bench: Bench): Promise<Study> {
  const { bavail, bsize } = await statfs(DATA_DIR);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb < NEEDED_GB) throw new Error(`growth needs ${NEEDED_GB} GB of disk, and ${figure(freeGb)} are free`);
  const points: { p50: Point[]; p99: Point[] } = { p50: [], p99: [] };
  try {
    for (const size of SIZES) {
      await fill(bench, size);
      const { p50, p99 } = await timeOnePerson(bench, size);
      points.p50.push({ x: size, y: p50 });
      points.p99.push({ x: size, y: p99 });
    }
  } finally {
    await bench.database.sql.unsafe(`drop database if exists ${DATABASE} with (force)`);
  }
  const [smallest, largest] = [points.p50.at(0)?.y ?? 0, points.p50.at(-1)?.y ?? 0];
  return {
    name: 'growth',
    title: "One person's badges in a growing table",
    x: { label: 'badges in the table', log: true },
    y: { label: 'GET /users/{id}/badges, ms' },
    lines: [
      { name: 'p50', points: points.p50 },
      { name: 'p99', points: points.p99 },
    ],
    facts: [
      `One connection, nothing else running: medians of ${ROUNDS} rounds.`,
      `At the end p50 is ${(largest / smallest).toFixed(2)} times what it was at the beginning.`,
    ],
  };
}

async function fill(bench: Bench, badges: number): Promise<void> {
  const people = badges / BADGES_EACH;
  await bench.database.server.ensureDatabase(DATABASE);
  const url = bench.database.server.url(DATABASE);
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const start = performance.now();
  try {
    // No look at the other table for each row.
    await sql`set session_replication_role = replica`;
    await sql`truncate badges, learning_goals, idempotency_keys, auth_users restart identity`;
    await sql`insert into auth_users (id) select md5('person ' || n) from generate_series(1, ${people}::int) n`;
    await insertBadges(sql, { people, badges });
    await sql`vacuum (analyze) auth_users, badges`;
  } finally {
    await sql.end();
  }
  say(`${badges.toLocaleString('en')} badges made in ${figure((performance.now() - start) / 1000)} s`);
}

/** In milliseconds; a server of its own, for the others use another database. */
async function timeOnePerson(bench: Bench, badges: number): Promise<{ p50: number; p99: number }> {
  const random = randomNumbers(badges);
  const request = (): HttpRequest => {
    const id = personId(1 + Math.floor((random() * badges) / BADGES_EACH));
    return { method: 'GET', path: `/users/${id}/badges`, token: bench.tokens.tokenOf(personId(1)) };
  };
  await bench.load.use(Array.from({ length: 20_000 }, () => requestBytes(request())));
  const surroundings = { ...bench.surroundings, databaseUrl: bench.database.server.url(DATABASE) };
  const server = await startServer({ ...serviceProgram(surroundings), name: 'growth' }, bench.cores.server);
  try {
    const latencies = [];
    for (let round = 0; round <= ROUNDS; round++) {
      latencies.push((await bench.load.closed({ ...ROUND, port: server.port })).latency);
    }
    const measured = latencies.slice(1);
    return { p50: median(measured.map(({ p50 }) => p50)), p99: median(measured.map(({ p99 }) => p99)) };
  } finally {
    await server.stop();
  }
}
