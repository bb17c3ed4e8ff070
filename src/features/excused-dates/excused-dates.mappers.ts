import type { ExcusedDates } from './range.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type ExcusedDatesMapper = ExcusedDates;
