import type { Db } from '../../db/client.ts';
import { addDays, type LocalDate } from '../../lib/local-date.ts';
import { memoizeByArgs } from '../../lib/memoize-by-args.ts';
import { type Condition, compareMoments, type Moment } from '../badge-definitions/rule.ts';
import { ALL, verbSeries } from '../streaks/series.ts';
import { type StreakInput, windowsReaching } from '../streaks/streak.ts';
import { firstInstants } from '../streaks/zones.ts';
import { type DatesKey, type FirstActivityKey, findDatesOfSeries, findFirstActivities } from './active-dates.store.ts';
import { UNORDERED_DAYS } from './activity.ts';
import type { AwardPeriod } from './award-periods.ts';
import type { TrackingDraft } from './tracking-draft.ts';

export interface ConditionInPeriod {
  condition: Condition;
  period: AwardPeriod;
}

type DatesCondition = Extract<Condition, { count: unknown }>;

interface StreakInPeriod extends Pick<AwardPeriod, 'from' | 'to'> {
  length: number;
}

/** The dates whose first activities decide when a number of dates was reached. */
interface DecisiveDates {
  dates: readonly LocalDate[];
  /** The number of dates before them. */
  before: number;
}

/** A run of a daily streak that reached a length. */
interface DecisiveRun {
  from: LocalDate;
  to: LocalDate;
  /** The dates of which the latest first activity completed the run. */
  dates: readonly LocalDate[];
}

type VerbOnDate = Omit<FirstActivityKey, 'start'>;

interface ReachedStreak {
  moment: Moment;
  from: LocalDate;
  to: LocalDate;
}

/**
 * The dates with activities of a user as they are after a change, and their first activities. However long the history,
 * the dates come from `activity_days`, and only the activities of the dates that decide are read.
 */
export class DateFacts {
  readonly #db: Db;
  readonly #draft: TrackingDraft;
  readonly #dates = new Map<string, LocalDate[]>();
  readonly #firsts = new Map<string, Moment>();
  /** Memoized, because the search for the first activities and the decision need it, and it walks all dates. */
  readonly #decisiveRuns = memoizeByArgs(({ length, from, to }: StreakInPeriod): DecisiveRun[] => {
    const { today, isNeutral } = this.#draft;
    const dates = this.#dates.get(nameOfDates({ series: ALL, from, to })) ?? [];
    return runsReaching({ dates, isNeutral, today }, length);
  });

  constructor(db: Db, draft: TrackingDraft) {
    this.#db = db;
    this.#draft = draft;
  }

  /** Loads the dates that the conditions count. */
  async load(conditions: readonly ConditionInPeriod[]): Promise<void> {
    const names = new Map<string, DatesKey>();
    for (const key of conditions.flatMap((each) => datesKeyOf(each) ?? [])) names.set(nameOfDates(key), key);
    if (names.size === 0) return;
    const { user } = this.#draft;
    const stored = await findDatesOfSeries(this.#db, user.id, [...names.values()]);
    for (const [index, [name, { series, from, to }]] of [...names].entries()) {
      const known = [...(user.days.get(series)?.keys() ?? [])];
      const changed = known.filter((date) => date >= (from ?? date) && date <= (to ?? date));
      this.#dates.set(name, [...new Set([...(stored[index] ?? []), ...changed])].sort());
    }
  }

  /** Loads the first activities of the dates that decide the conditions. `load` comes first. */
  async loadFirstActivities(conditions: readonly ConditionInPeriod[]): Promise<void> {
    const names = new Map<string, VerbOnDate>();
    for (const key of conditions.flatMap((each) => this.#decisiveKeys(each))) names.set(nameOf(key), key);
    if (names.size === 0) return;
    const { user, recorded: added } = this.#draft;
    const startOf = firstInstants(user.zones);
    const keys = Array.from(names.values(), (key) => ({ ...key, start: startOf(key.date) }));
    const firsts = await findFirstActivities(this.#db, user.id, { added, keys });
    for (const [index, name] of [...names.keys()].entries()) {
      const first = firsts[index];
      if (first !== undefined) this.#firsts.set(name, first);
    }
  }

  /** Returns the first activity of a run by its first date. */
  firstOf(date: LocalDate | null): Moment | undefined {
    return date === null ? undefined : this.#firsts.get(nameOf({ verb: null, date }));
  }

  /** Returns when the number of different dates was reached; null when it was not. */
  reachedDates(condition: DatesCondition, period: AwardPeriod): Moment | null {
    const decisive = this.#decisiveDates(condition, period);
    if (decisive === null) return null;
    const { verb, gte } = condition.count;
    const firsts = decisive.dates.flatMap((date) => this.#firsts.get(nameOf({ verb, date })) ?? []);
    return firsts.sort(compareMoments)[gte - 1 - decisive.before] ?? null;
  }

  /**
   * Returns the first run with the length; null when there is none. It is complete when each of its dates has an
   * activity.
   */
  reachedStreak(length: number, period: AwardPeriod): ReachedStreak | null {
    const runs = this.#decisiveRuns({ length, from: period.from, to: period.to });
    const reached = runs.flatMap(({ from, to, dates }) => {
      const firsts = dates.map((date) => this.firstOf(date));
      const moment = firsts.includes(undefined) ? undefined : (firsts as Moment[]).toSorted(compareMoments).at(-1);
      return moment === undefined ? [] : { moment, from, to };
    });
    return reached.toSorted((a, b) => compareMoments(a.moment, b.moment))[0] ?? null;
  }

  /** A goal or a badge from before a run counts from the first activity of the run. */
  #decisiveKeys({ condition, period }: ConditionInPeriod): VerbOnDate[] {
    const { from, to, runLength } = period;
    if ('streak' in condition) {
      const runs = this.#decisiveRuns({ length: condition.streak.gte, from, to });
      return runs.flatMap(({ dates }) => dates.map((date) => ({ verb: null, date })));
    }
    if (countsDates(condition)) {
      const { verb } = condition.count;
      return this.#decisiveDates(condition, period)?.dates.map((date) => ({ verb, date })) ?? [];
    }
    const canBeEarlier = 'goalsCompleted' in condition || 'badge' in condition;
    return canBeEarlier && runLength !== undefined && from !== null ? [{ verb: null, date: from }] : [];
  }

  #decisiveDates(condition: DatesCondition, period: AwardPeriod): DecisiveDates | null {
    const key = { series: verbSeries(condition.count.verb), from: period.from, to: period.to };
    return datesReaching(this.#dates.get(nameOfDates(key)) ?? [], condition.count.gte);
  }
}

/** Returns whether the condition is about the number of different dates with a verb. */
export function countsDates(condition: Condition): condition is DatesCondition {
  return 'count' in condition && condition.count.distinct === 'date';
}

/** Returns the dates that decide when there were `count` dates; null when there are fewer. The dates are ascending. */
function datesReaching(dates: readonly LocalDate[], count: number): DecisiveDates | null {
  const last = dates[count - 1];
  if (last === undefined) return null;
  const [from, to] = [addDays(last, -UNORDERED_DAYS), addDays(last, UNORDERED_DAYS)];
  const before = dates.findIndex((date) => date >= from);
  return { dates: dates.slice(before).filter((date) => date <= to), before };
}

/** Returns the runs that may have been the first to reach the length. Their activities decide which. */
function runsReaching(input: Omit<StreakInput, 'timesPerWeek'>, length: number): DecisiveRun[] {
  const runs = Array.from(windowsReaching(input, length), (dates) => {
    const to = dates.at(-1) as LocalDate;
    return { from: dates[0] as LocalDate, to, dates: dates.filter((date) => date >= addDays(to, -UNORDERED_DAYS)) };
  });
  const first = runs[0];
  return first === undefined ? [] : runs.filter(({ to }) => to <= addDays(first.to, UNORDERED_DAYS));
}

/** Returns the dates that a condition counts; undefined for one that counts none. */
function datesKeyOf({ condition, period: { from, to } }: ConditionInPeriod): DatesKey | undefined {
  if ('streak' in condition) return { series: ALL, from, to };
  return countsDates(condition) ? { series: verbSeries(condition.count.verb), from, to } : undefined;
}

function nameOfDates({ series, from, to }: DatesKey): string {
  return `${series} ${from} ${to}`;
}

function nameOf({ verb, date }: VerbOnDate): string {
  return `${date} ${verb}`;
}
