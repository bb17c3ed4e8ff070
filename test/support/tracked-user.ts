import { it as base } from './fixtures.ts';
import type { Json } from './json.ts';

const STREAK = 'streak { current longest totalDays status startedOn lastActiveOn brokenOn expiresAt }';
const RANGE = 'excusedDates { id from to reason }';

const MUTATIONS = {
  recordActivity: `mutation($input: RecordActivityInput!) {
    recordActivity(input: $input) { activity { id localDate timeZone } user { ${STREAK} } badges { name } } }`,
  voidActivity: 'mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }',
  setTimeZone: `mutation($input: SetTimeZoneInput!) {
    setTimeZone(input: $input) { timeZone user { id timeZone } } }`,
  excuseDates: `mutation($input: ExcuseDatesInput!) {
    excuseDates(input: $input) { ${RANGE} user { id ${STREAK} } } }`,
  cancelExcusedDates: `mutation($input: CancelExcusedDatesInput!) {
    cancelExcusedDates(input: $input) { ${RANGE} user { id ${STREAK} } } }`,
};

/** Tokens without `iat` that are valid at every time of the tests. */
const claimsOfAnyTime = { iat: undefined, exp: Date.parse('2200-01-01') / 1000 };

/** `trackUser` creates a user of a service of its own, whose clock the test sets. */
export const it = base.extend('trackUser', async ({ serve, auth }) => async (start: string) => {
  let now = new Date(start);
  const service = await serve({}, { now: () => now });
  const id = `user-${crypto.randomUUID()}`;
  const token = (claims: object = {}, sub = id) => auth.token(sub, { ...claimsOfAnyTime, ...claims });
  const send = async (mutation: keyof typeof MUTATIONS, input: object, claims: object = {}) => {
    const { data, errors } = await service.graphql(MUTATIONS[mutation], { input }, { token: await token(claims) });
    const { message, extensions } = errors?.[0] ?? {};
    return { result: data?.[mutation] as Json, code: extensions?.code, field: extensions?.field, message };
  };
  return {
    id,
    service,
    token,
    send,
    /** Sets the clock of the service. */
    at(instant: string) {
      now = new Date(instant);
    },
    record: (input: object = {}, claims: object = {}) =>
      send('recordActivity', { eventId: crypto.randomUUID(), verb: 'check-in', ...input }, claims),
    excuse: (from: string, to: string, input: object = {}) => send('excuseDates', { from, to, ...input }),
    /** Excuses dates with a token of the scope `streaks:write`. */
    repair: (from: string, to: string, input: object = {}) =>
      send('excuseDates', { from, to, reason: 'Repair', ...input }, { scope: 'streaks:write' }),
    read: async (fields = `timeZone ${RANGE} ${STREAK}`): Promise<Json> => {
      const { data } = await service.graphql(`{ viewer { ${fields} } }`, {}, { token: await token() });
      return data.viewer;
    },
  };
});
