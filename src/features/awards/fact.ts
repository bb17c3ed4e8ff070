import type { Leaf } from '../badge-definitions/rule.ts';

/** A question for one number about a user. */
export interface FactQuestion {
  userId: string;
  kind: 'count' | 'sum' | 'object' | 'date' | 'goals' | 'badge';
  /** The verb, or the definition of a badge; empty for goals. */
  subject: string;
  /** The first and the last local date of the activities; null without a bound. */
  from: string | null;
  to: string | null;
  /** Only what happened no later counts; null without a bound. */
  until: string | null;
}

/** A question for the dates on which a user was active. */
export type DatesQuestion = Pick<FactQuestion, 'userId' | 'from' | 'until'>;

/** The active dates of a user and what decides on the dates between them. */
export interface ActiveDates {
  dates: string[];
  zones: { effectiveFrom: string; timeZone: string }[];
  excused: { from: string; to: string }[];
}

/** A question for a badge of a definition with an award key between two keys, both included. */
export interface HeldQuestion {
  userId: string;
  definitionKey: string;
  firstKey: string;
  lastKey: string;
}

interface FactRange extends Pick<FactQuestion, 'userId' | 'until'> {
  period: Pick<FactQuestion, 'from' | 'to'>;
}

/** Returns the question for the number of a leaf; undefined for a streak, whose number is computed. */
export function questionOf(leaf: Leaf, { userId, period: { from, to }, until }: FactRange): FactQuestion | undefined {
  const overall = { userId, from: null, to: null, until };
  if ('streak' in leaf) return undefined;
  if ('badge' in leaf) return { ...overall, kind: 'badge', subject: leaf.badge.key };
  if ('goalsCompleted' in leaf) return { ...overall, kind: 'goals', subject: '' };
  if ('sum' in leaf) return { userId, kind: 'sum', subject: leaf.sum.verb, from, to, until };
  return { userId, kind: leaf.count.distinct ?? 'count', subject: leaf.count.verb, from, to, until };
}
