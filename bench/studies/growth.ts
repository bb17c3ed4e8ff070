import type { Sql } from 'postgres';
import { insertBadges, insertUsers, userId } from '../database/seed.ts';
import type { Environment } from '../environment/environment.ts';
import { median } from '../measurement/statistics.ts';
import { cpuTimeBetween, treeCpuTimes } from '../processes/resource-usage.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { serializeRequest } from '../workloads/http-request.ts';
import { seededRandom } from '../workloads/random.ts';
import { requireDiskSpace } from './disk-space.ts';
import { startSizedService } from './sized-service.ts';
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
  for (const badges of TABLE_SIZES) services.push(await startService(environment, badges, stack));
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

async function startService(
  environment: Environment,
  badges: number,
  stack: AsyncDisposableStack,
): Promise<SizedService> {
  const users = badges / BADGES_PER_USER;
  const fill = async (sql: Sql) => {
    await insertUsers(sql, users);
    await insertBadges(sql, { users, badges });
    await sql`vacuum (analyze) auth_users, badges`;
  };
  const server = await startSizedService(environment, { name: 'badges', rows: badges, fill }, stack);
  const token = environment.tokens.tokenFor(userId(1));
  const random = seededRandom(badges);
  const requests = Array.from({ length: REQUESTS }, () => {
    const id = userId(1 + Math.floor(random() * users));
    return serializeRequest({ method: 'GET', path: `/users/${id}/badges`, token });
  });
  return { badges, requests, server, samples: [] };
}
