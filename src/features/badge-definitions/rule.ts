import { invalidField } from '../../errors.ts';
import { isObject } from '../../lib/is-object.ts';
import { VERB } from '../../lib/verb.ts';

/** A condition, or a combination of rules by `all` or `any`. A closed set: each form is listed here. */
export type Rule = { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] } | Condition;

/** A condition about one number. */
export type Condition =
  /** The number of activities with the verb; with `distinct`, of their different objects or local dates. */
  | { readonly count: { readonly verb: string; readonly gte: number; readonly distinct?: Distinct } }
  /** The sum of the quantities of the activities with the verb. */
  | { readonly sum: { readonly verb: string; readonly gte: number } }
  /** The longest overall streak. */
  | { readonly streak: { readonly gte: number } }
  /** The number of completed goals. */
  | { readonly goalsCompleted: { readonly gte: number } }
  /** Whether the user holds the badge of another definition. */
  | { readonly badge: { readonly key: string } };

type Distinct = 'object' | 'date';
export type ConditionKind = 'count' | 'sum' | 'streak' | 'goalsCompleted' | 'badge';

/** Returns the number that a condition compares; for `badge` 1 when the user holds it, else 0. */
export type NumberOf = (condition: Condition) => number;

/** The time of a fact. Moments are ordered by the instant, then by the id. */
export interface Moment {
  /** RFC 3339, UTC, with at most six digits of a fraction. */
  at: string;
  /** That of an activity; 0 for a fact that is no activity. */
  id: number;
}

interface Progress {
  current: number;
  target: number;
}

/** The first activities of a week, month or run whose different objects count: no query reads more of them. */
export const MAX_PERIOD_ACTIVITIES = 50_000;
/** The first activities of all time with the verb of a condition whose different objects count. */
export const MAX_HISTORY_ACTIVITIES = 200_000;
/** Levels of a rule; that of a condition alone is 1. */
const MAX_DEPTH = 5;
const MAX_CONDITIONS = 20;
/** Maximum of `gte`: the targets of 20 conditions add up to less than 2^31, the limit of GraphQL's Int. */
const MAX_GTE = 100_000_000;
const FRACTION_DIGITS = 6;

/** The keys of badge definitions. */
export const DEFINITION_KEY = /^[a-z0-9][a-z0-9-]{1,62}$/;

interface Member {
  accepts: (value: unknown) => boolean;
  expected: string;
}

const MEMBERS = {
  verb: { accepts: (value) => typeof value === 'string' && VERB.test(value), expected: `must match ${VERB.source}` },
  gte: {
    accepts: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_GTE,
    expected: `must be an integer from 1 to ${MAX_GTE}`,
  },
  distinct: { accepts: (value) => value === 'object' || value === 'date', expected: 'must be "object" or "date"' },
  key: {
    accepts: (value) => typeof value === 'string' && DEFINITION_KEY.test(value),
    expected: `must match ${DEFINITION_KEY.source}`,
  },
} as const satisfies Record<string, Member>;
type MemberName = keyof typeof MEMBERS;

/** The members of each kind of condition, in the order in which they are stored. Only `distinct` is optional. */
const CONDITIONS: Readonly<Record<ConditionKind, readonly MemberName[]>> = {
  count: ['verb', 'gte', 'distinct'],
  sum: ['verb', 'gte'],
  streak: ['gte'],
  goalsCompleted: ['gte'],
  badge: ['key'],
};
const CONDITION_KINDS = Object.keys(CONDITIONS) as ConditionKind[];
const KINDS: readonly string[] = ['all', 'any', ...CONDITION_KINDS];

/**
 * Returns the rule in the form in which it is stored: members in one order, so that equal rules have equal JSON.
 * Reading stops at the first problem, so the limits of levels and conditions bound its work for any value.
 * @throws BAD_USER_INPUT whose message names the place, such as `rule.all[1].count.gte`
 */
export function readRule(value: unknown): Rule {
  return readNode(value, { path: 'rule', level: 1, read: { conditions: 0 } });
}

/** Returns the conditions from left to right. */
export function conditionsOf(rule: Rule): Condition[] {
  return 'all' in rule || 'any' in rule ? partsOf(rule).flatMap(conditionsOf) : [rule];
}

export function kindOf(condition: Condition): ConditionKind {
  return CONDITION_KINDS.find((kind) => kind in condition) as ConditionKind;
}

export function hasCondition(rule: Rule, kind: ConditionKind): boolean {
  return conditionsOf(rule).some((condition) => kindOf(condition) === kind);
}

/** Returns the verbs of the activities that the rule counts or sums. */
export function verbsOf(rule: Rule): Set<string> {
  const verbs = conditionsOf(rule).flatMap((condition) => {
    if ('count' in condition) return condition.count.verb;
    return 'sum' in condition ? condition.sum.verb : [];
  });
  return new Set(verbs);
}

/** Returns the number of completed goals that the conditions of the rule need; 0 when none counts goals. */
export function goalsNeededBy(rule: Rule): number {
  return Math.max(0, ...conditionsOf(rule).map((each) => ('goalsCompleted' in each ? each.goalsCompleted.gte : 0)));
}

/** Returns the keys of the definitions whose badges the rule asks for. */
export function badgeKeysOf(rule: Rule): Set<string> {
  return new Set(conditionsOf(rule).flatMap((condition) => ('badge' in condition ? condition.badge.key : [])));
}

export function holds(rule: Rule, numberOf: NumberOf): boolean {
  if ('all' in rule) return rule.all.every((part) => holds(part, numberOf));
  if ('any' in rule) return rule.any.some((part) => holds(part, numberOf));
  return numberOf(rule) >= targetOf(rule);
}

/**
 * Returns how far the numbers fulfil the rule. `current` is `target` if and only if the rule holds. For `all` it is the
 * sum of the parts, for `any` the part that is furthest, and the first of several.
 */
export function ruleProgress(rule: Rule, numberOf: NumberOf): Progress {
  if ('all' in rule) {
    return rule.all
      .map((part) => ruleProgress(part, numberOf))
      .reduce((sum, part) => ({ current: sum.current + part.current, target: sum.target + part.target }));
  }
  if ('any' in rule) {
    const share = (progress: Progress) => progress.current / progress.target;
    return rule.any
      .map((part) => ruleProgress(part, numberOf))
      .reduce((best, part) => (share(part) > share(best) ? part : best));
  }
  const target = targetOf(rule);
  return { current: Math.min(numberOf(rule), target), target };
}

/** The moment that completed a rule, and the conditions that did. */
export interface RuleDecision {
  moment: Moment;
  conditions: readonly Condition[];
}

/**
 * Returns how the rule was completed; null while it does not hold. Parts of `all` complete it at the moment of the
 * latest one. Parts of `any` complete it at that of the earliest one, which alone decides.
 * @param momentOf the moment that completed a condition; null while it does not hold
 */
export function decidedBy(rule: Rule, momentOf: (condition: Condition) => Moment | null): RuleDecision | null {
  if (!('all' in rule || 'any' in rule)) {
    const moment = momentOf(rule);
    return moment && { moment, conditions: [rule] };
  }
  const decisions = partsOf(rule).map((part) => decidedBy(part, momentOf));
  const completed = decisions.filter((one) => one !== null).sort((a, b) => compareMoments(a.moment, b.moment));
  if ('any' in rule) return completed[0] ?? null;
  const latest = completed.length < decisions.length ? undefined : completed.at(-1);
  return latest === undefined ? null : { ...latest, conditions: completed.flatMap(({ conditions }) => conditions) };
}

/** Compares two moments for `sort`, which puts the earlier one first. */
export function compareMoments(a: Moment, b: Moment): number {
  const [left, right] = [sortableInstant(a.at), sortableInstant(b.at)];
  if (left !== right) return left < right ? -1 : 1;
  return a.id - b.id;
}

function partsOf(rule: Exclude<Rule, Condition>): readonly Rule[] {
  return 'all' in rule ? rule.all : rule.any;
}

function targetOf(condition: Condition): number {
  if ('count' in condition) return condition.count.gte;
  if ('sum' in condition) return condition.sum.gte;
  if ('streak' in condition) return condition.streak.gte;
  return 'goalsCompleted' in condition ? condition.goalsCompleted.gte : 1;
}

/** Returns text that sorts as the instant does: its fraction always has six digits. */
function sortableInstant(at: string): string {
  const [seconds, fraction = ''] = at.slice(0, -1).split('.');
  return `${seconds}.${fraction.padEnd(FRACTION_DIGITS, '0')}`;
}

interface Place {
  path: string;
  level: number;
  /** Shared by all places of a rule. */
  read: { conditions: number };
}

function readNode(value: unknown, { path, level, read }: Place): Rule {
  if (level > MAX_DEPTH) throw problem(path, `is too deep: a rule has at most ${MAX_DEPTH} levels`);
  const [kind = '', ...others] = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || others.length > 0 || !KINDS.includes(kind)) {
    throw problem(path, `must be an object with exactly one of the members ${KINDS.join(', ')}`);
  }
  const place = { path: `${path}.${kind}`, level: level + 1, read };
  if (kind === 'all') return { all: readParts(value.all, place) };
  if (kind === 'any') return { any: readParts(value.any, place) };
  read.conditions++;
  if (read.conditions > MAX_CONDITIONS) throw problem('rule', `must have at most ${MAX_CONDITIONS} conditions`);
  return readCondition(kind as ConditionKind, value[kind], place.path);
}

function readParts(value: unknown, place: Place): Rule[] {
  const { path } = place;
  if (!Array.isArray(value) || value.length === 0) throw problem(path, 'must be a list of one or more rules');
  return value.map((part, index) => readNode(part, { ...place, path: `${path}[${index}]` }));
}

function readCondition(kind: ConditionKind, value: unknown, path: string): Condition {
  const names = CONDITIONS[kind];
  if (!isObject(value)) throw problem(path, `must be an object with the members ${names.join(', ')}`);
  const unknown = Object.keys(value).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw problem(path, `has an unknown member; its members are ${names.join(', ')}`);
  const present = names.filter((name) => name !== 'distinct' || Object.hasOwn(value, name));
  for (const name of present) {
    if (!MEMBERS[name].accepts(value[name])) throw problem(`${path}.${name}`, MEMBERS[name].expected);
  }
  return { [kind]: Object.fromEntries(present.map((name) => [name, value[name]])) } as unknown as Condition;
}

function problem(path: string, message: string) {
  return invalidField('rule', `${path} ${message}`);
}
