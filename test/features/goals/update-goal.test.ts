import type { Service } from '../../support/app.ts';
import { withLongLockTimeout } from '../../support/database.ts';
import { describe, expect, goalBody, it, type SignedIn } from '../../support/fixtures.ts';
import type { RestOptions } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';
import { whileLocked } from '../../support/locked-user.ts';
import { countWaiting } from '../../support/waiting.ts';

const UPDATE = `mutation($input: UpdateGoalInput!) {
  updateGoal(input: $input) { goal { id title description status streakCount createdAt updatedAt version } }
}`;

const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;

/** Creates a goal and returns it with functions that update it. */
async function createGoal(service: Service, user: SignedIn, given: Json = {}) {
  const body = goalBody({ title: 'Swim', description: 'In the sea', streak_count: 3, ...given });
  const { body: goal, headers } = await service.rest(goalsOf(user), { token: user.token, body });
  const path = `${goalsOf(user)}/${goal.id}`;
  const put = (change: unknown, options: RestOptions = {}) =>
    service.rest(path, { method: 'PUT', token: user.token, body: change, ...options });
  const ifMatch = (etag: string, change: unknown) => put(change, { headers: { 'if-match': etag } });
  return { goal, etag: headers.etag ?? '', path, put, ifMatch };
}

describe('PUT /users/{auth_user_id}/goals/{goal_id}', () => {
  it('changes the fields that the body names and keeps the others', async ({ service, createUser }) => {
    const { goal, put } = await createGoal(service, await createUser());
    const changes = [{ title: 'Run' }, { description: null }, { status: 'paused' }, { streak_count: 9 }];
    let expected = goal;
    for (const change of changes) {
      const { status, body } = await put(change);
      expected = { ...expected, ...change, updated_at: body.updated_at };
      expect({ status, body }).toEqual({ status: 200, body: expected });
    }
  });

  it('returns the goal, byte for byte as in v1, followed by its dates', async ({ service, createUser }) => {
    const { goal, put } = await createGoal(service, await createUser());
    const { text, body } = await put({ streak_count: 4 });
    expect(text).toBe(JSON.stringify({ ...goal, streak_count: 4, updated_at: body.updated_at }));
  });

  it('dates the change by the clock of the service and keeps the creation date', async ({ serve, createUser }) => {
    let now = new Date();
    const service = await serve({}, { now: () => now });
    const { goal, put } = await createGoal(service, await createUser());
    const first = now;
    now = new Date(first.getTime() + 1000);
    const { body } = await put({ title: 'Run' });
    expect(body.created_at).toBe(goal.created_at);
    expect([new Date(body.created_at), new Date(body.updated_at)]).toEqual([first, now]);
  });

  it('clears the description with null and keeps it when it is absent', async ({ service, createUser }) => {
    const { put } = await createGoal(service, await createUser());
    expect((await put({ title: 'Run' })).body.description).toBe('In the sea');
    expect((await put({ description: null })).body.description).toBeNull();
    expect((await put({ title: 'Swim' })).body.description).toBeNull();
    expect((await put({ description: '' })).body.description).toBe('');
  });

  it('returns a different ETag for each version', async ({ service, createUser }) => {
    const { etag, put } = await createGoal(service, await createUser());
    const second = (await put({ streak_count: 4 })).headers.etag;
    const third = (await put({ streak_count: 3 })).headers.etag;
    expect(new Set([etag, second, third]).size).toBe(3);
  });

  it('keeps the version and the dates when nothing changes', async ({ service, db, createUser }) => {
    const { goal, etag, put } = await createGoal(service, await createUser());
    const before = await db.snapshot();
    const { title, description, status, streak_count } = goal;
    for (const same of [{}, { title }, { status }, { title, description, status, streak_count }]) {
      const response = await put(same);
      expect(response).toMatchObject({ status: 200, body: goal, headers: { etag } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('commits before it responds', async ({ service, db, createUser }) => {
    const { goal, put } = await createGoal(service, await createUser());
    await put({ title: 'Run', status: 'completed' });
    expect(await db.sql`select title, status, version from learning_goals where id = ${goal.id}`).toEqual([
      { title: 'Run', status: 'completed', version: 2 },
    ]);
  });
});

describe('updateGoal', () => {
  it('changes the fields that the input names and increments the version when a value changes', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const { goal } = await createGoal(service, ada);
    const update = async (input: Json) =>
      (await service.graphql(UPDATE, { input: { id: goal.id, ...input } }, { token: ada.token })).data.updateGoal.goal;
    expect(await update({ status: 'COMPLETED' })).toMatchObject({
      id: String(goal.id),
      title: 'Swim',
      description: 'In the sea',
      status: 'COMPLETED',
      streakCount: 3,
      createdAt: goal.created_at,
      version: 2,
    });
    expect(await update({ description: null })).toMatchObject({ description: null, title: 'Swim', version: 3 });
    expect(await update({})).toMatchObject({ title: 'Swim', version: 3 });
  });
});

describe('an update that expects a version', () => {
  it('changes that version only and gets 412 for another If-Match', async ({ service, db, createUser }) => {
    const { etag, put, ifMatch } = await createGoal(service, await createUser());
    const changed = await ifMatch(etag, { title: 'Run' });
    expect(changed.status).toBe(200);
    const before = await db.snapshot();
    for (const stale of [etag, '"0-0"', 'nonsense', '', `W/${changed.headers.etag}`, `${etag}, "7-7"`]) {
      const response = await ifMatch(stale, { title: 'Too late' });
      expect(response).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
    }
    expect(await db.snapshot()).toEqual(before);
    expect((await put({ title: 'Any version' })).status).toBe(200);
  });

  it('accepts several versions and * in If-Match', async ({ service, createUser }) => {
    const { etag, ifMatch } = await createGoal(service, await createUser());
    const second = await ifMatch('*', { title: 'Run' });
    const third = await ifMatch(`"0-0" , ${second.headers.etag},${etag}`, { title: 'Walk' });
    expect([second.status, third.status, third.body.title]).toEqual([200, 200, 'Walk']);
  });

  it('gets 404 for a deleted goal, and 412 before its transition is checked', async ({ service, createUser }) => {
    const ada = await createUser();
    const { path, ifMatch } = await createGoal(service, ada, { status: 'archived' });
    const statuses = [(await ifMatch('"0-0"', { status: 'paused' })).status];
    await service.rest(path, { method: 'DELETE', token: ada.token });
    statuses.push((await ifMatch('"0-0"', { title: 'Run' })).status);
    expect(statuses).toEqual([412, 404]);
  });

  it('gets CONFLICT in GraphQL for another expectedVersion', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await createGoal(service, ada);
    const update = (expectedVersion: number | null, title: string) =>
      service.graphql(UPDATE, { input: { id: goal.id, title, expectedVersion } }, { token: ada.token });
    expect((await update(1, 'Run')).data.updateGoal.goal.version).toBe(2);
    const before = await db.snapshot();
    for (const stale of [1, 3, 0, -1]) {
      expect((await update(stale, 'Too late')).errors?.[0].extensions).toMatchObject({ code: 'CONFLICT' });
    }
    expect(await db.snapshot()).toEqual(before);
    expect((await update(null, 'Any version')).data.updateGoal.goal.version).toBe(3);
  });

  it('succeeds once when twelve requests race for the same version', async ({ service, db, createUser }) => {
    const { goal, etag, ifMatch } = await createGoal(service, await createUser());
    const responses = await Promise.all(Array.from({ length: 12 }, (_, i) => ifMatch(etag, { title: `Racer ${i}` })));
    const won = responses.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 412)).toHaveLength(11);
    expect(await db.sql`select title, version from learning_goals where id = ${goal.id}`).toEqual([
      { title: won[0]?.body.title, version: 2 },
    ]);
  });
});

describe('concurrent updates of a goal', () => {
  it('keep the changes of every field, across REST and GraphQL', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal, put } = await createGoal(service, ada);
    const graphql = (change: Json) =>
      service.graphql(UPDATE, { input: { id: goal.id, ...change } }, { token: ada.token });
    await Promise.all([
      put({ title: 'Run' }),
      graphql({ description: 'Up the hill' }),
      put({ streak_count: 8 }),
      graphql({ status: 'PAUSED' }),
    ]);
    expect(
      await db.sql`select title, description, streak_count, status, version from learning_goals where id = ${goal.id}`,
    ).toEqual([{ title: 'Run', description: 'Up the hill', streak_count: 8, status: 'paused', version: 5 }]);
  });

  it('create one version each', async ({ service, createUser }) => {
    const { goal, put } = await createGoal(service, await createUser());
    const responses = await Promise.all(Array.from({ length: 8 }, (_, i) => put({ streak_count: 100 + i })));
    const etags = responses.map(({ headers }) => headers.etag).sort();
    expect(etags).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((version) => `"${goal.id}-${version}"`));
  });

  it('use one connection of the pool, so that other users find one', async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '3' });
    const [ada, other] = [await createUser(), await createUser()];
    const { put } = await createGoal(service, ada);
    const responses = await whileLocked(db.sql, ada.id, {
      start: () => Promise.all(Array.from({ length: 20 }, (_, i) => put({ streak_count: 100 + i }))),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
        expect((await service.rest(`/users/${other.id}/goals`)).status).toBe(200);
        expect(await countWaiting(db.sql)).toBe(1);
      },
    });
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('do not restore a goal that is deleted at the same time', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal, path, put } = await createGoal(service, ada);
    const responses = await Promise.all([
      put({ title: 'Run' }),
      service.rest(path, { method: 'DELETE', token: ada.token }),
      put({ title: 'Walk' }),
    ]);
    expect(responses[1]?.status).toBe(200);
    for (const { status } of responses) expect([200, 404]).toContain(status);
    expect(await db.sql`select from learning_goals where id = ${goal.id}`).toEqual([]);
  });
});

describe('a goal update', () => {
  it('is rejected without a token and with an expired token', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const { goal, path } = await createGoal(service, ada);
    const before = await db.snapshot();
    const anonymous = await service.rest(path, { method: 'PUT', body: { title: 'Run' } });
    expect(anonymous).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
    const token = await auth.token(ada.id, { exp: 1 });
    const expired = await service.rest(path, { method: 'PUT', token, body: { title: 'Run' } });
    expect(expired).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
    const { errors } = await service.graphql(UPDATE, { input: { id: goal.id, title: 'Run' } });
    expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets 403 on the path of another user, whether or not the goal exists', async ({ service, db, createUser }) => {
    const eve = await createUser();
    const { path } = await createGoal(service, await createUser());
    const before = await db.snapshot();
    for (const address of [path, path.replace(/\d+$/, '999999999'), '/users/unknown-user/goals/1']) {
      const response = await service.rest(address, { method: 'PUT', token: eve.token, body: { title: 'Run' } });
      expect(response).toMatchObject({
        status: 403,
        body: { detail: 'Not authorized to update this learning goal', code: 'FORBIDDEN' },
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets the same 404 for a goal of another user and for an unknown goal, on the viewer’s path and in GraphQL', async ({
    service,
    db,
    createUser,
  }) => {
    const eve = await createUser();
    const { goal } = await createGoal(service, await createUser());
    const before = await db.snapshot();
    for (const id of [goal.id, 999_999_999]) {
      const path = `${goalsOf(eve)}/${id}`;
      const rest = await service.rest(path, { method: 'PUT', token: eve.token, body: { title: 'Run' } });
      expect(rest).toMatchObject({ status: 404, body: { detail: 'Learning goal not found', code: 'NOT_FOUND' } });
      const { errors } = await service.graphql(UPDATE, { input: { id, title: 'Run' } }, { token: eve.token });
      expect(errors?.[0]).toMatchObject({ message: 'Learning goal not found', extensions: { code: 'NOT_FOUND' } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('returns 401, 403, 422 and 404 in this order, before the 400 for its transition', async ({
    service,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const { path, put } = await createGoal(service, ada, { status: 'archived' });
    const missing = path.replace(/\d+$/, '999999999');
    const statusOf = async (address: string, token: string | undefined, body: object) =>
      (await service.rest(address, { method: 'PUT', ...(token && { token }), body })).status;
    expect([
      await statusOf(missing, undefined, { title: '' }),
      await statusOf(missing, eve.token, { title: '' }),
      await statusOf(missing, ada.token, { title: '' }),
      await statusOf(missing, ada.token, { title: '\u0000', status: 'paused' }),
      await statusOf(missing, ada.token, { status: 'paused' }),
      (await put({ status: 'paused' })).status,
    ]).toEqual([401, 403, 422, 422, 404, 400]);
  });

  it.for(['0', '-1', '1.5', '007', 'x', '9007199254740993', '%00', '1%20'])(
    'rejects the invalid goal id %s',
    async (id, { service, createUser }) => {
      const ada = await createUser();
      const response = await service.rest(`${goalsOf(ada)}/${id}`, { method: 'PUT', token: ada.token, body: {} });
      expect(response).toMatchObject({ status: 422, body: { detail: [{ loc: ['path', 'goal_id'] }] } });
      const { errors } = await service.graphql(UPDATE, { input: { id: decodeURIComponent(id) } }, { token: ada.token });
      expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
    },
  );

  it('rejects a body that is not an object', async ({ service, createUser }) => {
    const { put } = await createGoal(service, await createUser());
    for (const body of ['null', '[]', '"x"', undefined]) {
      expect(await put(body)).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'] }] } });
    }
  });
});
