import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import { goalSeries } from '../streaks/series.ts';
import type { StreakValue } from '../streaks/streak.ts';
import { cacheStreaks, listGoalStreaks, viewGoalStreak } from '../streaks/view-streak.ts';
import type { EditableGoal } from './edit.ts';
import { type Goal, MAX_STREAK_COUNT } from './goal.ts';

type ReadStreaks = (context: RequestContext, goals: readonly Goal[]) => Promise<StreakValue[]>;

/** Returns the goals with the streak counts that clients see: computed for goals with activities, with one query. */
export function withStreakCounts(context: RequestContext, goals: Goal[]): Goal[] | Promise<Goal[]> {
  return goals.some(hasActivity) ? computed(context, goals) : goals;
}

const computed = derivedPerRequest((context, goals: Goal[]) => withComputed(context, goals, viewGoalStreaks));

/** Returns a goal with the streak count that clients see. */
export async function withStreakCount<Found extends Goal | null>(
  context: RequestContext,
  goal: Found,
): Promise<Found | Goal> {
  if (goal === null) return goal;
  const [found = goal] = await withComputed(context, [goal], viewGoalStreaks);
  return found;
}

/** Returns the goals of a page of a streamed list with those counts, and keeps nothing in the context. */
export function withStreakCountsOfPage(context: RequestContext, goals: Goal[]): Promise<Goal[]> {
  return withComputed(context, goals, listGoalStreaks);
}

/** Caches the streak that was read with the goal, so that its count needs no query. */
export function cacheStoredStreak(context: RequestContext, { id, userId, storedStreak }: EditableGoal): void {
  if (storedStreak !== null) cacheStreaks(context, userId, new Map([[goalSeries(id), storedStreak]]));
}

function viewGoalStreaks(context: RequestContext, goals: readonly Goal[]): Promise<StreakValue[]> {
  return Promise.all(goals.map((goal) => viewGoalStreak(context, goal)));
}

function hasActivity({ firstActivityOn }: Goal): boolean {
  return firstActivityOn !== null;
}

async function withComputed(context: RequestContext, goals: Goal[], read: ReadStreaks): Promise<Goal[]> {
  const active = goals.filter(hasActivity);
  if (active.length === 0) return goals;
  const streaks = await read(context, active);
  const counts = new Map(active.map((goal, index) => [goal.id, streakCount(goal, streaks[index] as StreakValue)]));
  return goals.map((goal) => ({ ...goal, streakCount: counts.get(goal.id) ?? goal.streakCount }));
}

/** Adds the count of the client while the current run contains the first activity. */
function streakCount({ firstActivityOn, streakBase }: Goal, { current, startedOn, lastActiveOn }: StreakValue): number {
  if (firstActivityOn === null || startedOn === null || lastActiveOn === null) return current;
  const isInRun = startedOn <= firstActivityOn && firstActivityOn <= lastActiveOn;
  return Math.min(current + (isInRun ? (streakBase ?? 0) : 0), MAX_STREAK_COUNT);
}
