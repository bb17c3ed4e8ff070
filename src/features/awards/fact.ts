import { type Condition, conditionsOf, type NumberOf, type Rule } from '../badge-definitions/rule.ts';

/** The key of one number about a user. */
export interface FactKey {
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

/** Returns whether the number is counted from single activities; other numbers are those of whole dates. */
export function readsActivities({ kind, from, until }: FactKey): boolean {
  return until !== null || (kind === 'object' && from !== null);
}

/** The key of the dates on which a user was active. */
export type ActiveDatesKey = Pick<FactKey, 'userId' | 'from' | 'until'>;

/** The active dates of a user and what decides on the dates between them. */
export interface ActiveDates {
  dates: string[];
  zones: { effectiveFrom: string; timeZone: string }[];
  excused: { from: string; to: string }[];
}

/** The key of a badge of a definition with an award key between two keys, both included. */
export interface HeldBadgeKey {
  userId: string;
  definitionKey: string;
  firstKey: string;
  lastKey: string;
}

interface FactRange extends Pick<FactKey, 'userId' | 'until'> {
  period: Pick<FactKey, 'from' | 'to'>;
}

/** Returns the key of the number of a condition; undefined for a streak, whose number is computed. */
export function factKeyOf(
  condition: Condition,
  { userId, period: { from, to }, until }: FactRange,
): FactKey | undefined {
  const overall = { userId, from: null, to: null, until };
  if ('streak' in condition) return undefined;
  if ('badge' in condition) return { ...overall, kind: 'badge', subject: condition.badge.key };
  if ('goalsCompleted' in condition) return { ...overall, kind: 'goals', subject: '' };
  if ('sum' in condition) return { userId, kind: 'sum', subject: condition.sum.verb, from, to, until };
  return { userId, kind: condition.count.distinct ?? 'count', subject: condition.count.verb, from, to, until };
}

/** Loads the numbers of the rule's conditions, all in the same tick. */
export async function loadNumbers(rule: Rule, load: (condition: Condition) => Promise<number>): Promise<NumberOf> {
  const conditions = conditionsOf(rule);
  const loaded = await Promise.all(conditions.map(load));
  const numbers = new Map(conditions.map((condition, index) => [condition, loaded[index] ?? 0]));
  return (condition) => numbers.get(condition) ?? 0;
}
