import type { Json } from '../../support/json.ts';
import { HALF_HOUR_MS } from '../streaks/worlds.ts';
import type { History, RecordedItem, Step } from './award-histories.ts';
import { type Change, calendarOf, type Definition, keyOfDate, type NaiveUser, plus } from './naive-awards.ts';

/** A user of the service, and the same user as the naive evaluation knows it. */
export interface Subject extends History {
  id: string;
  naive: NaiveUser;
  activityIds: string[];
  goalIds: string[];
  excusedIds: string[];
}

/**
 * A field of a mutation about a user, and its effect on the naive user, which returns the facts that it has changed.
 */
export interface Mutation {
  subject: Subject;
  field: keyof typeof FIELDS;
  input: object;
  apply: (payload: Json) => Change | undefined;
}

export interface Moment {
  now: number;
  definitions: readonly Definition[];
  /** Returns the id of a badge. */
  badgeId: (userId: string, key: string, awardKey: string) => string;
}

/** The inputs and the selections of the fields. */
export const FIELDS = {
  recordActivity: ['RecordActivityInput', 'activity { id }'],
  voidActivity: ['VoidActivityInput', 'activity { id }'],
  setTimeZone: ['SetTimeZoneInput', 'timeZone'],
  updateGoal: ['UpdateGoalInput', 'goal { id }'],
  excuseDates: ['ExcuseDatesInput', 'excusedDates { id }'],
  cancelExcusedDates: ['CancelExcusedDatesInput', 'excusedDates { id }'],
  awardBadge: ['AwardBadgeInput', 'badge { id }'],
  revokeBadge: ['RevokeBadgeInput', 'badge { id }'],
  reinstateBadge: ['ReinstateBadgeInput', 'badge { id }'],
} as const;

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
/** Undefined when there is nothing to change. */
type MutationOfStep = Omit<Mutation, 'subject'> | undefined;
type ToMutation<Kind extends Step['kind']> = (subject: Subject, step: StepOf<Kind>, moment: Moment) => MutationOfStep;

/** Changes of a zone in 7 days. */
const MAX_ZONES = 4;
const WEEK_MS = 7 * 48 * HALF_HOUR_MS;

const instantText = (at: number) => new Date(at).toISOString();
const itemAt = <Item>(items: readonly Item[], which: number): Item | undefined => items[which % items.length];

type GoalStep = StepOf<'complete'> | StepOf<'reopen'>;

function changeGoal(
  { naive: { goals }, goalIds }: Subject,
  { kind, which }: GoalStep,
  { now }: Moment,
): MutationOfStep {
  const index = which % goalIds.length;
  const isCompleted = kind === 'complete';
  const input = { id: goalIds[index], status: isCompleted ? 'COMPLETED' : 'IN_PROGRESS' };
  const apply = () => {
    const isNew = isCompleted && goals[index] === null;
    goals[index] = isCompleted ? (goals[index] ?? now) : null;
    return isNew ? { goals: true } : undefined;
  };
  return { field: 'updateGoal', input, apply };
}

type StatusStep = StepOf<'revoke'> | StepOf<'reinstate'>;

function changeStatus({ id, naive }: Subject, { kind, which }: StatusStep, { badgeId }: Moment): MutationOfStep {
  const award = itemAt(naive.awards, which);
  if (award === undefined) return undefined;
  const apply = () => {
    const isReinstated = award.isRevoked && kind === 'reinstate';
    award.isRevoked = kind === 'revoke';
    return isReinstated ? { badge: award.key } : undefined;
  };
  const input = { id: badgeId(id, award.key, award.awardKey) };
  return { field: kind === 'revoke' ? 'revokeBadge' : 'reinstateBadge', input, apply };
}

const toMutation: { [Kind in Step['kind']]: ToMutation<Kind> } = {
  record: (subject, { items: [item] }, { now }) => {
    if (item === undefined) return undefined;
    const apply = ({ activity }: Json) => addActivities(subject, { items: [item], ids: [activity.id], now });
    return { field: 'recordActivity', input: activityInput(subject, item, now), apply };
  },
  void: ({ naive, activityIds }, { which }) => {
    const activity = itemAt(naive.activities, which);
    if (activity === undefined) return undefined;
    const apply = () => {
      activity.isVoid = true;
      return undefined;
    };
    return { field: 'voidActivity', input: { id: itemAt(activityIds, which) }, apply };
  },
  zone: ({ naive: { history } }, { timeZone }, { now }) => {
    const recent = history.filter(({ effectiveFrom }) => Date.parse(effectiveFrom) > now - WEEK_MS);
    if (recent.length >= MAX_ZONES || history.at(-1)?.timeZone === timeZone) return undefined;
    const apply = () => {
      history.push({ effectiveFrom: instantText(now), timeZone });
      return { streak: true };
    };
    return { field: 'setTimeZone', input: { timeZone }, apply };
  },
  complete: changeGoal,
  reopen: changeGoal,
  excuse: ({ id: userId, naive, excusedIds }, { daysAgo, length }, { now }) => {
    const from = plus(calendarOf(naive, now).today, -daysAgo);
    const to = plus(from, length - 1);
    const apply = ({ excusedDates }: Json) => {
      excusedIds.push(excusedDates.id);
      naive.excused.push({ from, to, isVoid: false });
      return { streak: true, dates: Array.from({ length }, (_, day) => plus(from, day)) };
    };
    return { field: 'excuseDates', input: { userId, from, to, reason: 'Outage' }, apply };
  },
  cancel: ({ naive, excusedIds }, { which }) => {
    const range = itemAt(naive.excused, which);
    if (range === undefined) return undefined;
    const apply = () => {
      range.isVoid = true;
      return undefined;
    };
    return { field: 'cancelExcusedDates', input: { id: itemAt(excusedIds, which) }, apply };
  },
  award: ({ id: userId, naive }, { which, age }, { now, definitions }) => {
    const { key = '', repeat = '' } = itemAt(definitions, which) ?? {};
    const at = now - age * HALF_HOUR_MS;
    const awardKey = keyOfDate(repeat)(calendarOf(naive, now).clock(at));
    const held = naive.awards.find((award) => award.key === key && award.awardKey === awardKey);
    if (held?.isRevoked) return undefined;
    const apply = () => {
      if (held !== undefined) return undefined;
      naive.awards.push({ key, awardKey, at, isByHand: true, isRevoked: false });
      return { badge: key };
    };
    return { field: 'awardBadge', input: { userId, key, awardKey, dateAchieved: instantText(at) }, apply };
  },
  revoke: changeStatus,
  reinstate: changeStatus,
};

/** Returns the mutation of a step; none for a step that changes nothing. */
export function mutationsOf(subject: Subject, step: Step | undefined, moment: Moment): Mutation[] {
  if (step === undefined) return [];
  const mutation = (toMutation[step.kind] as ToMutation<Step['kind']>)(subject, step, moment);
  return mutation === undefined ? [] : [{ subject, ...mutation }];
}

export function activityInput({ id: userId }: Subject, { age, ...item }: RecordedItem, now: number) {
  return { ...item, userId, eventId: crypto.randomUUID(), occurredAt: instantText(now - age * HALF_HOUR_MS) };
}

interface Recorded {
  items: readonly RecordedItem[];
  ids: readonly string[];
  now: number;
}

/** Adds activities to the naive user, and returns the facts that they change. */
export function addActivities({ naive, activityIds }: Subject, { items, ids, now }: Recorded): Change {
  const { clock } = calendarOf(naive, now);
  const before = new Set(naive.activities.flatMap(({ isVoid, date }) => (isVoid ? [] : date)));
  const added = items.map(({ age, ...item }) => {
    const at = now - age * HALF_HOUR_MS;
    return { ...item, at, date: clock(at), isVoid: false };
  });
  activityIds.push(...ids);
  naive.activities.push(...added);
  const dates = added.map(({ date }) => date);
  return { verbs: added.map(({ verb }) => verb), dates, streak: dates.some((date) => !before.has(date)) };
}
