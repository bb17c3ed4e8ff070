import { maySee } from '../../auth/scopes.ts';
import { dateAt, endOfDate, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { valueOn } from './forecast.ts';
import { ALL, goalSeries, type Series, streakKey } from './series.ts';
import { noStreak, type StreakForecast, type StreakValue } from './streak.ts';
import { streakLoaders } from './streaks.loaders.ts';
import { findStreaks } from './streaks.store.ts';

/** A streak, without the time at which it expires: only some viewers may see that. */
export interface Streak extends StreakValue {
  userId: string;
  /** Null for a streak without activities. */
  stored: StreakForecast | null;
}

interface GoalRef {
  id: number;
  userId: string;
  timesPerWeek: number | null;
  /** Null for a goal without activities, which has no stored streak. */
  firstActivityOn: LocalDate | null;
}

/**
 * Replaces the streaks that a change has saved in the request's loaders, so that the payload takes no query for them. A
 * request can save several changes of a user.
 */
export function cacheStreaks(
  context: RequestContext,
  userId: string,
  streaks: ReadonlyMap<Series, StreakForecast>,
): void {
  const { overall, byKey } = streakLoaders(context);
  for (const [series, streak] of streaks) {
    const key = streakKey(userId, series);
    if (series === ALL) overall.clear(userId).prime(userId, streak);
    else byKey.clear(key).prime(key, streak);
  }
}

/** Returns the overall streak of a user. */
export async function viewStreak(context: RequestContext, userId: string): Promise<Streak> {
  const stored = await streakLoaders(context).overall.load(userId);
  return toStreak(context, stored, { userId, timesPerWeek: null });
}

/** Returns the streak of a goal; without a query when it has no activities. */
export async function viewGoalStreak(context: RequestContext, goal: GoalRef): Promise<Streak> {
  const { id, userId, firstActivityOn } = goal;
  const key = streakKey(userId, goalSeries(id));
  return toStreak(context, firstActivityOn === null ? null : await streakLoaders(context).byKey.load(key), goal);
}

/** Returns the overall streak of a user and the user's date now; null for a user without activities. */
export async function loadPresent(
  context: RequestContext,
  userId: string,
): Promise<{ streak: StreakValue; today: LocalDate } | null> {
  const stored = await streakLoaders(context).overall.load(userId);
  if (stored === null) return null;
  const today = dateAt(context.now(), stored.timeZone);
  return { streak: valueOn(stored.forecast, today), today };
}

/**
 * Returns the streaks of goals. Unlike `viewGoalStreak`, it keeps nothing in the context: for lists that are streamed.
 */
export async function listGoalStreaks(context: RequestContext, goals: readonly GoalRef[]): Promise<StreakValue[]> {
  const streaks = await findStreaks(
    context.db,
    goals.map(({ id, userId }) => streakKey(userId, goalSeries(id))),
  );
  const now = context.now();
  return goals.map(({ timesPerWeek }, index) => valueAt(streaks[index] ?? null, { now, timesPerWeek }));
}

function toStreak(
  { now }: RequestContext,
  stored: StreakForecast | null,
  { userId, timesPerWeek }: Pick<GoalRef, 'userId' | 'timesPerWeek'>,
): Streak {
  return { ...valueAt(stored, { now: now(), timesPerWeek }), userId, stored };
}

/** Returns the time at which `current` becomes 0; null for viewers who may not know the user's time zone. */
export function viewExpiry({ viewer }: RequestContext, { userId, stored, ...value }: Streak): string | null {
  return stored !== null && maySee(viewer, userId, 'activity:read') ? expiresAt(value, stored) : null;
}

function valueAt(
  stored: StreakForecast | null,
  { now, timesPerWeek }: { now: Date; timesPerWeek: number | null },
): StreakValue {
  return stored === null ? noStreak(timesPerWeek) : valueOn(stored.forecast, dateAt(now, stored.timeZone));
}

/** Returns the instant at which the streak expires, in the zone in force. */
export function expiresAt({ expiresOn }: StreakValue, { timeZone }: Pick<StreakForecast, 'timeZone'>): string | null {
  return expiresOn === null ? null : endOfDate(expiresOn, timeZone);
}
