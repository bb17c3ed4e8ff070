import { readActivity } from '../../../src/features/activities/activity-input.ts';
import { activityRequest } from '../../../src/features/activities/record-activity.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { codeOf, issuedAt, RECORD } from './activity.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const LATE = new Date('2026-03-01T23:30:00Z');
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

describe('recordActivity', () => {
  it('records an activity once, with the streak that it starts', async ({ service, createUser }) => {
    const { token, id } = await createUser();
    const input = { eventId: 'e-1', verb: 'check-in' };
    const first = await service.graphql(RECORD, { input }, { token });
    const { activity, user, replayed, badges } = first.data.recordActivity;
    expect({ replayed, badges }).toEqual({ replayed: false, badges: [] });
    expect(activity).toMatchObject({ eventId: 'e-1', verb: 'check-in', quantity: 1, timeZone: 'UTC', voidedAt: null });
    expect(user).toMatchObject({ id, streak: { current: 1, longest: 1, totalDays: 1, status: 'ACTIVE', unit: 'DAY' } });
    const second = await service.graphql(RECORD, { input }, { token });
    expect(second.data.recordActivity).toEqual({ ...first.data.recordActivity, replayed: true });
  });

  it('compares a repetition after defaults and as instants', async ({ serve, auth }) => {
    const service = await serve({}, { now: () => NOW });
    const token = await auth.token('ada-instants', issuedAt(NOW));
    const record = (input: object) => service.graphql(RECORD, { input: { verb: 'practice', ...input } }, { token });
    await record({ eventId: 'a', occurredAt: '2026-03-01T10:00:00Z' });
    const same = [{ occurredAt: '2026-03-01T12:00:00+02:00' }, { occurredAt: '2026-03-01T10:00:00.000Z', quantity: 1 }];
    for (const content of same) {
      expect((await record({ eventId: 'a', ...content })).data.recordActivity.replayed).toBe(true);
    }
    const other = [{}, { occurredAt: '2026-03-01T10:00:01Z' }, { occurredAt: '2026-03-01T10:00:00Z', quantity: 2 }];
    for (const content of other) expect(codeOf(await record({ eventId: 'a', ...content }))).toBe('CONFLICT');
    await record({ eventId: 'now' });
    expect(codeOf(await record({ eventId: 'now', occurredAt: NOW.toISOString() }))).toBe('CONFLICT');
  });

  it('returns the instants of a repetition as those of the first request', async ({ service, createUser, auth }) => {
    const { id } = await createUser();
    const token = await auth.token(id, { scope: 'activity:import' });
    for (const occurredAt of ['', '.1', '.123456', '.05'].map((fraction) => `2026-03-01T09:30:10${fraction}Z`)) {
      const input = { eventId: occurredAt, verb: 'check-in', occurredAt };
      const { data } = await service.graphql(RECORD, { input }, { token });
      expect(data.recordActivity.activity.occurredAt).toBe(occurredAt);
      const repeated = await service.graphql(RECORD, { input }, { token });
      expect(repeated.data.recordActivity).toMatchObject({ replayed: true, activity: data.recordActivity.activity });
    }
  });

  it('cuts the fraction of an instant after microseconds, in both APIs', async ({ service, createUser, auth }) => {
    const { id } = await createUser();
    const token = await auth.token(id, { scope: 'activity:import' });
    const instants = ['2026-03-01T09:30:10.1234567Z', '2026-03-01T09:30:10.123456999Z'];
    for (const [n, occurredAt] of instants.entries()) {
      const { data } = await service.graphql(
        RECORD,
        { input: { eventId: `${n}`, verb: 'check-in', occurredAt } },
        { token },
      );
      expect(data.recordActivity.activity.occurredAt).toBe('2026-03-01T09:30:10.123456Z');
      const body = { event_id: `${n}`, verb: 'check-in', occurred_at: occurredAt };
      const repeated = await service.rest(`/users/${id}/activities`, { token, body });
      expect(repeated.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    }
    const tooLong = { eventId: 'z', verb: 'check-in', occurredAt: '2026-03-01T09:30:10.1234567891Z' };
    expect(codeOf(await service.graphql(RECORD, { input: tooLong }, { token }))).toBe('BAD_USER_INPUT');
  });

  it('dates an activity by the zone of the own token, which becomes the first zone', async ({
    serve,
    auth,
    createUser,
  }) => {
    const service = await serve({}, { now: () => LATE });
    const { id } = await createUser();
    const token = await auth.token(id, { ...issuedAt(LATE), zoneinfo: 'Europe/Berlin' });
    const { data } = await service.graphql(RECORD, { input: { eventId: 'a', verb: 'check-in' } }, { token });
    expect(data.recordActivity.activity).toMatchObject({ localDate: '2026-03-02', timeZone: 'Europe/Berlin' });
    expect(data.recordActivity.user.streak.expiresAt).toBe('2026-03-03T23:00:00Z');
  });

  it('keeps the zone in force for an activity with which a later token brings the first zone', async ({
    serve,
    auth,
    createUser,
  }) => {
    const service = await serve({}, { now: () => LATE });
    const { id } = await createUser();
    const token = await auth.token(id, issuedAt(LATE));
    const berlin = await auth.token(id, { ...issuedAt(LATE), zoneinfo: 'Europe/Berlin' });
    await service.graphql(RECORD, { input: { eventId: 'a', verb: 'check-in' } }, { token });
    const { data } = await service.graphql(RECORD, { input: { eventId: 'b', verb: 'check-in' } }, { token: berlin });
    expect(data.recordActivity.activity).toMatchObject({ localDate: '2026-03-01', timeZone: 'UTC' });
    expect(data.recordActivity.user.streak).toMatchObject({ status: 'AT_RISK', expiresAt: '2026-03-02T23:00:00Z' });
  });

  it.for([
    ['5 minutes and 1 second ahead', { occurredAt: new Date(NOW.getTime() + 301_000).toISOString() }, 'occurredAt'],
    ['72 hours and 1 second ago', { occurredAt: hoursAgo(72 + 1 / 3600) }, 'occurredAt'],
    ['the year 1', { occurredAt: '0001-01-01T00:00:00Z' }, 'occurredAt'],
    ['an event id with a space', { eventId: 'a b' }, 'eventId'],
    ['an event id of 101 characters', { eventId: 'x'.repeat(101) }, 'eventId'],
    ['a verb in upper case', { verb: 'Check-In' }, 'verb'],
    ['a quantity of 0', { quantity: 0 }, 'quantity'],
    ['a quantity of 1,000,001', { quantity: 1_000_001 }, 'quantity'],
    ['an empty object', { objectId: '' }, 'objectId'],
    ['a goal that the user does not have', { goalId: '9007199254740991' }, 'goalId'],
    ['a goal id that is no id', { goalId: 'x' }, 'goalId'],
  ] as const)('rejects %s and changes nothing', async ([, invalid, field], { serve, db, auth }) => {
    const service = await serve({}, { now: () => NOW });
    const token = await auth.token('ada-invalid', issuedAt(NOW));
    const before = await db.snapshot();
    const input = { eventId: 'a', verb: 'check-in', ...invalid };
    const { errors } = await service.graphql(RECORD, { input }, { token });
    expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['', 'x', '0', '007', '1.5', '9007199254740992'])(
    'names the integers that a goal id can be: %j',
    async (goalId, { service, createUser }) => {
      const { token } = await createUser();
      const input = { eventId: 'a', verb: 'check-in', goalId };
      const { errors } = await service.graphql(RECORD, { input }, { token });
      expect(errors?.map(({ message }) => message)).toEqual(['goalId must be an integer from 1 to 9007199254740991']);
    },
  );

  it('accepts the limits of time, and older activities with the scope activity:import', async ({
    serve,
    auth,
    createUser,
  }) => {
    const service = await serve({}, { now: () => NOW });
    const { id } = await createUser();
    const token = await auth.token(id, issuedAt(NOW));
    const record = (eventId: string, occurredAt: string, by = token) =>
      service.graphql(RECORD, { input: { eventId, verb: 'check-in', occurredAt } }, { token: by });
    for (const [index, time] of [new Date(NOW.getTime() + 300_000).toISOString(), hoursAgo(72)].entries()) {
      expect((await record(`limit-${index}`, time)).errors).toBeUndefined();
    }
    const importer = await auth.token(id, { ...issuedAt(NOW), scope: 'activity:import' });
    const { data } = await record('old', '2019-01-01T00:00:00.123456Z', importer);
    expect(data.recordActivity.activity).toMatchObject({ occurredAt: '2019-01-01T00:00:00.123456Z' });
  });

  it('allows users their own verbs only, and the scope activity:write every user and verb', async ({
    service,
    db,
    auth,
    createUser,
  }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const before = await db.snapshot();
    const record = (input: object, token?: string) =>
      service.graphql(RECORD, { input: { eventId: 'a', verb: 'check-in', ...input } }, token ? { token } : {});
    expect(codeOf(await record({}))).toBe('UNAUTHENTICATED');
    expect(codeOf(await record({ verb: 'exam.passed' }, ada.token))).toBe('FORBIDDEN');
    expect(codeOf(await record({ userId: grace.id }, ada.token))).toBe('FORBIDDEN');
    expect(codeOf(await record({ userId: grace.id, eventId: '' }, ada.token))).toBe('FORBIDDEN');
    expect(codeOf(await record({ eventId: '', verb: 'exam.passed' }, ada.token))).toBe('BAD_USER_INPUT');
    expect(await db.snapshot()).toEqual(before);
    const writer = await auth.token('recorder', { scope: 'activity:write' });
    const { data } = await record({ userId: grace.id, verb: 'exam.passed' }, writer);
    expect(data.recordActivity.user).toMatchObject({ id: grace.id, streak: { current: 1, expiresAt: null } });
  });
});

describe('the history that a recording reads', () => {
  const sinceOf = (occurredAt: string, scopes: readonly 'activity:import'[] = []) => {
    const viewer = { id: 'ada', scopes: new Set(scopes) };
    return activityRequest({ viewer, now: () => NOW } as never, 'ada', [
      readActivity('ada', { eventId: 'now', verb: 'check-in' }),
      readActivity('ada', { eventId: 'old', verb: 'check-in', occurredAt }),
    ]).since;
  };

  it('begins on the day before the oldest activity', () => {
    expect(sinceOf('2026-02-27T23:00:00Z')).toBe('2026-02-26');
    expect(sinceOf('2019-01-01T00:00:00Z', ['activity:import'])).toBe('2018-12-31');
    expect(sinceOf('0001-01-01T00:00:00Z', ['activity:import'])).toBe('0001-01-01');
  });

  it('begins at most 4 days ago without the scope activity:import, also for an activity that is rejected', () => {
    expect(sinceOf(hoursAgo(72))).toBe('2026-02-25');
    expect(sinceOf('1970-01-01T00:00:00Z')).toBe('2026-02-25');
  });
});
