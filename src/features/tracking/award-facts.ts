import type { Db } from '../../db/client.ts';
import { dateAt, FIRST_DATE } from '../../lib/local-date.ts';
import {
  type Condition,
  type ConditionKind,
  compareMoments,
  conditionsOf,
  decidedBy,
  type Facts,
  kindOf,
  type Moment,
  type Rule,
} from '../badge-definitions/rule.ts';
import { verbSeries } from '../streaks/series.ts';
import { windowsReaching } from '../streaks/streak.ts';
import { zoneAt } from '../streaks/zones.ts';
import type { AwardPeriod } from './award-periods.ts';
import { findFirstActivities, findGoalCompletions, findMoments, type Threshold } from './facts.store.ts';
import type { TrackingDraft } from './tracking-draft.ts';

type ActivityCondition = Extract<Condition, { count: unknown } | { sum: unknown }>;

interface PeriodSums {
  activities: number;
  dates: number;
}

interface RuleInPeriod {
  rule: Rule;
  period: AwardPeriod;
}

/** The moment at which a rule was completed, and the first and the last date of the activities that count. */
export interface Decision extends Pick<AwardPeriod, 'from' | 'to'> {
  moment: Moment;
}

/** The facts about a user that decide awards, as they are after a change. */
export class AwardFacts {
  readonly #db: Db;
  readonly #draft: TrackingDraft;
  readonly #moments = new Map<string, Moment | null>();
  readonly #sums = new Map<string, PeriodSums>();
  #firstActivities = new Map<string, Moment>();
  #completions: string[] = [];

  constructor(db: Db, draft: TrackingDraft) {
    this.#db = db;
    this.#draft = draft;
  }

  /**
   * Returns facts that are at least the real ones, without a query: a rule that they do not fulfil is not fulfilled.
   * @param earnable the definitions whose badges the change may award
   */
  upperBounds(period: AwardPeriod, earnable: ReadonlySet<string>): Facts {
    return {
      numberOf: (condition) => {
        if ('streak' in condition) return period.runLength ?? this.#draft.streak.longest;
        if ('badge' in condition) return this.#mayHold(condition.badge.key, period, earnable) ? 1 : 0;
        if ('goalsCompleted' in condition) return this.#draft.user.completedGoals;
        return this.#upperBoundOf(condition, period);
      },
    };
  }

  #mayHold(key: string, period: AwardPeriod, earnable: ReadonlySet<string>): boolean {
    return earnable.has(key) || this.#momentOfBadge(key, period) !== null;
  }

  /** Loads the facts that the rules need, once, with queries at the same time. */
  async load(rules: readonly RuleInPeriod[]): Promise<void> {
    const conditions = rules.flatMap(({ rule, period }) =>
      conditionsOf(rule).map((condition) => ({ condition, period })),
    );
    const periodsOf = (kind: ConditionKind) =>
      conditions.filter(({ condition }) => kindOf(condition) === kind).map(({ period }) => period);
    await Promise.all([
      this.#loadMoments(conditions.flatMap(({ condition, period }) => thresholdOf(condition, period) ?? [])),
      this.#loadFirstActivities(periodsOf('streak')),
      this.#loadCompletions(periodsOf('goalsCompleted')),
    ]);
  }

  async #loadMoments(thresholds: readonly Threshold[]): Promise<void> {
    const { user, recorded: added } = this.#draft;
    const countOf = (verb: string) => user.totals.get(verbSeries(verb))?.count ?? 0;
    const moments = await findMoments(this.#db, user.id, { thresholds, added, countOf });
    for (const [index, threshold] of thresholds.entries()) {
      this.#moments.set(JSON.stringify(threshold), moments[index] ?? null);
    }
  }

  async #loadFirstActivities(periods: readonly AwardPeriod[]): Promise<void> {
    const [from] = periods.map(({ from }) => from ?? FIRST_DATE).sort();
    if (from === undefined) return;
    const { user, recorded: added } = this.#draft;
    this.#firstActivities = await findFirstActivities(this.#db, user.id, { added, from });
  }

  async #loadCompletions({ length }: readonly AwardPeriod[]): Promise<void> {
    if (length > 0) this.#completions = await findGoalCompletions(this.#db, this.#draft.user.id);
  }

  /** Returns how the rule was completed; null when it is not. `load` comes first. */
  decide(rule: Rule, period: AwardPeriod): Decision | null {
    if ('streak' in rule) return this.#reachedStreak(rule.streak.gte, period);
    const moment = decidedBy(rule, (condition) => this.#momentOf(condition, period));
    return moment && { moment, from: period.from, to: period.to };
  }

  #momentOf(condition: Condition, period: AwardPeriod): Moment | null {
    if ('badge' in condition) return this.#momentOfBadge(condition.badge.key, period);
    if ('streak' in condition) return this.#reachedStreak(condition.streak.gte, period)?.moment ?? null;
    if ('goalsCompleted' in condition) {
      const at = this.#completions[condition.goalsCompleted.gte - 1];
      return at === undefined || this.#isLater(at, period) ? null : { at, id: 0 };
    }
    return this.#moments.get(JSON.stringify(thresholdOf(condition, period))) ?? null;
  }

  /**
   * Returns the number of the period if all its dates have been read, or else the number over all time. Objects are at most
   * as many as activities; dates have no quantities.
   */
  #upperBoundOf(condition: ActivityCondition, period: AwardPeriod): number {
    const { verb, kind } = activityCondition(condition);
    const { sumsSince } = this.#draft.user;
    if (kind !== 'sum' && period.from !== null && sumsSince !== null && sumsSince <= period.from) {
      const { activities, dates } = this.#periodSums(verb, period);
      return kind === 'date' ? dates : activities;
    }
    const totals = this.#draft.user.totals.get(verbSeries(verb));
    if (totals === undefined) return 0;
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

  #momentOfBadge(key: string, period: AwardPeriod): Moment | null {
    const held = this.#draft.user.awards.filter(
      ({ definitionKey, status, dateAchieved: at }) =>
        definitionKey === key && status === 'active' && !this.#isLater(at, period),
    );
    return earliest(held.map(({ dateAchieved }) => ({ at: dateAchieved, id: 0 })));
  }

  /** Returns whether the instant is after the last date of the period. */
  #isLater(at: string, { to }: AwardPeriod): boolean {
    return to !== null && dateAt(at, zoneAt(this.#draft.user.zones, at)) > to;
  }

  /** A streak has the length when every date of the run has its first activity. Its own activities count. */
  #reachedStreak(length: number, { from, to }: AwardPeriod): Decision | null {
    const firsts = this.#firstActivities;
    const dates = [...firsts.keys()].filter((date) => date >= (from ?? date) && date <= (to ?? date));
    const { today, isNeutral } = this.#draft;
    const runs = windowsReaching({ dates, isNeutral, today }, length);
    const reached = Array.from(runs, (run): Decision => {
      const moments = run.map((date) => firsts.get(date) as Moment);
      const moment = moments.reduce((a, b) => (compareMoments(a, b) > 0 ? a : b));
      return { moment, from: run[0] ?? null, to: run.at(-1) ?? null };
    });
    return reached.toSorted((a, b) => compareMoments(a.moment, b.moment))[0] ?? null;
  }
}

function earliest(moments: readonly Moment[]): Moment | null {
  return moments.toSorted(compareMoments)[0] ?? null;
}

function activityCondition(condition: ActivityCondition): Pick<Threshold, 'verb' | 'kind' | 'gte'> {
  if ('sum' in condition) return { verb: condition.sum.verb, kind: 'sum', gte: condition.sum.gte };
  const { verb, gte, distinct = 'count' } = condition.count;
  return { verb, kind: distinct, gte };
}

/** Returns the threshold of a condition about activities; undefined for others. */
function thresholdOf(condition: Condition, { from, to }: Pick<AwardPeriod, 'from' | 'to'>): Threshold | undefined {
  if (!('count' in condition || 'sum' in condition)) return undefined;
  return { ...activityCondition(condition), from, to };
}
