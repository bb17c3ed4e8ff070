import { statfs } from 'node:fs/promises';
import postgres from 'postgres';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';
import { migrate } from '../../src/db/migrations.ts';
import type { Bench } from '../lib/bench.ts';
import { DATA_DIR } from '../lib/database.ts';
import { type HttpRequest, requestBytes } from '../lib/http-request.ts';
import { serviceProgram } from '../lib/programs.ts';
import { randomNumbers } from '../lib/random.ts';
import { insertBadges, personId } from '../lib/seed.ts';
import { type Server, startServer } from '../lib/server.ts';
import { median } from '../lib/statistics.ts';
import type { Point, Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import { familyCpuMs, usedBetween } from '../lib/usage.ts';

const SIZES = [10_000, 100_000, 1_000_000, 10_000_000];
const BADGES_EACH = 10;
const NEEDED_GB = 12;
const ROUNDS = 5;
const ROUND = { connections: 1, seconds: 2, from: 0 };

/** A database with so many badges, and a service over it. */
interface Place {
  badges: number;
  requests: Buffer[];
  server: Server;
  samples: Sample[];
}

interface Sample {
  p50: number;
  p99: number;
  databaseCpuMs: number;
}

/** How long one person's list takes in a table of 10^4 to 10^7 badges: ten each, so that there are ever more people. */
export async function growthStudy(bench: Bench): Promise<Study> {
  const { bavail, bsize } = await statfs(DATA_DIR);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb < NEEDED_GB) throw new CliError(`growth needs ${NEEDED_GB} GB of disk, and ${figure(freeGb)} are free.`);
  await using session = bench.session();
  const places: Place[] = [];
  for (const badges of SIZES) places.push(await furnish(bench, badges, session));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const place of places) place.samples.push(await takeSample(bench, place));
  }
  const p50 = pointsOf(places, (sample) => sample.p50);
  const last = (p50.at(-1)?.y ?? 0) / (p50.at(0)?.y ?? 0);
  return {
    name: 'growth',
    title: "One person's badges in a growing table",
    x: { label: 'badges in the table', log: true },
    y: { label: 'GET /users/{id}/badges, ms' },
    lines: [
      { name: 'p50', points: p50 },
      { name: 'p99', points: pointsOf(places, (sample) => sample.p99) },
      { name: 'CPU of PostgreSQL', points: pointsOf(places, (sample) => sample.databaseCpuMs) },
    ],
    facts: [
      `One connection, nothing else running: medians of ${ROUNDS} rounds, taken in turn.`,
      `At the end p50 is ${last.toFixed(2)} times what it is at the beginning.`,
    ],
  };
}

/** Medians; the first round warms up. */
function pointsOf(places: readonly Place[], read: (sample: Sample) => number): Point[] {
  return places.map(({ badges, samples }) => ({ x: badges, y: median(samples.slice(1).map(read)) }));
}

async function takeSample(bench: Bench, { requests, server }: Place): Promise<Sample> {
  await bench.load.use(requests);
  const before = familyCpuMs(bench.database.pid);
  const { good, latency } = await bench.load.closed({ ...ROUND, port: server.port });
  return { ...latency, databaseCpuMs: usedBetween(before, familyCpuMs(bench.database.pid)) / good };
}

async function furnish(bench: Bench, badges: number, session: AsyncDisposableStack): Promise<Place> {
  const database = `bench_growth_${badges}`;
  session.defer(async () => void (await bench.database.sql.unsafe(`drop database if exists ${database} with (force)`)));
  await bench.database.server.ensureDatabase(database);
  const databaseUrl = bench.database.server.url(database);
  await fill(databaseUrl, badges);
  const program = { ...serviceProgram({ ...bench.surroundings, databaseUrl }), name: database };
  const server = await startServer(program, bench.cores.server);
  session.defer(server.stop);
  const random = randomNumbers(badges);
  const request = (): HttpRequest => {
    const id = personId(1 + Math.floor((random() * badges) / BADGES_EACH));
    return { method: 'GET', path: `/users/${id}/badges`, token: bench.tokens.tokenOf(personId(1)) };
  };
  const requests = Array.from({ length: 5000 }, () => requestBytes(request()));
  return { badges, requests, server, samples: [] };
}

async function fill(url: string, badges: number): Promise<void> {
  const people = badges / BADGES_EACH;
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
  print(`${badges.toLocaleString('en')} badges made in ${figure((performance.now() - start) / 1000)} s`);
}
