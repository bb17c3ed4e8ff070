import type { BadgeEvidence, EvidenceReplay } from './evidence.ts';
import type { BadgeProgress } from './progress.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type BadgeEvidenceMapper = BadgeEvidence;
export type EvidenceReplayMapper = EvidenceReplay;
export type BadgeProgressMapper = BadgeProgress;
