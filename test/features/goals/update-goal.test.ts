import type { Service } from '../../support/app.ts';
import { describe, expect, goalBody, it, type SignedIn } from '../../support/fixtures.ts';
import type { RestOptions } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';

const UPDATE = `mutation($input: UpdateGoalInput!) {
  updateGoal(input: $input) { goal { id title description status streakCount createdAt updatedAt version } }
}`;

const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;

/** A goal of a person's, and the way to change it. */
async function givenGoal(service: Service, owner: SignedIn, given: Json = {}) {
  const body = goalBody({ title: 'Swim', description: 'In the sea', streak_count: 3, ...given });
  const { body: goal, headers } = await service.rest(goalsOf(owner), { token: owner.token, body });
  const path = `${goalsOf(owner)}/${goal.id}`;
  const put = (change: unknown, options: RestOptions = {}) =>
    service.rest(path, { method: 'PUT', token: owner.token, body: change, ...options });
  const ifMatch = (etag: string, change: unknown) => put(change, { headers: { 'if-match': etag } });
  return { goal, etag: headers.etag ?? '', path, put, ifMatch };
}

describe('PUT /users/{auth_user_id}/goals/{goal_id}', () => {
  it('changes what the body names and leaves the rest', async ({ service, createUser }) => {
    const { goal, put } = await givenGoal(service, await createUser());
    const changes = [{ title: 'Run' }, { description: null }, { status: 'paused' }, { streak_count: 9 }];
    let expected = goal;
    for (const change of changes) {
      const { status, body } = await put(change);
      expected = { ...expected, ...change, updated_at: body.updated_at };
      expect({ status, body }).toEqual({ status: 200, body: expected });
    }
  });

  it('answers byte for byte as the first version did, and the dates after that', async ({ service, createUser }) => {
    const { goal, put } = await givenGoal(service, await createUser());
    const { text, body } = await put({ streak_count: 4 });
    expect(text).toBe(JSON.stringify({ ...goal, streak_count: 4, updated_at: body.updated_at }));
  });

  it('dates the change by the service’s clock, and the goal as before', async ({ serve, createUser }) => {
    let now = new Date();
    const service = await serve({}, { now: () => now });
    const { goal, put } = await givenGoal(service, await createUser());
    const first = now;
    now = new Date(first.getTime() + 1000);
    const { body } = await put({ title: 'Run' });
    expect(body.created_at).toBe(goal.created_at);
    expect([new Date(body.created_at), new Date(body.updated_at)]).toEqual([first, now]);
  });

  it('makes a description empty with null, and keeps it when it is absent', async ({ service, createUser }) => {
    const { put } = await givenGoal(service, await createUser());
    expect((await put({ title: 'Run' })).body.description).toBe('In the sea');
    expect((await put({ description: null })).body.description).toBeNull();
    expect((await put({ title: 'Swim' })).body.description).toBeNull();
    expect((await put({ description: '' })).body.description).toBe('');
  });

  it('gives every version an ETag of its own', async ({ service, createUser }) => {
    const { etag, put } = await givenGoal(service, await createUser());
    const second = (await put({ streak_count: 4 })).headers.etag;
    const third = (await put({ streak_count: 3 })).headers.etag;
    expect(new Set([etag, second, third]).size).toBe(3);
  });

  it('leaves version and dates alone when nothing would change', async ({ service, db, createUser }) => {
    const { goal, etag, put } = await givenGoal(service, await createUser());
    const before = await db.snapshot();
    const { title, description, status, streak_count } = goal;
    for (const same of [{}, { title }, { status }, { title, description, status, streak_count }]) {
      const answer = await put(same);
      expect(answer).toMatchObject({ status: 200, body: goal, headers: { etag } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('is done before it is answered', async ({ service, db, createUser }) => {
    const { goal, put } = await givenGoal(service, await createUser());
    await put({ title: 'Run', status: 'completed' });
    expect(await db.sql`select title, status, version from learning_goals where id = ${goal.id}`).toEqual([
      { title: 'Run', status: 'completed', version: 2 },
    ]);
  });
});

describe('updateGoal', () => {
  it('changes what the input names, one version on', async ({ service, createUser }) => {
    const ada = await createUser();
    const { goal } = await givenGoal(service, ada);
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

describe('a change that is meant for one version', () => {
  it('is made to that version only: 412 tells who comes too late', async ({ service, db, createUser }) => {
    const { etag, put, ifMatch } = await givenGoal(service, await createUser());
    const changed = await ifMatch(etag, { title: 'Run' });
    expect(changed.status).toBe(200);
    const before = await db.snapshot();
    for (const stale of [etag, '"0-0"', 'nonsense', '', `W/${changed.headers.etag}`, `${etag}, "7-7"`]) {
      const answer = await ifMatch(stale, { title: 'Too late' });
      expect(answer).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
    }
    expect(await db.snapshot()).toEqual(before);
    expect((await put({ title: 'Whatever the version' })).status).toBe(200);
  });

  it('may name several versions, or any', async ({ service, createUser }) => {
    const { etag, ifMatch } = await givenGoal(service, await createUser());
    const second = await ifMatch('*', { title: 'Run' });
    const third = await ifMatch(`"0-0" , ${second.headers.etag},${etag}`, { title: 'Walk' });
    expect([second.status, third.status, third.body.title]).toEqual([200, 200, 'Walk']);
  });

  it('is 404 when the goal is gone, and stale before its transition is looked at', async ({ service, createUser }) => {
    const ada = await createUser();
    const { path, ifMatch } = await givenGoal(service, ada, { status: 'archived' });
    const statuses = [(await ifMatch('"0-0"', { status: 'paused' })).status];
    await service.rest(path, { method: 'DELETE', token: ada.token });
    statuses.push((await ifMatch('"0-0"', { title: 'Run' })).status);
    expect(statuses).toEqual([412, 404]);
  });

  it('is CONFLICT in GraphQL', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await givenGoal(service, ada);
    const update = (expectedVersion: number | null, title: string) =>
      service.graphql(UPDATE, { input: { id: goal.id, title, expectedVersion } }, { token: ada.token });
    expect((await update(1, 'Run')).data.updateGoal.goal.version).toBe(2);
    const before = await db.snapshot();
    for (const stale of [1, 3, 0, -1]) {
      expect((await update(stale, 'Too late')).errors?.[0].extensions).toEqual({ code: 'CONFLICT' });
    }
    expect(await db.snapshot()).toEqual(before);
    expect((await update(null, 'Whatever the version')).data.updateGoal.goal.version).toBe(3);
  });

  it('wins alone when twelve race for the same version', async ({ service, db, createUser }) => {
    const { goal, etag, ifMatch } = await givenGoal(service, await createUser());
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ifMatch(etag, { title: `Racer ${i}` })));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(11);
    expect(await db.sql`select title, version from learning_goals where id = ${goal.id}`).toEqual([
      { title: won[0]?.body.title, version: 2 },
    ]);
  });
});

describe('changes at the same time', () => {
  it('of different fields are all kept, over REST and GraphQL', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal, put } = await givenGoal(service, ada);
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

  it('are each a version of its own', async ({ service, createUser }) => {
    const { goal, put } = await givenGoal(service, await createUser());
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => put({ streak_count: 100 + i })));
    const etags = answers.map(({ headers }) => headers.etag).sort();
    expect(etags).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((version) => `"${goal.id}-${version}"`));
  });

  it('and a deletion: the goal is gone, and no change brings it back', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal, path, put } = await givenGoal(service, ada);
    const answers = await Promise.all([
      put({ title: 'Run' }),
      service.rest(path, { method: 'DELETE', token: ada.token }),
      put({ title: 'Walk' }),
    ]);
    expect(answers[1]?.status).toBe(200);
    for (const { status } of answers) expect([200, 404]).toContain(status);
    expect(await db.sql`select from learning_goals where id = ${goal.id}`).toEqual([]);
  });
});

describe('nobody changes a goal', () => {
  it('without a token, or with one that is no good', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const { goal, path } = await givenGoal(service, ada);
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

  it('of somebody else: by their path 403, whether or not the goal exists', async ({ service, db, createUser }) => {
    const eve = await createUser();
    const { path } = await givenGoal(service, await createUser());
    const before = await db.snapshot();
    for (const address of [path, path.replace(/\d+$/, '999999999'), '/users/nobody/goals/1', '/users/me/goals/x']) {
      const answer = await service.rest(address, { method: 'PUT', token: eve.token, body: { title: 'Run' } });
      expect(answer).toMatchObject({
        status: 403,
        body: { detail: 'Not authorized to update this learning goal', code: 'FORBIDDEN' },
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('of somebody else: by their own path and in GraphQL, as if it did not exist', async ({
    service,
    db,
    createUser,
  }) => {
    const eve = await createUser();
    const { goal } = await givenGoal(service, await createUser());
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

  it('before 401, 403, 422 and 404 are passed, in this order, and 400 after them', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const { path, put } = await givenGoal(service, ada, { status: 'archived' });
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
    'whose id in the path cannot be one: %s',
    async (id, { service, createUser }) => {
      const ada = await createUser();
      const answer = await service.rest(`${goalsOf(ada)}/${id}`, { method: 'PUT', token: ada.token, body: {} });
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['path', 'goal_id'] }] } });
      const { errors } = await service.graphql(UPDATE, { input: { id: decodeURIComponent(id) } }, { token: ada.token });
      expect(errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'id' });
    },
  );

  it('with a body that is no object', async ({ service, createUser }) => {
    const { put } = await givenGoal(service, await createUser());
    for (const body of ['null', '[]', '"x"', undefined]) {
      expect(await put(body)).toMatchObject({
        status: 422,
        body: { detail: [{ loc: ['body'], type: 'object_type' }] },
      });
    }
  });
});
