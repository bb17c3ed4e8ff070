import { describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it as tracked } from '../../support/tracked-user.ts';
import { codeOf, issuedAt, RECORD } from './activity.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const PRIVATE = `query($id: ID!, $activity: ID!) {
  learner(id: $id) { activities { nodes { eventId } } activityCalendar(from: "2026-02-27", to: "2026-03-01") { date count quantity excused } }
  activity(id: $activity) { eventId }
  _entities(representations: [{ __typename: "Activity", id: $activity }]) { ... on Activity { eventId } }
}`;
const PAGE = `query($after: String, $verb: String) {
  viewer { activities(first: 2, after: $after, verb: $verb) { nodes { eventId } pageInfo { hasNextPage endCursor } } }
}`;

describe('the activities of a user', () => {
  it('are null without an error for all but the user and the scope activity:read', async ({ serve, auth }) => {
    const service = await serve({}, { now: () => NOW });
    auth.add({ id: 'ada-private' });
    const token = await auth.token('ada-private', issuedAt(NOW));
    const input = { eventId: 'a', verb: 'practice', quantity: 3 };
    const recorded = await service.graphql(RECORD, { input }, { token });
    const variables = { id: 'ada-private', activity: recorded.data.recordActivity.activity.id };
    const hidden = { learner: { activities: null, activityCalendar: null }, activity: null, _entities: [null] };
    const other = await auth.token('grace', { ...issuedAt(NOW), scope: 'streaks:write' });
    for (const options of [{}, { token: other }]) {
      const { data, errors } = await service.graphql(PRIVATE, variables, options);
      expect({ data, errors }).toEqual({ data: hidden, errors: undefined });
    }
    const empty = { count: 0, quantity: 0, excused: false };
    const shown = {
      learner: {
        activities: { nodes: [{ eventId: 'a' }] },
        activityCalendar: [
          { date: '2026-02-27', ...empty },
          { date: '2026-02-28', ...empty },
          { date: '2026-03-01', ...empty, count: 1, quantity: 3 },
        ],
      },
      activity: { eventId: 'a' },
      _entities: [{ eventId: 'a' }],
    };
    const reader = await auth.token('reader', { ...issuedAt(NOW), scope: 'activity:read' });
    for (const seen of [token, reader]) {
      expect((await service.graphql(PRIVATE, variables, { token: seen })).data).toEqual(shown);
    }
  });

  tracked(
    'are beside the excused dates of each range that overlaps the calendar and is not void',
    async ({ trackUser }) => {
      const { read, repair, send } = await trackUser('2026-03-01T12:00:00Z');
      await repair('2026-02-20', '2026-02-27');
      await repair('2026-03-01', '2026-03-05');
      const { excusedDates } = (await repair('2026-02-28', '2026-02-28')).result;
      await send('cancelExcusedDates', { id: excusedDates.id }, { scope: 'streaks:write' });
      const { activityCalendar } = await read(
        'activityCalendar(from: "2026-02-27", to: "2026-03-01") { date excused }',
      );
      expect(activityCalendar).toEqual([
        { date: '2026-02-27', excused: true },
        { date: '2026-02-28', excused: false },
        { date: '2026-03-01', excused: true },
      ]);
    },
  );

  it('are listed by the time at which they happened, in pages and by verb', async ({ serve, auth }) => {
    const service = await serve({}, { now: () => NOW });
    const token = await auth.token('ada-pages', issuedAt(NOW));
    const record = (eventId: string, verb: string, occurredAt: string) =>
      service.graphql(RECORD, { input: { eventId, verb, occurredAt } }, { token });
    await record('second', 'practice', '2026-03-01T10:00:00Z');
    await record('third', 'check-in', '2026-03-01T11:00:00Z');
    await record('first', 'practice', '2026-02-28T10:00:00Z');
    const page = async (variables: object) =>
      (await service.graphql(PAGE, { ...variables }, { token })).data.viewer.activities;
    const newest = await page({});
    expect(newest).toMatchObject({
      nodes: [{ eventId: 'third' }, { eventId: 'second' }],
      pageInfo: { hasNextPage: true },
    });
    expect(await page({ after: newest.pageInfo.endCursor })).toMatchObject({ nodes: [{ eventId: 'first' }] });
    const invalid = await service.graphql(PAGE, { verb: 'a\u0000' }, { token });
    expect(codeOf(invalid)).toBe('BAD_USER_INPUT');
    expect((await page({ verb: 'practice' })).nodes).toEqual([{ eventId: 'second' }, { eventId: 'first' }]);
  });

  it('show no goal after it is deleted, and keep counting', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const goal = (await service.rest(`/users/${id}/goals`, { token, body: { title: 'Play the piano' } })).body.id;
    const input = { eventId: 'a', verb: 'practice', goalId: String(goal) };
    const first = await service.graphql(RECORD, { input }, { token });
    expect(first.data.recordActivity.activity.goal).toEqual({ id: String(goal) });
    await service.rest(`/users/${id}/goals/${goal}`, { method: 'DELETE', token });
    const { data } = await service.graphql(RECORD, { input: { ...input, goalId: null } }, { token });
    expect(data.recordActivity).toMatchObject({
      replayed: true,
      activity: { goal: null },
      user: { streak: { current: 1 } },
    });
    const list = await service.rest(`/users/${id}/activities`, { token });
    expect(list.body).toMatchObject([{ event_id: 'a', goal_id: null }]);
  });

  it('reject a calendar that is reversed or has more than 400 dates', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const calendar = (from: string, to: string) =>
      service.graphql(`{ viewer { activityCalendar(from: "${from}", to: "${to}") { date } } }`, {}, { token });
    expect((await calendar('2026-01-01', '2027-02-04')).data.viewer.activityCalendar).toHaveLength(400);
    expect(codeOf(await calendar('2026-01-01', '2027-02-05'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await calendar('2026-01-02', '2026-01-01'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await calendar('2026-02-30', '2026-03-01'))).toBe('GRAPHQL_VALIDATION_FAILED');
    const rest = (query: string) => service.rest(`/users/${id}/activity/calendar?${query}`, { token });
    expect((await rest('from=2026-01-01&to=2026-01-02')).body).toHaveLength(2);
    for (const query of [
      '',
      'from=2026-01-01',
      'from=2026-02-30&to=2026-03-01',
      'from=2026-01-02&to=2026-01-01',
      'from=0000-01-01&to=0000-01-02',
    ]) {
      expect((await rest(query)).status).toBe(422);
    }
  });
});

describe('REST', () => {
  it('records with the effects, replays, and rejects other content', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const path = `/users/${id}/activities`;
    const body = { event_id: 'a', verb: 'check-in' };
    const first = await service.rest(path, { token, body });
    expect(first).toMatchObject({ status: 200, body: { activity: { event_id: 'a' }, badges: [] } });
    expect(first.body.streak).toMatchObject({
      unit: 'day',
      current: 1,
      status: 'active',
      expires_at: expect.any(String),
    });
    const second = await service.rest(path, { token, body });
    expect(second).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' }, text: first.text });
    expect(await service.rest(path, { token, body: { ...body, verb: 'practice' } })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    const streak = await service.rest(`/users/${id}/streak`);
    const { expires_at: _, ...shown } = first.body.streak;
    expect(streak.body).toEqual(shown);
    expect((await service.rest('/users/unknown-user/streak')).body).toMatchObject({ status: 'none', current: 0 });
  });

  it('lists pages that follow a cursor; `skip` is unknown, since it would read what it leaves out', async ({
    service,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const path = `/users/${id}/activities`;
    for (const event_id of ['a', 'b', 'c']) await service.rest(path, { token, body: { event_id, verb: 'check-in' } });
    const events = async (query: string) =>
      (await service.rest(`${path}?${query}`, { token })).body.map((activity: Json) => activity.event_id);
    const { headers } = await service.rest(`${path}?limit=2`, { token });
    const after = /after=([^&>]+)/.exec(String(headers.link))?.[1];
    expect(await events('limit=2')).toEqual(['c', 'b']);
    expect(await events(`limit=2&after=${after}`)).toEqual(['a']);
    expect(await events('limit=2&skip=1')).toEqual(['c', 'b']);
  });

  it('answers 401 and 403 before 422, and 403 for a verb after it', async ({ service, auth, createUser }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const path = `/users/${ada.id}/activities`;
    const statusOf = async (body: object, token?: string) =>
      (await service.rest(path, { body, ...(token !== undefined && { token }) })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({}, grace.token)).toBe(403);
    expect(await statusOf({ verb: 'exam.passed' }, ada.token)).toBe(422);
    expect(await statusOf({ event_id: 'a', verb: 'exam.passed' }, ada.token)).toBe(403);
    const writer = await auth.token('recorder', { scope: 'activity:write' });
    expect(await statusOf({ event_id: 'a', verb: 'exam.passed' }, writer)).toBe(200);
    expect((await service.rest(path)).status).toBe(401);
    expect(await service.rest(path, { token: grace.token })).toMatchObject({
      status: 403,
      body: { detail: 'This section is private' },
    });
    expect((await service.rest(`${path}?limit=1`, { token: ada.token })).body).toHaveLength(1);
  });
});
