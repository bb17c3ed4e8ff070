import type { ZoneChange } from '../../../src/features/streaks/zones.ts';
import { clockOf, shortDatesOf } from '../streaks/naive-streak.ts';

/** A rule as clients send it. */
export type RuleInput = { all: RuleInput[] } | { any: RuleInput[] } | Condition;

type Condition =
  | { count: { verb: string; gte: number; distinct?: string } }
  | { sum: { verb: string; gte: number } }
  | { streak: { gte: number } }
  | { goalsCompleted: { gte: number } }
  | { badge: { key: string } };

export interface Definition {
  key: string;
  repeat: string;
  /** Null for a badge that is only awarded by hand. */
  rule: RuleInput | null;
}

/** Instants are in milliseconds, dates are those of the user's clock. */
export interface CountedActivity {
  verb: string;
  quantity: number;
  objectId: string | undefined;
  at: number;
  date: string;
  isVoid: boolean;
}

export interface Award {
  key: string;
  awardKey: string;
  at: number;
  isByHand: boolean;
  isRevoked: boolean;
}

/** The data of a user of which awards are a function. */
export interface NaiveUser {
  /** The first date of the simulated time. */
  start: string;
  history: ZoneChange[];
  excused: { from: string; to: string; isVoid: boolean }[];
  activities: CountedActivity[];
  /** The times at which the goals were completed; null for a goal that is not. */
  goals: (number | null)[];
  awards: Award[];
}

/** The facts that a request has changed. */
export interface Change {
  verbs?: readonly string[];
  /** The dates of recorded activities, and excused dates. */
  dates?: readonly string[];
  /** Whether runs may be longer. */
  streak?: boolean;
  goals?: boolean;
  /** The definition of a badge that was awarded by hand or reinstated. */
  badge?: string;
  /** The definition that is evaluated for all activities so far. */
  backfill?: string;
}

/** The user's clock and the dates that end a run, as they are at an instant. */
interface Calendar {
  clock: (at: number) => string;
  today: string;
  breaks: (date: string) => boolean;
}

/** The dates of one award, and the instants at which it can be decided. */
interface Period {
  awardKey: string;
  includes: (date: string) => boolean;
  mayDecide: (at: number) => boolean;
  isPastRun?: boolean;
}

/** The facts that count towards one award. */
interface Facts {
  activities: CountedActivity[];
  completedGoals: number;
  badges: Set<string>;
  streak: () => number;
}

const DAY_MS = 86_400_000;
const always = () => true;

export function plus(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** An ISO week belongs to the year of its Thursday. */
function weekKey(date: string): string {
  const thursday = plus(date, 4 - (new Date(date).getUTCDay() || 7));
  const year = thursday.slice(0, 4);
  const days = (Date.parse(thursday) - Date.parse(`${year}-01-01`)) / DAY_MS;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}

/** Returns the award keys of dates; that of a run by its first date. */
export function keyOfDate(repeat: string): (date: string) => string {
  if (repeat === 'ONCE') return () => '';
  if (repeat === 'PER_STREAK') return (date) => `run:${date}`;
  return repeat === 'WEEKLY' ? weekKey : (date) => date.slice(0, 7);
}

const calendars = new WeakMap<NaiveUser, Map<string, Calendar>>();

export function calendarOf(user: NaiveUser, now: number): Calendar {
  const { start, history, excused } = user;
  const known = calendars.get(user) ?? new Map<string, Calendar>();
  calendars.set(user, known);
  const clock = clockOf({ start, history });
  const today = clock(now);
  const key = JSON.stringify([today, history, excused]);
  const calendar = known.get(key) ?? { clock, today, breaks: breaksOf(user, today) };
  known.set(key, calendar);
  return calendar;
}

/**
 * A date without activity ends a run when it is over, unless it is excused, or short with fewer than 2 others before
 * it.
 */
function breaksOf({ start, history, excused }: NaiveUser, today: string): (date: string) => boolean {
  const short = shortDatesOf({ start, history });
  const ranges = excused.filter(({ isVoid }) => !isVoid);
  const isNeutral = (date: string) => {
    if (ranges.some(({ from, to }) => from <= date && date <= to)) return true;
    const before = Array.from({ length: 29 }, (_, index) => plus(date, -1 - index));
    return short.has(date) && before.filter((one) => short.has(one)).length < 2;
  };
  return (date) => date < today && !isNeutral(date);
}

/** Returns the runs of the overall streak: dates with activity between which no date ends it. */
function runsOf(activities: readonly CountedActivity[], { breaks }: Calendar): string[][] {
  const runs: string[][] = [];
  for (const date of [...new Set(activities.map((activity) => activity.date))].sort()) {
    const run = runs.at(-1);
    let gap = plus(run?.at(-1) ?? date, 1);
    while (gap < date && !breaks(gap)) gap = plus(gap, 1);
    if (run === undefined || gap < date) runs.push([date]);
    else run.push(date);
  }
  return runs;
}

/** Returns the date that ended a run; undefined while the run lasts. */
function endOf(run: readonly string[], { today, breaks }: Calendar): string | undefined {
  for (let date = plus(run.at(-1) ?? '', 1); date < today; date = plus(date, 1)) if (breaks(date)) return date;
  return undefined;
}

const counting = ({ activities }: NaiveUser) => activities.filter(({ isVoid }) => !isVoid);

interface FactRange extends Pick<Period, 'includes'> {
  calendar: Calendar;
  until: number;
}

function factsOf(user: NaiveUser, { calendar, includes, until }: FactRange): Facts {
  const activities = counting(user).filter(({ at, date }) => at <= until && includes(date));
  const held = user.awards.filter(({ at, isRevoked }) => at <= until && !isRevoked);
  return {
    activities,
    completedGoals: user.goals.filter((at) => at !== null && at <= until).length,
    badges: new Set(held.map(({ key }) => key)),
    streak: () => Math.max(0, ...runsOf(activities, calendar).map(({ length }) => length)),
  };
}

function conditionsOf(rule: RuleInput): Condition[] {
  if ('all' in rule) return rule.all.flatMap(conditionsOf);
  return 'any' in rule ? rule.any.flatMap(conditionsOf) : [rule];
}

function targetOf(condition: Condition): number {
  return 'badge' in condition ? 1 : (Object.values(condition)[0] as { gte: number }).gte;
}

function numberOf(condition: Condition, facts: Facts): number {
  if ('streak' in condition) return facts.streak();
  if ('goalsCompleted' in condition) return facts.completedGoals;
  if ('badge' in condition) return facts.badges.has(condition.badge.key) ? 1 : 0;
  const { verb } = 'sum' in condition ? condition.sum : condition.count;
  const counted = facts.activities.filter((activity) => activity.verb === verb);
  if ('sum' in condition) return counted.reduce((sum, { quantity }) => sum + quantity, 0);
  const { distinct } = condition.count;
  if (distinct === undefined) return counted.length;
  return new Set(counted.flatMap(({ date, objectId }) => (distinct === 'date' ? date : (objectId ?? [])))).size;
}

function holds(rule: RuleInput, facts: Facts): boolean {
  if ('all' in rule) return rule.all.every((part) => holds(part, facts));
  if ('any' in rule) return rule.any.some((part) => holds(part, facts));
  return numberOf(rule, facts) >= targetOf(rule);
}

function asksFor(condition: Condition, badges: ReadonlySet<string>): boolean {
  return 'badge' in condition && badges.has(condition.badge.key);
}

/**
 * Returns whether the change is one of the facts that the rule is about; the run is one of each that repeats with it.
 */
function concerns({ verbs, streak, goals, backfill }: Change, definition: Definition, badges: ReadonlySet<string>) {
  const { key, repeat, rule } = definition;
  if (rule === null) return false;
  if (key === backfill || (streak && repeat === 'PER_STREAK')) return true;
  return conditionsOf(rule).some((condition) => {
    if ('streak' in condition) return streak;
    if ('goalsCompleted' in condition) return goals;
    if ('badge' in condition) return asksFor(condition, badges);
    return verbs?.includes('sum' in condition ? condition.sum.verb : condition.count.verb);
  });
}

/** Returns the periods with activity of which the user has no award, revoked or not. */
function periodsOf({ key, repeat }: Definition, user: NaiveUser, calendar: Calendar): Period[] {
  const held = user.awards.filter((award) => award.key === key).map(({ awardKey }) => awardKey);
  if (repeat === 'PER_STREAK') {
    return runsOf(counting(user), calendar)
      .filter((run) => !held.some((awardKey) => isOfRun(awardKey, run)))
      .map((run) => runPeriod(run, user, calendar));
  }
  const keyOf = keyOfDate(repeat);
  const keys = repeat === 'ONCE' ? [''] : new Set(counting(user).map(({ date }) => keyOf(date)));
  const periods = Array.from(keys, (awardKey) => ({
    awardKey,
    includes: (date: string) => keyOf(date) === awardKey,
    mayDecide: always,
  }));
  return periods.filter(({ awardKey }) => !held.includes(awardKey));
}

function isOfRun(awardKey: string, run: readonly string[]): boolean {
  return `run:${run[0]}` <= awardKey && awardKey <= `run:${run.at(-1)}`;
}

/** A goal or a badge decides from the first activity of the run to the end of the date that ends the run. */
function runPeriod(run: readonly string[], user: NaiveUser, calendar: Calendar): Period {
  const includes = (date: string) => date >= (run[0] ?? '') && date <= (run.at(-1) ?? '');
  const first = Math.min(...counting(user).flatMap(({ date, at }) => (includes(date) ? at : [])));
  const end = endOf(run, calendar);
  return {
    awardKey: `run:${run[0]}`,
    includes,
    mayDecide: (at) => at >= first && (end === undefined || calendar.clock(at) <= end),
    isPastRun: end !== undefined,
  };
}

/** Returns the first instant at which the rule holds over the facts so far; undefined when it does not hold. */
function decide(rule: RuleInput, period: Period, { user, calendar }: { user: NaiveUser; calendar: Calendar }) {
  const instants = [...counting(user).map(({ at }) => at), ...user.awards.map(({ at }) => at), ...user.goals];
  const moments = instants.filter((at) => at !== null && period.mayDecide(at)).sort((a, b) => Number(a) - Number(b));
  const isDecided = (until: number | null) =>
    until !== null && holds(rule, factsOf(user, { ...period, calendar, until }));
  return isDecided(moments.at(-1) ?? null) ? moments.find(isDecided) : undefined;
}

/**
 * Adds the awards that a change has earned. Rules ask for the badges of earlier definitions only. A past run is
 * evaluated only if the change concerns it: a void makes another run of the rest of a run, and earns nothing.
 */
export function earn(user: NaiveUser, definitions: readonly Definition[], change: Change & { now: number }): void {
  const calendar = calendarOf(user, change.now);
  const badges = new Set(change.badge === undefined ? [] : [change.badge]);
  for (const definition of definitions) {
    const { key, rule } = definition;
    if (rule === null || !concerns(change, definition, badges)) continue;
    const isEvaluated = ({ isPastRun, includes }: Period) =>
      !isPastRun ||
      key === change.backfill ||
      change.dates?.some(includes) ||
      conditionsOf(rule).some((condition) => asksFor(condition, badges));
    for (const period of periodsOf(definition, user, calendar).filter(isEvaluated)) {
      const at = decide(rule, period, { user, calendar });
      if (at == null) continue;
      user.awards.push({ key, awardKey: period.awardKey, at, isByHand: false, isRevoked: false });
      badges.add(key);
    }
  }
}

/** Returns whether the rule holds today for the award, over what happened no later than the deciding activity. */
export function replayOf({ rule, repeat }: Definition, user: NaiveUser, { award, now }: { award: Award; now: number }) {
  const keyOf = keyOfDate(repeat);
  const { awardKey, at: until } = award;
  const includes = (date: string) => (repeat === 'PER_STREAK' ? keyOf(date) >= awardKey : keyOf(date) === awardKey);
  const facts = factsOf(user, { calendar: calendarOf(user, now), includes, until });
  return holds(rule ?? { all: [] }, facts) ? 'REPRODUCED' : 'DRIFTED';
}

/**
 * Returns the progress in the present period or run, with the award key of its badge. Nothing counts while no run
 * lasts.
 */
export function progressOf({ key, rule, repeat }: Definition, user: NaiveUser, now: number) {
  const calendar = calendarOf(user, now);
  const run = runsOf(counting(user), calendar).findLast((one) => endOf(one, calendar) === undefined) ?? [];
  const keyOf = keyOfDate(repeat);
  const isPresent = (awardKey: string) =>
    repeat === 'PER_STREAK' ? isOfRun(awardKey, run) : awardKey === keyOf(calendar.today);
  const includes = (date: string) => isPresent(keyOf(date));
  const isNothing = repeat === 'PER_STREAK' && run.length === 0;
  const facts = factsOf(isNothing ? { ...user, goals: [], awards: [] } : user, { calendar, includes, until: now });
  const { current, target } = partOf(rule ?? { all: [] }, facts);
  const held = user.awards.filter((award) => award.key === key && !award.isRevoked && isPresent(award.awardKey));
  const badge = held.map(({ awardKey }) => awardKey).sort()[0] ?? null;
  const ratio = Math.floor((100 * current) / target) / 100;
  return { current, target, ratio: badge === null ? Math.min(ratio, 0.99) : ratio, badge };
}

function partOf(rule: RuleInput, facts: Facts): { current: number; target: number } {
  if ('all' in rule) {
    const parts = rule.all.map((part) => partOf(part, facts));
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
    return { current: sum(parts.map(({ current }) => current)), target: sum(parts.map(({ target }) => target)) };
  }
  if ('any' in rule) {
    const parts = rule.any.map((part) => partOf(part, facts));
    return parts.reduce((best, part) => (part.current / part.target > best.current / best.target ? part : best));
  }
  const target = targetOf(rule);
  return { current: Math.min(numberOf(rule, facts), target), target };
}
