import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Service } from '../../support/app.ts';
import type { TestDatabase } from '../../support/database.ts';
import { expect } from '../../support/fixtures.ts';
import type { GraphqlResponse } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RETRY_MS = 20;
/** Attempts of a request whose connection may have been ended: five seconds. */
const MAX_ATTEMPTS = 250;

const ZONES = ['Pacific/Honolulu', 'America/New_York', 'Europe/Berlin', 'Pacific/Auckland', 'Pacific/Kiritimati'];
/** Each is some days before a transition of one of the zones, or before a new year. */
export const STARTS = [
  '2026-03-04T22:30:00Z',
  '2026-03-26T11:15:00Z',
  '2026-10-29T05:00:00Z',
  '2026-12-26T23:59:59.999Z',
];

const RECORD_ALL = `mutation($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  results { activity { id } } } }`;
const RECORD = `mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activity { id } replayed } }`;
const VOID = `mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }`;
const SET = `mutation($input: SetTimeZoneInput!) { setTimeZone(input: $input) { timeZone } }`;
const EXCUSE = `mutation($input: ExcuseDatesInput!) { excuseDates(input: $input) { excusedDates { id } } }`;
const CANCEL = `mutation($input: CancelExcusedDatesInput!) { cancelExcusedDates(input: $input) { excusedDates { id } } }`;

interface Recorded {
  goal: number;
  hoursAgo: number;
  verb: string;
  objectId: string | null;
  quantity: number;
}

/** A request of a user, or the passing of time. Numbers select among the objects that exist. */
type Step =
  | { kind: 'wait'; hours: number }
  | { kind: 'record'; activity: Recorded; zoneinfo: string | undefined }
  | { kind: 'batch'; activities: Recorded[]; zoneinfo: string | undefined }
  | { kind: 'repeat'; which: number }
  | { kind: 'void'; which: number }
  | { kind: 'zone'; timeZone: string }
  | { kind: 'excuse'; isService: boolean; offset: number; length: number }
  | { kind: 'cancel'; isService: boolean; which: number };

/** A step, and whether PostgreSQL ends the connections of the service during it. */
interface Taken {
  step: Step;
  isInterrupted: boolean;
}

const which = fc.nat({ max: 30 });
const activity = (hoursAgo: fc.Arbitrary<number>): fc.Arbitrary<Recorded> =>
  fc.record({
    goal: fc.nat({ max: 3 }),
    hoursAgo,
    verb: fc.constantFrom('check-in', 'practice'),
    objectId: fc.constantFrom(null, 'a', 'b'),
    quantity: fc.integer({ min: 1, max: 3 }),
  });
const zoneinfo = fc.oneof(fc.constant(undefined), fc.constantFrom(...ZONES));
const record = (hoursAgo: fc.Arbitrary<number>) =>
  fc.record({ kind: fc.constant('record' as const), activity: activity(hoursAgo), zoneinfo });
const batch = fc.record({
  kind: fc.constant('batch' as const),
  activities: fc.array(activity(fc.nat({ max: 100 })), { minLength: 2, maxLength: 5 }),
  zoneinfo,
});
const isInterrupted = fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 5, arbitrary: record(fc.constant(0)) },
  { weight: 3, arbitrary: record(fc.integer({ min: 0, max: 72 })) },
  { weight: 1, arbitrary: record(fc.integer({ min: 72, max: 700 })) },
  { weight: 1, arbitrary: batch },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('void' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('zone' as const), timeZone: fc.constantFrom(...ZONES) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('excuse' as const),
      isService: fc.boolean(),
      offset: fc.integer({ min: -20, max: 6 }),
      length: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), isService: fc.boolean(), which }) },
);
export const steps: fc.Arbitrary<Taken[]> = fc.array(fc.record({ step, isInterrupted }), {
  minLength: 10,
  maxLength: 20,
});

/** A user whose requests are sent at the times of a clock that the test moves. */
export interface Subject {
  service: Service;
  db: TestDatabase;
  id: string;
  clock: { now: Date };
  token: (claims?: object) => Promise<string>;
  goals: number[];
  activities: string[];
  /** The inputs of the activities. */
  events: object[];
  excuses: { id: string; isService: boolean }[];
}

const SERVICE = { scope: 'streaks:write' };

/** Repeats the request while it is SERVICE_UNAVAILABLE, as a client does that does not know the outcome. */
async function send(subject: Subject, query: string, { claims, input }: { claims?: object; input: object }) {
  const { data, errors, text } = await untilAnswered(subject, query, { claims, variables: { input } });
  const codes = (errors ?? []).map(({ extensions }) => extensions.code);
  expect(['', 'LIMIT_REACHED'], text).toContain(codes.join());
  return data as Json;
}

export async function untilAnswered(
  { service, token }: Subject,
  query: string,
  { claims, variables = {} }: { claims?: object | undefined; variables?: Record<string, unknown> } = {},
): Promise<GraphqlResponse> {
  for (let attempt = 1; ; attempt++) {
    const response = await service.graphql(query, variables, { token: await token(claims) });
    const isUnavailable = response.errors?.[0]?.extensions.code === 'SERVICE_UNAVAILABLE';
    if (!isUnavailable || attempt === MAX_ATTEMPTS) return response;
    await delay(RETRY_MS);
  }
}

type Taking = { [Kind in Step['kind']]: (subject: Subject, step: Step & { kind: Kind }) => Promise<unknown> };

const taking: Taking = {
  wait: async ({ clock }, { hours }) => {
    clock.now = new Date(clock.now.getTime() + hours * HOUR_MS);
  },
  zone: (subject, { timeZone }) => send(subject, SET, { input: { timeZone } }),
  record: async (subject, { activity, zoneinfo }) => {
    const claims = { scope: 'activity:import', zoneinfo };
    const input = inputOf(subject, activity);
    const { recordActivity } = await send(subject, RECORD, { claims, input });
    subject.activities.push(recordActivity.activity.id);
    subject.events.push(input);
  },
  batch: async (subject, { activities, zoneinfo }) => {
    const claims = { scope: 'activity:write activity:import', zoneinfo };
    const input = { activities: activities.map((one) => ({ ...inputOf(subject, one), userId: subject.id })) };
    const { recordActivities } = await send(subject, RECORD_ALL, { claims, input });
    subject.activities.push(...recordActivities.results.map(({ activity: { id } }: Json) => id));
    subject.events.push(...input.activities);
  },
  repeat: async (subject, { which }) => {
    const input = itemAt(subject.events, which);
    if (input === undefined) return;
    const { recordActivity } = await send(subject, RECORD, { claims: { scope: 'activity:import' }, input });
    expect(recordActivity).toMatchObject({ activity: { id: itemAt(subject.activities, which) }, replayed: true });
  },
  void: async (subject, { which }) => {
    const id = itemAt(subject.activities, which);
    if (id !== undefined) await send(subject, VOID, { input: { id } });
  },
  excuse: async (subject, { isService, offset, length }) => {
    // The user excuses dates from the day after tomorrow on, which no zone has reached yet.
    const first = subject.clock.now.getTime() + (isService ? offset : Math.abs(offset) + 2) * DAY_MS;
    const [from, to] = [first, first + (length - 1) * DAY_MS].map((time) => new Date(time).toISOString().slice(0, 10));
    const input = { from, to, reason: 'Holiday' };
    const { excuseDates } = await send(subject, EXCUSE, { claims: isService ? SERVICE : {}, input });
    if (excuseDates !== null) subject.excuses.push({ id: excuseDates.excusedDates.id, isService });
  },
  cancel: async (subject, { isService, which }) => {
    const excuse = itemAt(subject.excuses, which);
    if (excuse === undefined) return;
    const claims = isService || excuse.isService ? SERVICE : {};
    await send(subject, CANCEL, { claims, input: { id: excuse.id } });
  },
};

/** Takes a step of a history. */
export async function take(subject: Subject, { step, isInterrupted }: Taken): Promise<void> {
  const taken = (taking[step.kind] as (subject: Subject, step: Step) => Promise<unknown>)(subject, step);
  await Promise.all([taken, isInterrupted ? endConnections(subject) : undefined]);
}

function endConnections({ db: { sql } }: Subject): Promise<unknown> {
  return sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'user-service'`.execute();
}

function inputOf({ clock, goals }: Subject, { goal, hoursAgo, ...content }: Recorded) {
  const occurredAt = new Date(clock.now.getTime() - hoursAgo * HOUR_MS).toISOString();
  return { ...content, eventId: crypto.randomUUID(), goalId: goals[goal]?.toString() ?? null, occurredAt };
}

function itemAt<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % Math.max(items.length, 1)];
}
