import { invalidField } from '../../errors.ts';
import { VERB } from '../../lib/verb.ts';

/** A condition that a user's activities, goals and badges fulfil or not. A closed set: each form is listed here. */
export type Rule = { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] } | Leaf;

/** A condition about one number. */
export type Leaf =
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

export type Distinct = 'object' | 'date';
export type LeafKind = 'count' | 'sum' | 'streak' | 'goalsCompleted' | 'badge';

/** The numbers that a rule compares. */
export interface Facts {
  /** Returns the leaf's number; for `badge` 1 when the user holds it, else 0. */
  numberOf(leaf: Leaf): number;
}

/** The time of a fact. Moments are ordered by the instant, then by the id. */
export interface Moment {
  /** RFC 3339, UTC, with at most six digits of a fraction. */
  at: string;
  /** That of an activity; 0 for a fact that is no activity. */
  id: number;
}

export interface Progress {
  current: number;
  target: number;
}

/** Levels of a rule; that of a leaf alone is 1. */
const MAX_DEPTH = 5;
const MAX_LEAVES = 20;
/** Maximum of `gte`: the targets of 20 leaves add up to less than 2^31, the limit of GraphQL's Int. */
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
    expected: 'must be the key of a badge definition',
  },
} as const satisfies Record<string, Member>;
type MemberName = keyof typeof MEMBERS;

/** The members of each kind of leaf, in the order in which they are stored. Only `distinct` is optional. */
const LEAVES: Readonly<Record<LeafKind, readonly MemberName[]>> = {
  count: ['verb', 'gte', 'distinct'],
  sum: ['verb', 'gte'],
  streak: ['gte'],
  goalsCompleted: ['gte'],
  badge: ['key'],
};
const LEAF_KINDS = Object.keys(LEAVES) as LeafKind[];
const KINDS: readonly string[] = ['all', 'any', ...LEAF_KINDS];

/**
 * Returns the rule in the form in which it is stored: members in one order, so that equal rules have equal JSON. Reading
 * stops at the first problem, so the limits of levels and leaves bound its work for any value.
 * @throws BAD_USER_INPUT whose message names the place, such as `rule.all[1].count.gte`
 */
export function readRule(value: unknown): Rule {
  return readNode(value, { path: 'rule', level: 1, read: { leaves: 0 } });
}

/** Returns the leaves from left to right. */
export function leavesOf(rule: Rule): Leaf[] {
  return 'all' in rule || 'any' in rule ? partsOf(rule).flatMap(leavesOf) : [rule];
}

export function kindOf(leaf: Leaf): LeafKind {
  return LEAF_KINDS.find((kind) => kind in leaf) as LeafKind;
}

/** Returns the verbs of the activities that the rule counts or sums. */
export function verbsOf(rule: Rule): Set<string> {
  const verbs = leavesOf(rule).flatMap((leaf) => {
    if ('count' in leaf) return leaf.count.verb;
    return 'sum' in leaf ? leaf.sum.verb : [];
  });
  return new Set(verbs);
}

/** Returns the keys of the definitions whose badges the rule asks for. */
export function badgeKeysOf(rule: Rule): Set<string> {
  return new Set(leavesOf(rule).flatMap((leaf) => ('badge' in leaf ? leaf.badge.key : [])));
}

export function holds(rule: Rule, facts: Facts): boolean {
  if ('all' in rule) return rule.all.every((part) => holds(part, facts));
  if ('any' in rule) return rule.any.some((part) => holds(part, facts));
  return facts.numberOf(rule) >= targetOf(rule);
}

/**
 * Returns how far the facts fulfil the rule. `current` is `target` if and only if the rule holds. For `all` it is the sum of
 * the parts, for `any` the part that is furthest, and the first of several.
 */
export function progressOf(rule: Rule, facts: Facts): Progress {
  if ('all' in rule) {
    return rule.all
      .map((part) => progressOf(part, facts))
      .reduce((sum, part) => ({ current: sum.current + part.current, target: sum.target + part.target }));
  }
  if ('any' in rule) {
    const share = ({ current, target }: Progress) => current / target;
    return rule.any
      .map((part) => progressOf(part, facts))
      .reduce((best, part) => (share(part) > share(best) ? part : best));
  }
  const target = targetOf(rule);
  return { current: Math.min(facts.numberOf(rule), target), target };
}

/**
 * Returns the moment that completed the rule: the latest of all parts, the earliest of any parts.
 * @param momentOf the moment that completed a leaf; null while it does not hold
 */
export function decidedBy(rule: Rule, momentOf: (leaf: Leaf) => Moment | null): Moment | null {
  if (!('all' in rule || 'any' in rule)) return momentOf(rule);
  const moments = partsOf(rule).map((part) => decidedBy(part, momentOf));
  const completed = moments.filter((moment) => moment !== null).sort(compareMoments);
  if ('any' in rule) return completed[0] ?? null;
  return completed.length < moments.length ? null : (completed.at(-1) ?? null);
}

/** Compares two moments for `sort`, which puts the earlier one first. */
export function compareMoments(a: Moment, b: Moment): number {
  const [left, right] = [sortableInstant(a.at), sortableInstant(b.at)];
  if (left !== right) return left < right ? -1 : 1;
  return a.id - b.id;
}

function partsOf(rule: Exclude<Rule, Leaf>): readonly Rule[] {
  return 'all' in rule ? rule.all : rule.any;
}

function targetOf(leaf: Leaf): number {
  if ('count' in leaf) return leaf.count.gte;
  if ('sum' in leaf) return leaf.sum.gte;
  if ('streak' in leaf) return leaf.streak.gte;
  return 'goalsCompleted' in leaf ? leaf.goalsCompleted.gte : 1;
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
  read: { leaves: number };
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
  read.leaves++;
  if (read.leaves > MAX_LEAVES) throw problem('rule', `must have at most ${MAX_LEAVES} conditions`);
  return readLeaf(kind as LeafKind, value[kind], place.path);
}

function readParts(value: unknown, place: Place): Rule[] {
  const { path } = place;
  if (!Array.isArray(value) || value.length === 0) throw problem(path, 'must be a list of one or more rules');
  return value.map((part, index) => readNode(part, { ...place, path: `${path}[${index}]` }));
}

function readLeaf(kind: LeafKind, value: unknown, path: string): Leaf {
  const names = LEAVES[kind];
  if (!isObject(value)) throw problem(path, `must be an object with the members ${names.join(', ')}`);
  const unknown = Object.keys(value).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw problem(path, `has an unknown member; its members are ${names.join(', ')}`);
  const present = names.filter((name) => name !== 'distinct' || Object.hasOwn(value, name));
  for (const name of present) {
    if (!MEMBERS[name].accepts(value[name])) throw problem(`${path}.${name}`, MEMBERS[name].expected);
  }
  return { [kind]: Object.fromEntries(present.map((name) => [name, value[name]])) } as unknown as Leaf;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(path: string, message: string) {
  return invalidField('rule', `${path} ${message}`);
}
