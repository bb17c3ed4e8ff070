import type { EnvReader } from './env-reader.ts';

/** The maximum numbers of rows of a user. */
export interface RowLimits {
  badgesPerUser: number;
  goalsPerUser: number;
}

export function readRowLimits(read: EnvReader): RowLimits {
  return {
    badgesPerUser: read.integer('MAX_BADGES_PER_USER', { fallback: 1000, min: 0, max: 1_000_000 }),
    goalsPerUser: read.integer('MAX_GOALS_PER_USER', { fallback: 500, min: 0, max: 1_000_000 }),
  };
}
