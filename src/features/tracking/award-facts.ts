import type { Db } from '../../db/client.ts';
import { addDays, dateAt, FIRST_DATE, LAST_DATE } from '../../lib/local-date.ts';
import {
  type Condition,
  compareMoments,
  conditionsOf,
  decidedBy,
  type Moment,
  type NumberOf,
  type Rule,
  type RuleDecision,
} from '../badge-definitions/rule.ts';
import { verbSeries } from '../streaks/series.ts';
import { zoneAt } from '../streaks/zones.ts';
import type { AwardPeriod } from './award-periods.ts';
import { type ConditionInPeriod, countsDates, DateFacts } from './date-facts.ts';
import { findMoments, type Threshold } from './facts.store.ts';
import type { TrackingDraft } from './tracking-draft.ts';

type ActivityCondition = Extract<Condition, { count: unknown } | { sum: unknown }>;

/** The moment of a condition that is assumed to hold. */
const UNKNOWN_MOMENT: Moment = { at: `${FIRST_DATE}T00:00:00Z`, id: 0 };

interface PeriodSums {
  activities: number;
  dates: number;
}

interface RuleInPeriod {
  rule: Rule;
  period: AwardPeriod;
}

/** How a rule was completed, and the first and the last date of the activities that count. */
export interface Decision extends RuleDecision, Pick<AwardPeriod, 'from' | 'to'> {}

/** The facts about a user that decide awards, as they are after a change. */
export class AwardFacts {
  readonly #db: Db;
  readonly #draft: TrackingDraft;
  readonly #moments = new Map<string, Moment | null>();
  readonly #sums = new Map<string, PeriodSums>();
  readonly #dates: DateFacts;

  constructor(db: Db, draft: TrackingDraft) {
    this.#db = db;
    this.#draft = draft;
    this.#dates = new DateFacts(db, draft);
  }

  /**
   * Returns numbers that are at least the real ones, without a query: a rule that they do not fulfil is not fulfilled.
   * @param earnable the definitions whose badges the change may award
   */
  upperBounds(period: AwardPeriod, earnable: ReadonlySet<string>): NumberOf {
    return (condition) => {
      if ('streak' in condition) return period.runLength ?? this.#draft.streak.longest;
      if ('badge' in condition) return this.#mayHold(condition.badge.key, period, earnable) ? 1 : 0;
      if ('goalsCompleted' in condition) return this.#draft.user.goalCompletions.length;
      return this.#upperBoundOf(condition, period);
    };
  }

  #mayHold(key: string, period: AwardPeriod, earnable: ReadonlySet<string>): boolean {
    return earnable.has(key) || this.#momentOfBadge(key, period) !== null;
  }

  /**
   * Loads the facts that the rules need, once. It loads first their moments and dates, and then the first activities of
   * the dates that decide, for the rules that may hold.
   */
  async load(rules: readonly RuleInPeriod[]): Promise<void> {
    const conditions = conditionsIn(rules);
    await Promise.all([
      this.#loadMoments(conditions.flatMap(({ condition, period }) => thresholdOf(condition, period) ?? [])),
      this.#dates.load(conditions),
    ]);
    await this.#dates.loadFirstActivities(conditionsIn(rules.filter((each) => this.#mayHoldIn(each))));
  }

  /**
   * Returns whether the rule holds if its conditions about dates, streaks and badges do. Their first activities are not
   * loaded yet.
   */
  #mayHoldIn({ rule, period }: RuleInPeriod): boolean {
    const decision = decidedBy(rule, (condition) =>
      'badge' in condition || 'streak' in condition || countsDates(condition)
        ? UNKNOWN_MOMENT
        : this.#momentOf(condition, period),
    );
    return decision !== null;
  }

  async #loadMoments(thresholds: readonly Threshold[]): Promise<void> {
    const { user, recorded: added } = this.#draft;
    const countOf = (verb: string) => user.totals.get(verbSeries(verb))?.count ?? 0;
    const moments = await findMoments(this.#db, user.id, { thresholds, added, countOf });
    for (const [index, threshold] of thresholds.entries()) {
      this.#moments.set(JSON.stringify(threshold), moments[index] ?? null);
    }
  }

  /** Returns how the rule was completed; null when it is not. `load` comes first. */
  decide(rule: Rule, period: AwardPeriod): Decision | null {
    if ('streak' in rule) {
      const reached = this.#dates.reachedStreak(rule.streak.gte, period);
      return reached && { ...reached, conditions: [rule] };
    }
    const decision = decidedBy(rule, (condition) => this.#momentOf(condition, period));
    return decision && { ...decision, from: period.from, to: period.to };
  }

  #momentOf(condition: Condition, period: AwardPeriod): Moment | null {
    if ('badge' in condition) return this.#inRun(this.#momentOfBadge(condition.badge.key, period), period);
    if ('streak' in condition) return this.#dates.reachedStreak(condition.streak.gte, period)?.moment ?? null;
    if ('goalsCompleted' in condition) {
      const at = this.#draft.user.goalCompletions[condition.goalsCompleted.gte - 1];
      return at === undefined || this.#isLater(at, period) ? null : this.#inRun({ at, id: 0 }, period);
    }
    if (countsDates(condition)) return this.#dates.reachedDates(condition, period);
    return this.#moments.get(JSON.stringify(thresholdOf(condition, period))) ?? null;
  }

  /**
   * Returns the number of the period if all its dates have been read, or else the number over all time. Objects are at
   * most as many as activities; dates have no quantities.
   */
  #upperBoundOf(condition: ActivityCondition, period: AwardPeriod): number {
    const { verb, kind } = activityCondition(condition);
    const { sumsSince } = this.#draft.user;
    const totals = this.#draft.user.totals.get(verbSeries(verb));
    if (totals === undefined) return 0;
    if (kind !== 'sum' && period.from !== null && sumsSince !== null && sumsSince <= period.from) {
      const { activities, dates } = this.#periodSums(verb, period);
      return { count: activities, object: Math.min(activities, totals.objects), date: dates }[kind];
    }
    return { count: totals.count, sum: totals.quantity, object: totals.objects, date: totals.days }[kind];
  }

  /** Returns the sums of a period, also of the activities that the change adds. */
  #periodSums(verb: string, { from, to }: AwardPeriod): PeriodSums {
    const key = `${verb} ${from} ${to}`;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const sums = { activities: 0, dates: 0 };
    for (const [date, count] of this.#draft.user.days.get(verbSeries(verb)) ?? []) {
      if (date < (from ?? date) || date > (to ?? date)) continue;
      sums.activities += count;
      sums.dates++;
    }
    this.#sums.set(key, sums);
    return sums;
  }

  /** Returns the moment of the first active badge that is no later than the period. */
  #momentOfBadge(key: string, period: AwardPeriod): Moment | null {
    const latest = period.to === null ? LAST_DATE : addDays(period.to, 1);
    for (const moment of this.#draft.held.momentsOf(key)) {
      // NOTE: the date in UTC is at most a day from the local one
      if (moment.at.slice(0, latest.length) > latest) return null;
      if (!this.#isLater(moment.at, period)) return moment;
    }
    return null;
  }

  /** Returns the moment or, if it is before the run of the period, that of the first activity of the run. */
  #inRun(moment: Moment | null, { from, runLength }: AwardPeriod): Moment | null {
    const first = runLength === undefined ? undefined : this.#dates.firstOf(from);
    return moment === null || first === undefined || compareMoments(moment, first) > 0 ? moment : first;
  }

  /** Returns whether the instant is after the last date of the period. */
  #isLater(at: string, { to }: AwardPeriod): boolean {
    return to !== null && dateAt(at, zoneAt(this.#draft.user.zones, at)) > to;
  }
}

function conditionsIn(rules: readonly RuleInPeriod[]): ConditionInPeriod[] {
  return rules.flatMap(({ rule, period }) => conditionsOf(rule).map((condition) => ({ condition, period })));
}

interface ActivityNumber {
  verb: string;
  kind: Threshold['kind'] | 'date';
  gte: number;
}

function activityCondition(condition: ActivityCondition): ActivityNumber {
  if ('sum' in condition) return { verb: condition.sum.verb, kind: 'sum', gte: condition.sum.gte };
  const { verb, gte, distinct = 'count' } = condition.count;
  return { verb, kind: distinct, gte };
}

/** Returns the threshold of a condition that single activities decide; undefined for others. */
function thresholdOf(condition: Condition, { from, to }: Pick<AwardPeriod, 'from' | 'to'>): Threshold | undefined {
  if (!('count' in condition || 'sum' in condition)) return undefined;
  const { kind, ...threshold } = activityCondition(condition);
  return kind === 'date' ? undefined : { ...threshold, kind, from, to };
}
