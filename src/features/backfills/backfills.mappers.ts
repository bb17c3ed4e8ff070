import type { BackfillSample, BadgeBackfill } from './backfill.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type BadgeBackfillMapper = BadgeBackfill;
export type BadgeBackfillSampleMapper = BackfillSample;
