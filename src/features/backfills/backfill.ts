/** A run over all users that awards the badges of a definition which they have earned by earlier activities. */
export interface BadgeBackfill {
  id: number;
  definitionKey: string;
  /** Whether it counts the badges and awards none. */
  dryRun: boolean;
  usersExamined: number;
  badgesAwarded: number;
  /** The first awards, at most 10. */
  samples: BackfillSample[];
  /** RFC 3339, UTC. */
  startedAt: string;
  /** Null while it runs. */
  finishedAt: string | null;
}

export interface BackfillSample {
  userId: string;
  awardKey: string;
  dateAchieved: string;
}

/** A backfill that this replica runs. */
export interface ClaimedBackfill {
  id: number;
  definitionKey: string;
  dryRun: boolean;
  /** Whether no replica has run it before. */
  isFirstClaim: boolean;
  /** The last user that was examined. */
  lastUserId: string;
  samples: BackfillSample[];
  /** Attempts since the last progress, this one included. */
  attempts: number;
}

/** The work of a replica since it last saved progress. */
export interface BackfillProgress {
  id: number;
  lastUserId: string;
  usersExamined: number;
  badgesAwarded: number;
  samples: readonly BackfillSample[];
}

export const MAX_SAMPLES = 10;

/** Completes "Not authorized to ...". */
export const BACKFILL_BADGES = 'start a badge backfill';
