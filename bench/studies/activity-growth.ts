import type { Sql } from 'postgres';
import { insertHistory, VERB } from '../database/insert-activities.ts';
import { insertDefinitions } from '../database/insert-definitions.ts';
import { insertUsers, userId } from '../database/seed.ts';
import { today } from '../database/seed-activities.ts';
import type { Environment } from '../environment/environment.ts';
import type { LoadOptions } from '../load-generator/messages.ts';
import { median } from '../measurement/statistics.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { type HttpRequest, serializeRequest } from '../workloads/http-request.ts';
import { seededRandom } from '../workloads/random.ts';
import { requireDiskSpace } from './disk-space.ts';
import { startSizedService } from './sized-service.ts';
import type { ChartResult, Point } from './study.ts';

/** Activities of the tables, rounded: one date of 30 has none. */
const TABLE_SIZES = [10_000, 100_000, 1_000_000, 10_000_000];
const DAYS_PER_USER = 100;
/** The disk space of all tables: 10^6 activities take 1.5 GB with their sums. */
const REQUIRED_GB = 17;
const REQUESTS = 10_000;
/** The first round is the warm-up. */
const ROUNDS = 5;
const LOAD = { connections: 1, seconds: 2 };

interface Operation {
  name: string;
  /** Returns a request of a user; `event` differs between requests. */
  request: (user: { id: string; token: string }, event: string) => HttpRequest;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'POST activities',
    request: ({ id, token }, event) => {
      const body = { event_id: event, verb: VERB, object_id: `lesson-${event}` };
      return { method: 'POST', path: `/users/${id}/activities`, body, token };
    },
  },
  { name: 'GET streak', request: ({ id, token }) => ({ method: 'GET', path: `/users/${id}/streak`, token }) },
];

/** A service on a database with this number of activities. */
interface SizedService {
  activities: number;
  server: ServerProcess;
  /** The median latency of each operation, one for each round. */
  latencies: Map<string, number[]>;
}

/** Measures the latency of recording an activity and of reading a streak in tables of 10^4 to 10^7 activities. */
export async function activityGrowthStudy(environment: Environment): Promise<ChartResult> {
  await requireDiskSpace('activity-growth', REQUIRED_GB);
  await using stack = environment.openStack();
  const services: SizedService[] = [];
  for (const size of TABLE_SIZES) services.push(await startService(environment, size, stack));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const service of services) await takeRound(environment, service, round);
  }
  const series = OPERATIONS.map(({ name }) => ({ name, points: medianPoints(services, name) }));
  return {
    name: 'activity-growth',
    title: 'Recording an activity and reading a streak in growing tables',
    x: { label: 'activities in the table', log: true },
    y: { label: 'p50, ms' },
    series,
    notes: [
      `One connection and no other load; medians of ${ROUNDS} interleaved rounds.`,
      ...series.map(({ name, points }) => {
        const ratio = (points.at(-1)?.y ?? 0) / (points.at(0)?.y ?? 0);
        return `${name}: the p50 in the largest table is ${ratio.toFixed(2)} times that in the smallest.`;
      }),
    ],
  };
}

function medianPoints(services: readonly SizedService[], operation: string): Point[] {
  return services.map(({ activities, latencies }) => ({
    x: activities,
    y: median(latencies.get(operation)?.slice(1) ?? []),
  }));
}

async function takeRound({ load, tokens }: Environment, service: SizedService, round: number): Promise<void> {
  const { activities, server, latencies } = service;
  const random = seededRandom(activities + round);
  const users = Array.from({ length: REQUESTS }, () => userId(1 + Math.floor((random() * activities) / DAYS_PER_USER)));
  for (const { name, request } of OPERATIONS) {
    const tokenFor = (id: string) => (name === 'GET streak' ? tokens.tokenFor(userId(1)) : tokens.tokenFor(id));
    const requests = users.map((id, n) => serializeRequest(request({ id, token: tokenFor(id) }, `${round}-${n}`)));
    await load.setRequests(requests);
    const options: LoadOptions = { ...LOAD, port: server.port, firstRequest: 0 };
    const { latency, failed, rejected } = await load.closedLoop(options);
    if (failed + rejected > 0) throw new Error(`${name} failed ${failed + rejected} times.`);
    latencies.set(name, [...(latencies.get(name) ?? []), latency.p50]);
  }
  server.clearLog();
}

async function startService(
  environment: Environment,
  activities: number,
  stack: AsyncDisposableStack,
): Promise<SizedService> {
  const count = activities / DAYS_PER_USER;
  const users = Array.from({ length: count }, (_, n) => n + 1);
  const fill = async (sql: Sql) => {
    await insertUsers(sql, count);
    await insertDefinitions(sql);
    await insertHistory(sql, { users, days: DAYS_PER_USER, today: today() });
    await sql`vacuum (analyze) auth_users, activities, activity_days, activity_totals, streaks`;
  };
  const server = await startSizedService(environment, { name: 'activities', rows: activities, fill }, stack);
  return { activities, server, latencies: new Map() };
}
