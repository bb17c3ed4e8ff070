/** A set of a user's activities with sums and, except those of verbs, a streak. */
export type Series = string;

/** All activities of the user. */
export const ALL: Series = 'all';

/** Returns the series of the activities for a goal. */
export function goalSeries(goalId: number): Series {
  return `goal:${goalId}`;
}

/** Returns the series of the activities with a verb. */
export function verbSeries(verb: string): Series {
  return `verb:${verb}`;
}

/**
 * A user's id and a series, separated by a space, which neither contains. `streaks.store.ts` has the same form in SQL.
 */
export type StreakKey = string;

export function streakKey(userId: string, series: Series): StreakKey {
  return `${userId} ${series}`;
}
