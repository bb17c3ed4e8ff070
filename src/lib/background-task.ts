/**
 * The tasks that run in the background. `backfill` is an attempt at a backfill, and `backfill_user` a user that one has
 * skipped.
 */
export const BACKGROUND_TASKS = ['key_cleanup', 'backfill_search', 'backfill', 'backfill_user'] as const;

/** Counts a failure of a task. */
export type CountFailure = (task: (typeof BACKGROUND_TASKS)[number]) => void;
