import type { Service } from '../../support/app.ts';
import { describe, expect, goalBody, it, type SignedIn } from '../../support/fixtures.ts';
import { countWaiting } from '../../support/waiting.ts';

const DELETE = 'mutation($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId user { id } } }';

async function createGoal(service: Service, { id, token }: SignedIn) {
  const { body } = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
  return { id: body.id as number, path: `/users/${id}/goals/${body.id}` };
}

describe('DELETE /users/{auth_user_id}/goals/{goal_id}', () => {
  it('returns {"ok":true} and deletes that goal only', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const [goal, other] = [await createGoal(service, ada), await createGoal(service, ada)];
    const { status, text, headers } = await service.rest(goal.path, { method: 'DELETE', token: ada.token });
    expect([status, text]).toEqual([200, '{"ok":true}']);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await db.sql`select id::int from learning_goals where auth_user_id = ${ada.id}`).toEqual([{ id: other.id }]);
  });

  it('returns 404 when it is repeated', async ({ service, createUser }) => {
    const ada = await createUser();
    const { path } = await createGoal(service, ada);
    await service.rest(path, { method: 'DELETE', token: ada.token });
    const again = await service.rest(path, { method: 'DELETE', token: ada.token });
    expect(again).toMatchObject({ status: 404, body: { detail: 'Learning goal not found', code: 'NOT_FOUND' } });
  });

  it('accepts a JSON content type without a body, as v1 clients send it', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const headers of [
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json; charset=utf-8', 'content-length': 0 },
      { 'content-length': 0 },
    ]) {
      const { path } = await createGoal(service, ada);
      const response = await service.rest(path, { method: 'DELETE', token: ada.token, headers });
      expect(response).toMatchObject({ status: 200, text: '{"ok":true}' });
    }
  });

  it('deletes only a version that If-Match has, and otherwise gets 412', async ({ service, db, createUser }) => {
    const { id: userId, token } = await createUser();
    const created = await service.rest(`/users/${userId}/goals`, { token, body: goalBody() });
    const path = `/users/${userId}/goals/${created.body.id}`;
    const changed = await service.rest(path, { method: 'PUT', token, body: { title: 'Run' } });
    const remove = (ifMatch: string) =>
      service.rest(path, { method: 'DELETE', token, headers: { 'if-match': ifMatch } });
    const before = await db.snapshot();
    for (const stale of [created.headers.etag, '', `W/${changed.headers.etag}`]) {
      expect(await remove(String(stale))).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
    }
    expect(await db.snapshot()).toEqual(before);
    expect((await remove(`${created.headers.etag}, ${changed.headers.etag}`)).status).toBe(200);
    for (const ifMatch of ['*', String(changed.headers.etag)]) expect((await remove(ifMatch)).status).toBe(404);
  });

  it('with If-Match does not delete the change of a concurrent request', async ({ service, createUser }) => {
    const { id: userId, token } = await createUser();
    for (let round = 0; round < 20; round++) {
      const { body, headers } = await service.rest(`/users/${userId}/goals`, { token, body: goalBody() });
      const path = `/users/${userId}/goals/${body.id}`;
      const [changed, deleted] = await Promise.all([
        service.rest(path, { method: 'PUT', token, body: { title: 'Run' } }),
        service.rest(path, { method: 'DELETE', token, headers: { 'if-match': String(headers.etag) } }),
      ]);
      expect(['200 412', '404 200']).toContain(`${changed.status} ${deleted.status}`);
    }
  });

  it('accepts a trailing slash', async ({ service, createUser }) => {
    const ada = await createUser();
    const { path } = await createGoal(service, ada);
    expect((await service.rest(`${path}/`, { method: 'DELETE', token: ada.token })).status).toBe(200);
  });
});

describe('deleteGoal', () => {
  it('returns the id of the deleted goal and its user', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { id } = await createGoal(service, ada);
    const { data, errors } = await service.graphql(DELETE, { input: { id } }, { token: ada.token });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ deleteGoal: { deletedId: String(id), user: { id: ada.id } } });
    expect(await db.sql`select from learning_goals where id = ${id}`).toEqual([]);
    const again = await service.graphql(DELETE, { input: { id } }, { token: ada.token });
    expect(again.errors?.[0]).toMatchObject({ message: 'Learning goal not found', extensions: { code: 'NOT_FOUND' } });
  });
});

describe('eight concurrent deletions of one goal', () => {
  it('succeed once and get 404 otherwise', async ({ service, createUser }) => {
    const ada = await createUser();
    const { path } = await createGoal(service, ada);
    const remove = () => service.rest(path, { method: 'DELETE', token: ada.token });
    const statuses = (await Promise.all(Array.from({ length: 8 }, remove))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, ...Array(7).fill(404)]);
  });
});

describe('a deletion that waits for another change of the user', () => {
  it('deletes the sums that the change has saved', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { id, path } = await createGoal(service, ada);
    const [deletion] = await db.sql.begin(async (tx) => {
      await tx`update auth_users set tracking_version = tracking_version + 1 where id = ${ada.id}`;
      const started = service.rest(path, { method: 'DELETE', token: ada.token });
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      await tx`
        insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
        values (${ada.id}, ${`goal:${id}`}, 1, 1, 1, 0)`;
      return [started] as const;
    });
    expect((await deletion).status).toBe(200);
    expect(await db.sql`select from activity_totals where auth_user_id = ${ada.id}`).toHaveLength(0);
  });
});

describe('goal deletion', () => {
  it('is rejected without a token and with an expired token', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const { id, path } = await createGoal(service, ada);
    const before = await db.snapshot();
    const anonymous = await service.rest(path, { method: 'DELETE' });
    expect(anonymous).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
    const token = await auth.token(ada.id, { exp: 1 });
    const expired = await service.rest(path, { method: 'DELETE', token });
    expect(expired).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
    const { errors } = await service.graphql(DELETE, { input: { id } });
    expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets the same 403 on the path of another user, whether or not the goal exists', async ({
    service,
    db,
    createUser,
  }) => {
    const eve = await createUser();
    const { path } = await createGoal(service, await createUser());
    const before = await db.snapshot();
    const responses = [];
    for (const address of [path, path.replace(/\d+$/, '999999999'), path.replace(/\d+$/, 'x')]) {
      const { status, body } = await service.rest(address, { method: 'DELETE', token: eve.token });
      responses.push({ status, detail: body.detail, code: body.code });
    }
    const forbidden = { status: 403, detail: 'Not authorized to delete this learning goal', code: 'FORBIDDEN' };
    expect(responses).toEqual([forbidden, forbidden, forbidden]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets the same 404 for a goal of another user and for an unknown goal, on the viewer’s path and in GraphQL', async ({
    service,
    db,
    createUser,
  }) => {
    const eve = await createUser();
    // With a goal of her own, she has a row in `auth_users`.
    await createGoal(service, eve);
    const goal = await createGoal(service, await createUser());
    const before = await db.snapshot();
    for (const id of [goal.id, 999_999_999]) {
      const rest = await service.rest(`/users/${eve.id}/goals/${id}`, { method: 'DELETE', token: eve.token });
      expect(rest).toMatchObject({ status: 404, body: { detail: 'Learning goal not found', code: 'NOT_FOUND' } });
      const { data, errors } = await service.graphql(DELETE, { input: { id } }, { token: eve.token });
      expect(data).toEqual({ deleteGoal: null });
      expect(errors?.[0]).toMatchObject({ message: 'Learning goal not found', extensions: { code: 'NOT_FOUND' } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('ignores X-HTTP-Method-Override: a POST gets 405', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { path } = await createGoal(service, ada);
    const before = await db.snapshot();
    const headers = { 'x-http-method-override': 'DELETE' };
    const rejected = await service.rest(path, { method: 'POST', token: ada.token, headers });
    expect(rejected.status).toBe(405);
    expect(rejected.headers.allow?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT']);
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['0', '-1', '1.5', '007', 'x', '9007199254740993', '%00'])(
    'rejects the invalid goal id %s',
    async (id, { service, createUser }) => {
      const ada = await createUser();
      const rest = await service.rest(`/users/${ada.id}/goals/${id}`, { method: 'DELETE', token: ada.token });
      expect(rest).toMatchObject({ status: 422, body: { detail: [{ loc: ['path', 'goal_id'] }] } });
      const { errors } = await service.graphql(DELETE, { input: { id: decodeURIComponent(id) } }, { token: ada.token });
      expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
    },
  );
});
