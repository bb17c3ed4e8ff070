import { it as base, describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { trackerOf } from '../awards/tracker.ts';
import { codeOf, RECORD_ALL } from './activity.ts';

const RECORD_WITH_STREAKS = `mutation($activities: [RecordActivityInput!]!) {
  recordActivities(input: { activities: $activities }) {
    results { activity { user { streak { totalDays } } goal { streak { totalDays } } } }
  }
}`;
/** The Mondays of 100 weeks. */
const MONDAYS = Array.from({ length: 100 }, (_, week) =>
  new Date(Date.UTC(2009, 0, 5 + week * 7, 12)).toISOString().replace('.000', ''),
);

/** Records activities of 100 weeks, which earn 2,100 badges of a user, and so are saved in three parts. */
const it = base.extend('recordInParts', ({ service, auth }) => async (items: object[]) => {
  const tracker = await trackerOf(service, auth);
  const verb = `import.${crypto.randomUUID().slice(0, 8)}`;
  let key = '';
  for (let i = 0; i < 21; i++) key = await tracker.define({ count: { verb, gte: 1 } }, { repeat: 'WEEKLY' });
  service.statements.clear();
  const activities = items.map((item, i) => ({ eventId: `event-${i}`, verb, ...item }));
  const { recordActivities } = await tracker.query(RECORD_WITH_STREAKS, { activities });
  expect(service.statements.filter((text) => text.includes('saved_activities'))).toHaveLength(3);
  return { key, results: recordActivities.results as Json[] };
});

describe('recordActivities', () => {
  it('returns a result for each item in order; an invalid item costs only itself', async ({
    service,
    auth,
    createUser,
  }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const activities = [
      { userId: ada.id, eventId: 'a', verb: 'exam.passed' },
      { userId: grace.id, eventId: 'a', verb: 'exam.passed', quantity: 0 },
      { userId: ada.id, eventId: 'a', verb: 'exam.passed' },
      { userId: ada.id, eventId: 'a', verb: 'exam.failed' },
      { userId: ada.id, eventId: 'b', verb: 'exam.passed', occurredAt: '2019-01-01T00:00:00Z' },
      { userId: 'not an id', eventId: 'a', verb: 'exam.passed' },
      { userId: grace.id, eventId: 'a', verb: 'exam.passed', goalId: '12' },
      { userId: grace.id, eventId: 'c', verb: 'exam.passed' },
    ];
    const { data } = await service.graphql(RECORD_ALL, { activities }, { token });
    const { results } = data.recordActivities;
    const summary = results.map(({ status, code }: { status: string; code: string | null }) => [status, code]);
    expect(summary).toEqual([
      ['CREATED', null],
      ['INVALID', 'BAD_USER_INPUT'],
      ['REPLAYED', null],
      ['CONFLICT', 'CONFLICT'],
      ['INVALID', 'BAD_USER_INPUT'],
      ['INVALID', 'BAD_USER_INPUT'],
      ['INVALID', 'BAD_USER_INPUT'],
      ['CREATED', null],
    ]);
    expect(results[2].activity.id).toBe(results[0].activity.id);
    const again = await service.graphql(RECORD_ALL, { activities: [activities[0]] }, { token });
    expect(again.data.recordActivities.results[0].status).toBe('REPLAYED');
  });

  it('records an item without a user for the viewer', async ({ service, auth }) => {
    const token = await auth.token('recorder-of-own', { scope: 'activity:write' });
    const activities = [
      { eventId: 'a', verb: 'exam.passed' },
      { userId: null, eventId: 'b', verb: 'exam.passed' },
      { userId: '', eventId: 'c', verb: 'exam.passed' },
    ];
    const { data } = await service.graphql(RECORD_ALL, { activities }, { token });
    const { results } = data.recordActivities;
    expect(results.map(({ status }: { status: string }) => status)).toEqual(['CREATED', 'CREATED', 'INVALID']);
    const { data: own } = await service.graphql('{ viewer { id streak { totalDays } } }', {}, { token });
    expect(own.viewer).toEqual({ id: 'recorder-of-own', streak: { totalDays: 1 } });
  });

  it('reports an item that is dated in the year 1 as invalid, and records the others', async ({
    service,
    auth,
    createUser,
  }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const importer = await auth.token('importer', { scope: 'activity:write activity:import' });
    const activities = [
      { userId: ada.id, eventId: 'old', verb: 'exam.passed', occurredAt: '0001-01-01T00:00:00Z' },
      { userId: ada.id, eventId: 'a', verb: 'exam.passed' },
      { userId: grace.id, eventId: 'a', verb: 'exam.passed' },
    ];
    const record = async (by: string) => {
      const { data } = await service.graphql(RECORD_ALL, { activities }, { token: by });
      return data.recordActivities.results.map(({ status }: { status: string }) => status);
    };
    expect(await record(token)).toEqual(['INVALID', 'CREATED', 'CREATED']);
    expect(await record(importer)).toEqual(['CREATED', 'REPLAYED', 'REPLAYED']);
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ streak: { gte: 1 } });
    const occurredAt = new Date(Date.now() - 86_400_000).toISOString();
    expect((await tracker.record(ada.id, { occurredAt })).badges).toMatchObject([{ definition: { key } }]);
  });

  it('saves the items of a user in parts when they earn more than 2,000 badges', async ({
    service,
    db,
    auth,
    createUser,
  }) => {
    const { id } = await createUser();
    const tracker = await trackerOf(service, auth);
    const verb = `import.${crypto.randomUUID().slice(0, 8)}`;
    const weekly: string[] = [];
    while (weekly.length < 57) weekly.push(await tracker.define({ count: { verb, gte: 1 } }, { repeat: 'WEEKLY' }));
    const perRun = await tracker.define({ count: { verb, gte: 1 } }, { repeat: 'PER_STREAK' });
    const days = Array.from({ length: 252 }, (_, day) => {
      const occurredAt = new Date(Date.parse('2005-01-03T12:00:00Z') + day * 86_400_000).toISOString();
      return { verb, occurredAt, eventId: occurredAt };
    });
    // Without the odd days, each even day is a run of its own.
    const items = [...days.filter((_, day) => day % 2 === 0), ...days.filter((_, day) => day % 2 === 1)];
    service.statements.clear();
    const { results } = await tracker.recordMany(id, [...items, items[0] as object]);
    const statuses = results.map(({ status }: { status: string }) => status);
    expect(statuses).toEqual([...items.map(() => 'CREATED'), 'REPLAYED']);
    expect(service.statements.filter((text) => text.includes('saved_activities'))).toHaveLength(3);
    const badges = await db.sql`
      select definition_key as key, count(*)::int as count from badges where auth_user_id = ${id} group by 1`;
    const counts = new Map(badges.map(({ key, count }) => [key, count]));
    expect(weekly.map((key) => counts.get(key))).toEqual(Array(57).fill(36));
    expect(counts.get(perRun)).toBe(1);
    expect(await db.sql`select from activities where auth_user_id = ${id}`).toHaveLength(252);
  });

  it('returns the streaks of the last part', async ({ service, createUser, recordInParts }) => {
    const { id: userId, token } = await createUser();
    const goal = await service.rest(`/users/${userId}/goals`, { token, body: { title: 'Read' } });
    const goalId = String(goal.body.id);
    const { results } = await recordInParts(MONDAYS.map((occurredAt) => ({ userId, goalId, occurredAt })));
    const streak = { totalDays: MONDAYS.length };
    expect(results).toEqual(MONDAYS.map(() => ({ activity: { user: { streak }, goal: { streak } } })));
  });

  it('saves the parts in the order of the instants, also within a second', async ({
    db,
    createUser,
    recordInParts,
  }) => {
    const { id: userId } = await createUser();
    const last = MONDAYS[33] as string; // of the first part
    const instants = [...MONDAYS, last.replace('Z', '.5Z')];
    const { key } = await recordInParts(instants.map((occurredAt) => ({ userId, occurredAt })));
    const badges = await db.sql`
      select to_char(date_achieved at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from badges
      where auth_user_id = ${userId} and definition_key = ${key} order by date_achieved`;
    expect(badges.map(({ at }) => at.replace('.000', ''))).toEqual(MONDAYS);
  });

  it('requires the scope activity:write and 1 to 1,000 items', async ({ service, db, auth, createUser }) => {
    const { id, token: own } = await createUser();
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const before = await db.snapshot();
    const items = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ userId: id, eventId: `e-${i}`, verb: 'check-in' }));
    const record = (count: number, by: string) =>
      service.graphql(RECORD_ALL, { activities: items(count) }, { token: by });
    expect(codeOf(await record(1, own))).toBe('FORBIDDEN');
    expect(codeOf(await record(0, token))).toBe('BAD_USER_INPUT');
    expect(codeOf(await record(1001, token))).toBe('BAD_USER_INPUT');
    expect(await db.snapshot()).toEqual(before);
    const { data } = await record(1000, token);
    expect(data.recordActivities.results).toHaveLength(1000);
    expect(new Set(data.recordActivities.results.map(({ status }: { status: string }) => status))).toEqual(
      new Set(['CREATED']),
    );
  });

  it('reports an item of the wrong shape over REST as invalid', async ({ service, auth, createUser }) => {
    const { id } = await createUser({ id: '4711' });
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const valid = { auth_user_id: Number(id), event_id: 'a', verb: 'exam.passed' };
    const activities = [
      valid,
      null,
      'text',
      [],
      { ...valid, event_id: 7 },
      { ...valid, object_id: {} },
      { ...valid, nonsense: 1 },
      { auth_user_id: id, eventId: 'b', verb: 'exam.passed' },
      { ...valid, event_id: 'c', objectId: 'lesson-1' },
      { userId: id, event_id: 'd', verb: 'exam.passed' },
      { event_id: 'e', verb: 'exam.passed' },
      { ...valid, auth_user_id: 1.5 },
      { ...valid, auth_user_id: 1e21 },
      { ...valid, auth_user_id: 2 ** 53 },
      { ...valid, auth_user_id: 1.5, event_id: 7 },
    ];
    const { status, body } = await service.rest('/users/activities', { token, body: { activities } });
    expect(status).toBe(200);
    expect(body.results[0]).toMatchObject({ status: 'created', activity: { auth_user_id: 4711, goal_id: null } });
    expect(body.results.slice(1).map((result: { status: string }) => result.status)).toEqual(Array(14).fill('invalid'));
    expect(body.results[7].detail).toBe('The item has the unknown member eventId');
    expect(body.results[4].detail).toMatch(/^event_id must be 1 to 100 /);
    expect(body.results[14]).toEqual(body.results[11]);
    expect(body.results[11].detail).toBe(
      'auth_user_id must be 1 to 128 characters of A-Z, a-z, 0-9 and ._~:|@+-, a letter or digit first, and not "me" or "activities"',
    );
    expect(body.results[1]).toEqual({ status: 'invalid', code: 'BAD_USER_INPUT', detail: expect.any(String) });
  });

  it('names the integers that a goal id can be, over REST', async ({ service, auth, createUser }) => {
    const { id } = await createUser();
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const activities = [0, 1.5, 2 ** 53, '7', {}].map((goal_id) => ({
      auth_user_id: id,
      event_id: 'a',
      verb: 'exam.passed',
      goal_id,
    }));
    const { body } = await service.rest('/users/activities', { token, body: { activities } });
    const detail = 'goal_id must be an integer from 1 to 9007199254740991';
    expect(body.results).toEqual(activities.map(() => ({ status: 'invalid', code: 'BAD_USER_INPUT', detail })));
    const single = { token, body: { event_id: 'a', verb: 'exam.passed', goal_id: 2 ** 53 } };
    expect(await service.rest(`/users/${id}/activities`, single)).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'goal_id'], msg: 'must be <= 9007199254740991', type: 'less_than_equal' }] },
    });
  });

  it('answers 401, 403 and 422 over REST', async ({ service, auth, createUser }) => {
    const { token: own } = await createUser();
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const body = { activities: [] };
    expect((await service.rest('/users/activities', { body })).status).toBe(401);
    expect((await service.rest('/users/activities', { body: {}, token: own })).status).toBe(403);
    expect((await service.rest('/users/activities', { body, token })).status).toBe(422);
    expect((await service.rest('/users/activities/badges')).status).toBe(422);
  });
});
