import postgres from 'postgres';
import { print } from '../../dev/lib/output.ts';
import { migrate } from '../../src/db/migrations.ts';
import { insertBadges, insertUsers, userId } from '../database/seed.ts';
import type { Environment } from '../environment/environment.ts';
import { median } from '../measurement/statistics.ts';
import { serviceProgram } from '../processes/programs.ts';
import { cpuTimeBetween, treeCpuTimes } from '../processes/resource-usage.ts';
import { type ServerProcess, startServer } from '../processes/server-process.ts';
import { formatNumber } from '../report/format-number.ts';
import { serializeRequest } from '../workloads/http-request.ts';
import { seededRandom } from '../workloads/random.ts';
import { requireDiskSpace } from './disk-space.ts';
import type { ChartResult, Point } from './study.ts';

const TABLE_SIZES = [10_000, 100_000, 1_000_000, 10_000_000];
const BADGES_PER_USER = 10;
const REQUIRED_GB = 12;
const REQUESTS = 5000;
/** The first round is the warm-up. */
const ROUNDS = 5;
const LOAD = { connections: 1, seconds: 2, firstRequest: 0 };

/** A service on a database with this number of badges. */
interface SizedService {
  badges: number;
  requests: Buffer[];
  server: ServerProcess;
  samples: Sample[];
}

interface Sample {
  p50: number;
  p99: number;
  databaseCpuMs: number;
}

/** Measures the latency of one user's badges in tables of 10^4 to 10^7 badges. Every user has ten badges. */
export async function growthStudy(environment: Environment): Promise<ChartResult> {
  await requireDiskSpace('growth', REQUIRED_GB);
  await using stack = environment.openStack();
  const services: SizedService[] = [];
  for (const badges of TABLE_SIZES) services.push(await startSizedService(environment, badges, stack));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const service of services) service.samples.push(await takeSample(environment, service));
  }
  const p50 = medianPoints(services, (sample) => sample.p50);
  const ratio = (p50.at(-1)?.y ?? 0) / (p50.at(0)?.y ?? 0);
  return {
    name: 'growth',
    title: "One user's badges in a growing table",
    x: { label: 'badges in the table', log: true },
    y: { label: 'GET /users/{id}/badges, ms' },
    series: [
      { name: 'p50', points: p50 },
      { name: 'p99', points: medianPoints(services, (sample) => sample.p99) },
      { name: 'CPU of PostgreSQL', points: medianPoints(services, (sample) => sample.databaseCpuMs) },
    ],
    notes: [
      `One connection and no other load; medians of ${ROUNDS} interleaved rounds.`,
      `The p50 in the largest table is ${ratio.toFixed(2)} times that in the smallest.`,
    ],
  };
}

function medianPoints(services: readonly SizedService[], read: (sample: Sample) => number): Point[] {
  return services.map(({ badges, samples }) => ({ x: badges, y: median(samples.slice(1).map(read)) }));
}

async function takeSample({ load, database }: Environment, { requests, server }: SizedService): Promise<Sample> {
  await load.setRequests(requests);
  const before = treeCpuTimes(database.pid);
  const { succeeded, latency } = await load.closedLoop({ ...LOAD, port: server.port });
  return { ...latency, databaseCpuMs: cpuTimeBetween(before, treeCpuTimes(database.pid)) / succeeded };
}

async function startSizedService(
  environment: Environment,
  badges: number,
  stack: AsyncDisposableStack,
): Promise<SizedService> {
  const { cores, database, programOptions, tokens } = environment;
  const name = `bench_growth_${badges}`;
  stack.defer(async () => void (await database.sql.unsafe(`drop database if exists ${name} with (force)`)));
  await database.server.ensureDatabase(name);
  const databaseUrl = database.server.url(name);
  await fillDatabase(databaseUrl, badges);
  const server = await startServer({ ...serviceProgram({ ...programOptions, databaseUrl }), name }, cores.server);
  stack.defer(server.stop);
  const random = seededRandom(badges);
  const requests = Array.from({ length: REQUESTS }, () => {
    const id = userId(1 + Math.floor((random() * badges) / BADGES_PER_USER));
    return serializeRequest({ method: 'GET', path: `/users/${id}/badges`, token: tokens.tokenFor(userId(1)) });
  });
  return { badges, requests, server, samples: [] };
}

async function fillDatabase(url: string, badges: number): Promise<void> {
  const users = badges / BADGES_PER_USER;
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const start = performance.now();
  try {
    // Skips the foreign key check of each row.
    await sql`set session_replication_role = replica`;
    await sql`truncate auth_users, idempotency_keys restart identity cascade`;
    await insertUsers(sql, users);
    await insertBadges(sql, { users, badges });
    await sql`vacuum (analyze) auth_users, badges`;
  } finally {
    await sql.end();
  }
  print(`Inserted ${badges.toLocaleString('en')} badges in ${formatNumber((performance.now() - start) / 1000)} s.`);
}
