import { describe, expect, goalBody, goalInput, it } from '../../support/fixtures.ts';

const CREATE = `mutation($input: CreateGoalInput!) {
  createGoal(input: $input) {
    goal { id title description status streakCount createdAt updatedAt version user { id } }
  }
}`;
const LIMIT_OF_THREE = { MAX_GOALS_PER_USER: '3' };

const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;

describe('POST /users/{auth_user_id}/goals', () => {
  it('returns 200 with the goal, byte for byte as in v1, followed by its dates and targets', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const { status, headers, text } = await service.rest(goalsOf(ada), {
      token: ada.token,
      body: { title: 'Swim', description: 'In the sea', status: 'not-started', streak_count: 3 },
    });
    const [row] = await db.sql`
      select id, to_json(created_at at time zone 'UTC') #>> '{}' || 'Z' as date
      from learning_goals where auth_user_id = ${ada.id}`;
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(text).toBe(
      `{"id":${row?.id},"title":"Swim","description":"In the sea","status":"not-started","streak_count":3,` +
        `"auth_user_id":"${ada.id}","created_at":"${row?.date}","updated_at":"${row?.date}",` +
        '"target_quantity":null,"due_on":null,"times_per_week":null}',
    );
  });

  it('requires only a title', async ({ service, createUser }) => {
    const ada = await createUser();
    const { status, body } = await service.rest(goalsOf(ada), { token: ada.token, body: { title: 'Swim' } });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { title: 'Swim', description: null, status: 'in-progress', streak_count: 0 },
    });
  });

  it('accepts null as the description', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = goalBody({ description: null });
    expect(await service.rest(goalsOf(ada), { token: ada.token, body })).toMatchObject({ status: 200, body });
  });

  it('returns the path of the new goal in Location and its version in ETag', async ({ service, createUser }) => {
    const ada = await createUser();
    const { headers, body } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    expect(headers).toMatchObject({ location: `/users/${ada.id}/goals/${body.id}`, etag: `"${body.id}-1"` });
  });

  it('dates the goal by the clock of the service, in UTC', async ({ serve, auth, createUser }) => {
    const ada = await createUser();
    const now = new Date('2026-03-01T09:30:00.250Z');
    const service = await serve({}, { now: () => now });
    const seconds = now.getTime() / 1000;
    const token = await auth.token(ada.id, { iat: seconds, exp: seconds + 60 });
    const { body } = await service.rest(goalsOf(ada), { token, body: goalBody() });
    expect(body).toMatchObject({ created_at: '2026-03-01T09:30:00.25Z', updated_at: '2026-03-01T09:30:00.25Z' });
  });
});

describe('createGoal', () => {
  it('creates a goal for the viewer', async ({ service, createUser }) => {
    const ada = await createUser();
    const input = goalInput({ description: 'Long ones', status: 'PAUSED', streakCount: 7 });
    const { data, errors } = await service.graphql(CREATE, { input }, { token: ada.token });
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(errors).toBeUndefined();
    expect(data.createGoal.goal).toEqual({
      ...input,
      id: expect.stringMatching(/^[1-9]\d*$/),
      createdAt: instant,
      updatedAt: data.createGoal.goal.createdAt,
      version: 1,
      user: { id: ada.id },
    });
  });

  it('requires only a title, and accepts the id of the viewer and null as userId', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const userId of [undefined, null, ada.id]) {
      const { data } = await service.graphql(CREATE, { input: { title: 'Swim', userId } }, { token: ada.token });
      expect(data.createGoal.goal).toMatchObject({ description: null, status: 'IN_PROGRESS', streakCount: 0 });
      expect(data.createGoal.goal.user.id).toBe(ada.id);
    }
  });
});

describe('MAX_GOALS_PER_USER', () => {
  it('rejects a goal over the limit with 400, byte for byte as in v1, and with LIMIT_REACHED in GraphQL', async ({
    serve,
    db,
    createUser,
  }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '1' });
    const ada = await createUser();
    const create = () => service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    expect((await create()).status).toBe(200);
    const before = await db.snapshot();
    const { status, headers, text } = await create();
    expect(status).toBe(400);
    expect(text).toBe(
      '{"detail":"Maximum number of learning goals (1) reached","code":"LIMIT_REACHED",' +
        `"request_id":"${headers['x-request-id']}"}`,
    );
    const { errors } = await service.graphql(CREATE, { input: goalInput() }, { token: ada.token });
    expect(errors?.[0]).toMatchObject({
      message: 'Maximum number of learning goals (1) reached',
      extensions: { code: 'LIMIT_REACHED' },
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('counts goals of every status, and not deleted ones', async ({ serve, createUser }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '2' });
    const ada = await createUser();
    const create = (status: string) => service.rest(goalsOf(ada), { token: ada.token, body: goalBody({ status }) });
    const { body } = await create('archived');
    const statuses = [(await create('completed')).status, (await create('in-progress')).status];
    await service.rest(`${goalsOf(ada)}/${body.id}`, { method: 'DELETE', token: ada.token });
    expect([...statuses, (await create('in-progress')).status]).toEqual([200, 400, 200]);
  });

  it('is exact when a new user sends twelve requests at the same time', async ({ serve, db, createUser }) => {
    const service = await serve(LIMIT_OF_THREE);
    const ada = await createUser();
    const create = () => service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    const responses = await Promise.all(Array.from({ length: 12 }, create));
    const rejected = responses.filter(({ status }) => status === 400);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(rejected.map(({ body }) => body.detail)).toEqual(
      Array(9).fill('Maximum number of learning goals (3) reached'),
    );
    expect(await db.sql`select from learning_goals where auth_user_id = ${ada.id}`).toHaveLength(3);
  });

  it('is exact when a user creates badges and goals at the same time', async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '2', MAX_BADGES_PER_USER: '2' });
    const ada = await createUser();
    const badge = { name: 'First', description: 'Steps', icon_url: '/x.svg' };
    await Promise.all(
      Array.from({ length: 6 }, () => [
        service.rest(goalsOf(ada), { token: ada.token, body: goalBody() }),
        service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badge }),
      ]).flat(),
    );
    expect(await db.sql`select from learning_goals where auth_user_id = ${ada.id}`).toHaveLength(2);
    expect(await db.sql`select from badges where auth_user_id = ${ada.id}`).toHaveLength(2);
  });
});

describe('goal creation', () => {
  it('is rejected without a token and with an expired token', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const anonymous = await service.rest(goalsOf(ada), { body: goalBody() });
    expect(anonymous).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
    const expired = await service.rest(goalsOf(ada), { token: await auth.token(ada.id, { exp: 1 }), body: goalBody() });
    expect(expired).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
    const { data, errors } = await service.graphql(CREATE, { input: goalInput({ userId: ada.id }) });
    expect({ data, code: errors?.[0].extensions.code }).toEqual({
      data: { createGoal: null },
      code: 'UNAUTHENTICATED',
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('is rejected with 403 for another user, known or unknown', async ({ service, db, createUser }) => {
    const [eve, ada] = [await createUser(), await createUser()];
    const detail = 'Not authorized to create a learning goal for this user';
    const before = await db.snapshot();
    for (const userId of [ada.id, 'unknown-user']) {
      const rest = await service.rest(`/users/${userId}/goals`, { token: eve.token, body: goalBody() });
      expect(rest).toMatchObject({ status: 403, body: { detail, code: 'FORBIDDEN' } });
      const { errors } = await service.graphql(CREATE, { input: goalInput({ userId }) }, { token: eve.token });
      expect(errors?.[0]).toMatchObject({ message: detail, extensions: { code: 'FORBIDDEN' } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('returns 401, 403 and 422 in this order, before it checks the limit', async ({ serve, createUser }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '0' });
    const [ada, eve] = [await createUser(), await createUser()];
    const statusOf = async (token: string | undefined, body: object) =>
      (await service.rest(goalsOf(ada), { ...(token && { token }), body })).status;
    const invalid = goalBody({ title: '' });
    expect([
      await statusOf(undefined, invalid),
      await statusOf(eve.token, invalid),
      await statusOf(ada.token, invalid),
      await statusOf(ada.token, goalBody({ title: '\u0000' })),
      await statusOf(ada.token, goalBody()),
    ]).toEqual([401, 403, 422, 422, 400]);
  });
});
