import { microsecondAfter } from '../../lib/instant.ts';
import { addDays, dateAt, instantMs, type LocalDate } from '../../lib/local-date.ts';
import type { Badge, BadgeStatus } from '../badges/badge.ts';
import { advance, encodeSteps, valueOn } from '../streaks/forecast.ts';
import { ALL, goalSeries, type Series, verbSeries } from '../streaks/series.ts';
import { type Checkpoint, neutralDateTest, noStreak, START, type StreakValue } from '../streaks/streak.ts';
import { DEFAULT_TIME_ZONE, shortDateTest } from '../streaks/zones.ts';
import type { NewActivity } from './activity.ts';
import type { SavedIds } from './change.store.ts';
import { emptyChange, type NewAward, type NewExcusedRange, type TrackingChange } from './change.ts';
import { HeldAwards } from './held-awards.ts';
import {
  type ExcusedRange,
  type HeldAward,
  isSameStreak,
  objectKey,
  type TrackedUser,
  type TrackedZone,
} from './state.ts';
import { streakBase } from './streak-base.ts';
import { distinctChange, increase, type Sign } from './sums.ts';

/**
 * The tracked data of a user while a request changes them. It applies changes one after another in memory, and collects
 * the rows to save.
 */
export class TrackingDraft {
  readonly user: TrackedUser;
  /** The instant of the change: RFC 3339, UTC. */
  readonly now: string;
  readonly change: TrackingChange = emptyChange();
  /** The awards of `user` and of the change, by definition. */
  readonly held: HeldAwards;
  readonly #days = new Map<string, TrackingChange['days'][number]>();
  readonly #totals = new Map<Series, TrackingChange['totals'][number]>();
  /** The first date from which a streak may have changed. */
  readonly #changedFrom = new Map<Series, LocalDate>();
  /** The checkpoint of the overall streak before the change. */
  readonly checkpoint: Checkpoint;
  /** The keys of the definitions whose badges the change has awarded or reinstated so far. */
  readonly awardedKeys = new Set<string>();
  /** Undefined until it is needed, and after a change of the excused dates or of the zones. */
  #isNeutral: ((date: LocalDate) => boolean) | undefined;

  constructor(user: TrackedUser, now: string) {
    this.user = user;
    this.now = now;
    this.checkpoint = user.streaks.get(ALL)?.checkpoint ?? START;
    this.held = new HeldAwards(user.awards);
  }

  /** The zone in force now: the last one, also when another replica with a clock ahead has added it. */
  get timeZone(): string {
    return this.user.zones.at(-1)?.timeZone ?? DEFAULT_TIME_ZONE;
  }

  /** The user's local date now. */
  get today(): LocalDate {
    return dateAt(this.now, this.timeZone);
  }

  /** The activities that the change records; rules are evaluated for them. */
  get recorded(): readonly NewActivity[] {
    return this.change.activities;
  }

  /** Whether the user has ever recorded an activity. */
  get hasActivities(): boolean {
    return this.user.streaks.has(ALL) || this.recorded.length > 0;
  }

  /** A predicate that tells whether a date without activity leaves a streak as it is. */
  get isNeutral(): (date: LocalDate) => boolean {
    this.#isNeutral ??= neutralDateTest(this.user.excused, shortDateTest(this.user.zones));
    return this.#isNeutral;
  }

  /** The overall streak. */
  get streak(): StreakValue {
    const forecast = this.user.streaks.get(ALL)?.forecast ?? '';
    return forecast === '' ? noStreak(null) : valueOn(forecast, this.today);
  }

  /** The first date from which the overall streak may have changed; undefined when it has not. */
  get streakChangedFrom(): LocalDate | undefined {
    return this.#changedFrom.get(ALL);
  }

  get isUnchanged(): boolean {
    return Object.values(this.change).every((rows) => rows.length === 0);
  }

  /** Returns the id of the next activity. */
  takeId(): number {
    const id = this.user.newIds.shift();
    if (id === undefined) throw new Error('The request has more activities than ids');
    return id;
  }

  /** Adds an activity that is not void. */
  record(activity: NewActivity): void {
    this.change.activities.push(activity);
    if (activity.goalId !== null) this.#startGoalStreak(activity.goalId, activity.localDate);
    this.#count(activity, 1);
  }

  /** Excludes a stored activity from every sum and streak. */
  voidActivity(activity: NewActivity): void {
    this.change.voided.push({ id: activity.id, voidedAt: this.now });
    this.#count(activity, -1);
  }

  /** Adds a zone, effective now or, as the first one, since 1970; at least a microsecond after the zone before it. */
  addZone({ effectiveFrom, ...zone }: TrackedZone): void {
    const last = this.user.zones.at(-1)?.effectiveFrom;
    const isLater = last === undefined || instantMs(effectiveFrom) > instantMs(last);
    const added = { ...zone, effectiveFrom: isLater ? effectiveFrom : microsecondAfter(last) };
    // NOTE: today is a date in the zone before, then one in the new zone; streaks may change from the earlier one on
    this.#changeAllFrom(this.today);
    this.user.zones.push(added);
    this.change.zones.push(added);
    this.#changeAllFrom(this.today);
  }

  /** Excuses the dates of a range. */
  excuse(range: NewExcusedRange): void {
    this.change.excused.push(range);
    this.user.excused.push({ id: 0, isCancelled: false, ...range });
    this.#changeAllFrom(range.from);
  }

  /** Ends a range on the date, before which it begins; without one the range is void. */
  cancelExcused(range: ExcusedRange, to: LocalDate | null): void {
    const voidedAt = to === null ? this.now : null;
    this.change.cancelled.push({ id: range.id, to: to ?? range.to, cancelledAt: this.now, voidedAt });
    const shortened = to === null ? [] : [{ ...range, to, isCancelled: true }];
    this.user.excused = [...this.user.excused.filter(({ id }) => id !== range.id), ...shortened];
    this.#changeAllFrom(to === null ? range.from : addDays(to, 1));
  }

  /** Recomputes the streak of a goal whose `timesPerWeek` has changed. */
  changeTimesPerWeek(goalId: number, timesPerWeek: number | null): void {
    const series = goalSeries(goalId);
    const stored = this.user.streaks.get(series);
    if (stored === undefined) return;
    this.user.streaks.set(series, { ...stored, timesPerWeek, checkpoint: null, forecast: '' });
    this.#markChanged(series, this.today);
  }

  award(award: NewAward): void {
    this.change.awards.push(award);
    this.awardedKeys.add(award.definitionKey);
    this.held.add(award);
  }

  /** Revokes or reinstates a stored badge. */
  changeStatus(award: HeldAward, status: BadgeStatus, reason: string | null): void {
    if (award.id === undefined) throw new Error('The badge is not saved');
    award.status = status;
    this.change.statuses.push({ id: award.id, status, at: this.now, reason });
    if (status === 'active' && award.definitionKey !== null) this.awardedKeys.add(award.definitionKey);
  }

  /** The badges that the change has awarded; its ids are set. */
  get awardedBadges(): Badge[] {
    const userId = this.user.id;
    return this.change.awards.map(({ evidence, id = 0, ...award }) => ({ id, userId, ...award }));
  }

  /** Sets the ids of the rows that were created when the change was saved. */
  setIds({ awards, excused }: SavedIds): void {
    for (const [index, id] of excused.entries()) Object.assign(this.change.excused[index] ?? {}, { id });
    const ids = new Map(awards.map(([definitionKey, awardKey, id]) => [`${definitionKey} ${awardKey}`, id]));
    for (const award of this.change.awards) {
      const id = ids.get(`${award.definitionKey} ${award.awardKey}`);
      if (id !== undefined) award.id = id;
    }
  }

  /** Collects the sums, and computes the streaks that may have changed. */
  finish(): void {
    this.change.days = [...this.#days.values()];
    this.change.totals = [...this.#totals.values()];
    for (const [series, from] of this.#changedFrom) this.#finishStreak(series, from);
  }

  #finishStreak(series: Series, from: LocalDate): void {
    const stored = this.user.streaks.get(series);
    const { timesPerWeek = null, checkpoint: last = null } = stored ?? {};
    const checkpoint = last?.through != null && from > last.through ? last : null;
    const { today, now, timeZone, isNeutral } = this;
    const dates = [...(this.user.days.get(series)?.keys() ?? [])].sort();
    const { steps, ...moved } = advance({ checkpoint, now, today, timesPerWeek, dates, isNeutral });
    const streak = { timesPerWeek, timeZone, ...moved, forecast: encodeSteps(steps) };
    this.user.streaks.set(series, streak);
    if (!isSameStreak(stored, streak)) this.change.streaks.push({ series, ...streak });
  }

  /** Starts the computed streak of a goal with its first activity. */
  #startGoalStreak(goalId: number, date: LocalDate): void {
    const goal = this.user.goals.get(goalId);
    if (goal === undefined || goal.firstActivityOn !== null) return;
    this.user.goals.set(goalId, { ...goal, firstActivityOn: date });
    this.change.goals.push({ id: goalId, firstActivityOn: date, streakBase: streakBase(goal, date, this.user.zones) });
    const [{ timesPerWeek }, { timeZone }] = [goal, this];
    this.user.streaks.set(goalSeries(goalId), { timesPerWeek, timeZone, checkpoint: null, forecast: '' });
  }

  #count(activity: NewActivity, sign: Sign): void {
    const { verb, goalId } = activity;
    this.#add(ALL, activity, { sign, objects: 0 });
    if (goalId !== null) this.#add(goalSeries(goalId), activity, { sign, objects: 0 });
    this.#add(verbSeries(verb), activity, { sign, objects: this.#countObject(activity, sign) });
  }

  /** Returns the change of the number of distinct objects. */
  #countObject({ verb, objectId }: NewActivity, sign: Sign): number {
    if (objectId === null) return 0;
    const key = objectKey({ verb, objectId });
    const before = this.user.objects.get(key) ?? 0;
    this.user.objects.set(key, before + sign);
    return distinctChange(before, sign);
  }

  #add(series: Series, { localDate, quantity }: NewActivity, { sign, objects }: { sign: Sign; objects: number }): void {
    const dates = this.user.days.get(series) ?? new Map<LocalDate, number>();
    const before = dates.get(localDate) ?? 0;
    const days = distinctChange(before, sign);
    this.user.days.set(series, dates.set(localDate, before + sign));
    if (before + sign === 0) dates.delete(localDate);
    const hasStreak = series === ALL || this.user.streaks.has(series);
    if (days !== 0 && hasStreak) this.#markChanged(series, localDate);
    const sums = { count: sign, quantity: sign * quantity };
    increase(this.#days, `${series} ${localDate}`, { series, localDate, ...sums });
    const totals = { ...sums, days, objects };
    increase(this.#totals, series, { series, ...totals });
    increase(this.user.totals, series, totals);
  }

  #markChanged(series: Series, date: LocalDate): void {
    const earliest = this.#changedFrom.get(series) ?? date;
    this.#changedFrom.set(series, date < earliest ? date : earliest);
  }

  /** Marks every streak after a change of the excused dates or of the zones. */
  #changeAllFrom(date: LocalDate): void {
    this.#isNeutral = undefined;
    for (const series of this.user.streaks.keys()) this.#markChanged(series, date);
  }
}
