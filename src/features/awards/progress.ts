import type { BadgeDefinition } from '../badge-definitions/definition.ts';

/** The progress of a user towards the badge of a definition. */
export interface BadgeProgress {
  definition: BadgeDefinition;
  current: number;
  target: number;
  /** At most 0.99 while the user does not have the badge. */
  ratio: number;
  /** The badge of the present period or run; null while the user does not have it. */
  badgeId: number | null;
}
