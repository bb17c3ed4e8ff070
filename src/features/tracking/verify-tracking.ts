import {
  type AdminConnection,
  openAdminConnection,
  READ_COMMITTED,
  removeLimits,
  type Sql,
} from '../../db/admin-connection.ts';
import type { Pooler } from '../../db/database-url.ts';
import { LOCK_TIMEOUT_MS, LockRetries, type Print, retryLockTimeouts } from '../../db/lock-retries.ts';
import { RowProgress } from '../../db/migration-progress.ts';
import { textArray } from '../../db/query/prepared-query.ts';
import { instantText } from '../../lib/instant.ts';
import { dateAt } from '../../lib/local-date.ts';
import { advance, encodeSteps, stepDates, valueOn } from '../streaks/forecast.ts';
import { ALL, goalSeries, type Series } from '../streaks/series.ts';
import { neutralDateTest, type StreakValue } from '../streaks/streak.ts';
import { DEFAULT_TIME_ZONE, shortDateTest } from '../streaks/zones.ts';
import {
  findSumDifferences,
  type KeptStreak,
  listTrackedUserIds,
  listUserIdsAfter,
  lockAndReplaceSums,
  readStreakFacts,
  replaceStreaks,
  type StreakFacts,
  type StreakRow,
  type SumDifference,
} from './verification.store.ts';

/** Users of a batch, which one transaction reads. */
const BATCH_SIZE = 100;
/** Differences that a verification lists. */
const MAX_DIFFERENCES = 10;
/** All statements of a batch have the snapshot of the first one, so the service may write at the same time. */
const ONE_SNAPSHOT = 'isolation level repeatable read read only';

interface TrackingVerification {
  /** The number of sums, by date and in total, and of streaks that differ from the activities. */
  wrongSums: number;
  wrongStreaks: number;
  /** The first differences, a line each. */
  differences: string[];
}

interface VerifyOptions {
  repair: boolean;
  pooler?: Pooler | undefined;
  /** Prints the progress every few seconds, and a line while a row stays locked. */
  print?: Print;
  now?: () => Date;
}

/**
 * Compares the kept sums and streaks of all users with a recount of their activities, from this moment on. `repair`
 * also replaces those of each user with a difference, in a transaction that locks the user. It waits 300 ms for the
 * lock, and repeats that for up to two minutes.
 * @throws Error when another transaction holds a lock for longer
 */
export async function verifyTracking(
  databaseUrl: string,
  { repair, pooler, print = () => undefined, now = () => new Date() }: VerifyOptions,
): Promise<TrackingVerification> {
  const connection = await openAdminConnection(databaseUrl, { application_name: 'user-service verify' }, pooler);
  try {
    const result: TrackingVerification = { wrongSums: 0, wrongStreaks: 0, differences: [] };
    const progress = await RowProgress.start('update auth_users', { print, monitor: connection });
    let userIds: string[];
    let after = '';
    do {
      const batch = await readBatch(connection, { after, now });
      userIds = batch.userIds;
      after = userIds.at(-1) ?? after;
      for (const user of batch.differences) {
        add(result, user);
        if (repair) await repairUser(connection, { userId: user.userId, now, print });
      }
      // The last batch is not full: a small database prints nothing.
      if (userIds.length === BATCH_SIZE) progress.add(userIds.length);
    } while (userIds.length === BATCH_SIZE);
    return result;
  } finally {
    await connection.end({ timeout: 5 });
  }
}

/** The differences of one user, of which it has a text for the first ones. */
interface UserDifferences {
  userId: string;
  wrongSums: number;
  wrongStreaks: number;
  texts: string[];
}

interface Batch {
  userIds: string[];
  /** Of the users with differences. */
  differences: UserDifferences[];
}

function readBatch(connection: AdminConnection, { after, now }: { after: string; now: () => Date }): Promise<Batch> {
  return connection.begin(ONE_SNAPSHOT, async (tx) => {
    await removeLimits(tx, LOCK_TIMEOUT_MS);
    const userIds = await listUserIdsAfter(tx, after, BATCH_SIZE);
    const users = new Map<string, UserDifferences>();
    const ofUser = (userId: string): UserDifferences => {
      const known = users.get(userId) ?? { userId, wrongSums: 0, wrongStreaks: 0, texts: [] };
      users.set(userId, known);
      return known;
    };
    for (const difference of await findSumDifferences(tx, { userIds: textArray(userIds), limit: MAX_DIFFERENCES })) {
      const user = ofUser(difference.userId);
      user.wrongSums = difference.total;
      user.texts.push(sumText(difference));
    }
    for (const userId of await listTrackedUserIds(tx, textArray(userIds))) {
      const texts = streakDifferences(await readStreakFacts(tx, userId), now());
      if (texts.length === 0) continue;
      const user = ofUser(userId);
      user.wrongStreaks = texts.length;
      user.texts.push(...texts.slice(0, MAX_DIFFERENCES));
    }
    return { userIds, differences: [...users.values()] };
  }) as Promise<Batch>;
}

function sumText({ series, date, kept, expected }: SumDifference): string {
  const sum = date === null ? `the total of ${series}` : `the sum of ${series} on ${date}`;
  return `${sum} is ${kept}, expected ${expected}`;
}

function add(result: TrackingVerification, { userId, wrongSums, wrongStreaks, texts }: UserDifferences): void {
  result.wrongSums += wrongSums;
  result.wrongStreaks += wrongStreaks;
  const lines = texts.map((text) => `user ${userId}: ${text}`);
  result.differences.push(...lines.slice(0, MAX_DIFFERENCES - result.differences.length));
}

interface UserRepair {
  userId: string;
  now: () => Date;
  print: Print;
}

function repairUser(connection: AdminConnection, { userId, now, print }: UserRepair): Promise<void> {
  const attempt = () =>
    connection.begin(READ_COMMITTED, async (tx: Sql) => {
      await removeLimits(tx, LOCK_TIMEOUT_MS);
      await lockAndReplaceSums(tx, userId);
      const facts = await readStreakFacts(tx, userId);
      await replaceStreaks(tx, userId, [...expectedStreaks(facts, now()).values()]);
    }) as Promise<void>;
  return retryLockTimeouts(new LockRetries('a row of auth_users', print), attempt);
}

/** Returns the streaks that a write would store now, computed from all activities. */
function expectedStreaks({ zones, excused, goals, dates, streaks }: StreakFacts, at: Date): Map<Series, StreakRow> {
  const now = instantText(at);
  const timeZone = zones.at(-1)?.timeZone ?? DEFAULT_TIME_ZONE;
  const today = dateAt(now, timeZone);
  const isNeutral = neutralDateTest(excused, shortDateTest(zones));
  const datesOf = new Map(dates);
  const stored = new Map(streaks);
  const series = [
    { name: ALL, timesPerWeek: null },
    ...goals.map(({ id, ...goal }) => ({ name: goalSeries(id), ...goal })),
  ];
  const tracked = series.filter(({ name }) => datesOf.has(name) || stored.has(name));
  return new Map(
    tracked.map(({ name, timesPerWeek }) => {
      const input = { dates: datesOf.get(name) ?? [], timesPerWeek, isNeutral, today };
      const { checkpoint, steps } = advance({ ...input, checkpoint: null, now });
      return [name, { series: name, timesPerWeek, timeZone, checkpoint, forecast: encodeSteps(steps) }];
    }),
  );
}

function streakDifferences(facts: StreakFacts, at: Date): string[] {
  const expected = expectedStreaks(facts, at);
  const stored = new Map(facts.streaks);
  const datesOf = new Map(facts.dates);
  const differences = facts.goals
    .filter(({ id, firstActivityOn }) => firstActivityOn === null && datesOf.has(goalSeries(id)))
    .map(({ id }) => `the goal ${id} has activities, but no date of the first one`);
  for (const series of new Set([...stored.keys(), ...expected.keys()])) {
    const difference = streakDifference(stored.get(series), expected.get(series), at);
    if (difference !== undefined) differences.push(`the streak of ${series} ${difference}`);
  }
  return differences;
}

function streakDifference(
  stored: KeptStreak | undefined,
  expected: KeptStreak | undefined,
  at: Date,
): string | undefined {
  if (stored === undefined) return 'is missing';
  if (expected === undefined) return 'has no goal';
  for (const name of ['timesPerWeek', 'timeZone'] as const) {
    if (stored[name] !== expected[name]) return `has the ${name} ${stored[name]}, expected ${expected[name]}`;
  }
  const today = dateAt(instantText(at), expected.timeZone);
  if (!isReadable(stored.forecast)) return 'has a forecast that cannot be read';
  const dates = [today, ...stepDates(stored.forecast), ...stepDates(expected.forecast)]
    .filter((date) => date >= today)
    .sort();
  for (const date of dates) {
    const [value, right] = [valueOn(stored.forecast, date), valueOn(expected.forecast, date)];
    const name = (Object.keys(right) as (keyof StreakValue)[]).find((key) => value[key] !== right[key]);
    if (name !== undefined) return `has the ${name} ${value[name]} on ${date}, expected ${right[name]}`;
  }
  return undefined;
}

function isReadable(forecast: string): boolean {
  try {
    for (const date of stepDates(forecast)) valueOn(forecast, date);
    return true;
  } catch {
    return false;
  }
}
