import type { Streak } from './view-streak.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type StreakMapper = Streak;
