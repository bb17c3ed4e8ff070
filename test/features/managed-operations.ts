import type { Service } from '../support/app.ts';
import type { SignedIn } from '../support/fixtures.ts';
import type { GraphqlResponse, RestResponse } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

/** A user whose token has every scope, and the ids of what the operations below change or read. */
export interface Subject extends SignedIn {
  rangeId: string;
  badgeId: string;
  /** A definition with a rule, by which the user has earned a badge. */
  key: string;
}

type Operate<Response = GraphqlResponse | RestResponse> = (service: Service, subject: Subject) => Promise<Response>;

export const ALL_SCOPES = 'activity:write activity:read activity:import streaks:write badges:manage badges:award';

const TODAY = new Date().toISOString().slice(0, 10);

/** Returns a mutation with an input of its type, of which one field of the result is selected. */
const mutation =
  (name: string, selection: string, inputOf: (subject: Subject) => object): Operate<GraphqlResponse> =>
  (service, subject) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
    return service.graphql(query, { input: inputOf(subject) }, { token: subject.token });
  };
const read =
  (fields: string): Operate =>
  (service, { id, token }) => {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on User { ${fields} } } }`;
    return service.graphql(query, { r: [{ __typename: 'User', id }] }, { token });
  };
const get =
  (path: string): Operate =>
  (service, { id, token }) =>
    service.rest(`/users/${id}${path}`, { token });

const newActivity = (verb = 'practice') => ({ verb, eventId: crypto.randomUUID() });
/** The key is also the verb of its rule, so that subjects do not earn the badges of one another. */
const newDefinition = (key = `d-${crypto.randomUUID()}`) => {
  const words = { name: 'Keen', description: 'For practice', iconUrl: '/keen.svg' };
  return { key, ...words, state: 'ACTIVE', rule: { count: { verb: key, gte: 1 } } };
};

const recordMany = mutation('recordActivities', 'results { status }', ({ id: userId }) => ({
  activities: [newActivity(), newActivity()].map((activity) => ({ userId, ...activity })),
}));
const postMany: Operate = (service, { id, token }) => {
  const item = () => ({ auth_user_id: id, event_id: crypto.randomUUID(), verb: 'practice' });
  return service.rest('/users/activities', { token, body: { activities: [item(), item()] } });
};
const excuse = mutation('excuseDates', 'excusedDates { id }', ({ id: userId }) => ({
  userId,
  from: TODAY,
  to: TODAY,
  reason: 'Outage',
}));
const cancel = mutation('cancelExcusedDates', 'excusedDates { id }', ({ rangeId }) => ({ id: rangeId }));
const award = mutation('awardBadge', 'badge { id }', ({ id: userId, key }) => ({
  userId,
  key,
  awardKey: crypto.randomUUID(),
}));
const revoke = mutation('revokeBadge', 'badge { id }', ({ badgeId }) => ({ id: badgeId }));
const reinstate = mutation('reinstateBadge', 'badge { id }', ({ badgeId }) => ({ id: badgeId }));
const define = mutation('createBadgeDefinition', 'definition { key }', () => newDefinition());
const redefine = mutation('updateBadgeDefinition', 'definition { version }', ({ key }) => ({
  key,
  name: `Keen ${crypto.randomUUID()}`,
}));
const record = mutation('recordActivity', 'badges { id }', ({ key }) => newActivity(key));

export const startBackfill = mutation('startBadgeBackfill', 'backfill { id }', ({ key }) => ({ key, dryRun: true }));

async function send(service: Service, subject: Subject, operate: Operate): Promise<Json> {
  const { data, errors } = (await operate(service, subject)) as GraphqlResponse;
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}

/** Creates a user with an excused date, a badge by hand and a definition; then `prepare` is run. */
export async function newSubject(service: Service, user: SignedIn, prepare?: Operate): Promise<Subject> {
  const subject = { ...user, rangeId: '', badgeId: '', key: '' };
  subject.key = (await send(service, subject, define)).definition.key;
  await send(service, subject, record);
  subject.rangeId = (await send(service, subject, excuse)).excusedDates.id;
  subject.badgeId = (await send(service, subject, award)).badge.id;
  if (prepare !== undefined) await prepare(service, subject);
  return subject;
}

/** The rows of the table in docs/PERFORMANCE.md, with the calls of both APIs, and what precedes them. */
export const MANAGED: [operation: string, trips: number, operate: Operate[], prepare?: Operate][] = [
  ['recordActivities, for one user', 2, [recordMany, postMany]],
  ['cancelExcusedDates', 3, [cancel]],
  ['awardBadge', 3, [award]],
  ['revokeBadge', 3, [revoke]],
  ['reinstateBadge', 3, [reinstate], revoke],
  ['createBadgeDefinition', 7, [define]],
  ['updateBadgeDefinition', 7, [redefine]],
  ['a streak', 1, [read('streak { current }'), get('/streak')]],
  [
    'a calendar',
    1,
    [
      read(`activityCalendar(from: "${TODAY}", to: "${TODAY}") { count }`),
      get(`/activity/calendar?from=${TODAY}&to=${TODAY}`),
    ],
  ],
  ['badgeProgress', 3, [read('badgeProgress { current badge { id } }')]],
  ['badges with their evidence', 4, [read('badges { evidence { replay } }')]],
  ['a profile', 1, [get('')]],
];

/** Another row. */
export const BACKFILL = { operation: 'startBadgeBackfill', trips: 2 };
