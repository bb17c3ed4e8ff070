import { createGoal, it, practise, START } from '../features/goals/tracked-goals.ts';
import { badgeBody, describe, expect, goalBody } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

const ITEMS = [
  { collection: 'badges', body: badgeBody({ icon_url: '/x' }), missing: 'Badge not found' },
  { collection: 'goals', body: goalBody({ streak_count: 7 }), missing: 'Learning goal not found' },
];

describe.each(ITEMS)('the Location of one of the $collection', ({ collection, body, missing }) => {
  it('is the item of the list, for each id of a user and without a token', async ({ service, createUser }) => {
    for (const given of [{}, { id: '4711' }, { id: `a|b:c@${crypto.randomUUID()}` }]) {
      const { id, token } = await createUser(given);
      const created = await service.rest(`/users/${encodeURIComponent(id)}/${collection}`, { token, body });
      const path = String(created.headers.location);
      const list = await service.rest(`/users/${encodeURIComponent(id)}/${collection}`);
      const items = [
        await service.rest(path),
        await service.rest(`${path}/`),
        await service.rest(path, { token }),
        await service.rest(path, { token: 'expired' }),
      ];
      for (const item of items) expect([item.status, item.body]).toEqual([200, list.body[0]]);
    }
  });

  it('answers HEAD and OPTIONS', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { headers } = await service.rest(`/users/${id}/${collection}`, { token, body });
    const path = String(headers.location);
    const [get, head] = [await service.rest(path), await service.rest(path, { method: 'HEAD' })];
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', get.headers['content-length']]);
    const options = await service.rest(path, { method: 'OPTIONS' });
    const methods = collection === 'goals' ? 'GET, HEAD, PUT, DELETE, OPTIONS' : 'GET, HEAD, OPTIONS';
    expect([options.status, options.headers.allow]).toEqual([204, methods]);
  });

  it('is read with one statement, which names the item', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { headers } = await service.rest(`/users/${id}/${collection}`, { token, body });
    service.statements.clear();
    await service.rest(String(headers.location));
    expect(service.statements).toHaveLength(1);
  });

  it('gets the same 404 for no item, that of another user, and an unknown user', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const created = await service.rest(`/users/${ada.id}/${collection}`, { token: ada.token, body });
    const bodies = [];
    for (const path of [
      `/users/${ada.id}/${collection}/999999999`,
      `/users/${eve.id}/${collection}/${created.body.id}`,
      `/users/unknown-user/${collection}/${created.body.id}`,
    ]) {
      const { status, body: error } = await service.rest(path, { token: ada.token });
      expect(status).toBe(404);
      bodies.push({ ...error, request_id: undefined });
    }
    expect(bodies).toEqual(Array(3).fill({ detail: missing, code: 'NOT_FOUND', request_id: undefined }));
  });

  it.for(['0', '-1', '1.5', '007', 'x', '9007199254740993', '%00', '1%20'])(
    'gets 422 without a statement for the id %s',
    async (id, { service, createUser }) => {
      const ada = await createUser();
      service.statements.clear();
      const { status, body: error } = await service.rest(`/users/${ada.id}/${collection}/${id}`);
      expect([status, error.detail[0].loc]).toEqual([422, ['path', `${collection.slice(0, -1)}_id`]]);
      expect(service.statements).toEqual([]);
    },
  );

  it('needs the id of the user: not me', async ({ service, createUser }) => {
    const { token } = await createUser();
    const { status, body: error } = await service.rest(`/users/me/${collection}/1`, { token });
    expect([status, error.detail[0].msg]).toEqual([
      422,
      expect.stringContaining('put the id of the user into the path'),
    ]);
  });
});

describe('a revoked badge', () => {
  it('is a 404, as lists leave it out, until it is reinstated', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    const { body, headers } = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const path = String(headers.location);
    const setStatus = (status: string) => db.sql`update badges set status = ${status} where id = ${body.id}`;
    await setStatus('revoked');
    expect((await service.rest(path, { token })).status).toBe(404);
    expect((await service.rest(`/users/${id}/badges`)).body).toEqual([]);
    await setStatus('active');
    expect((await service.rest(path)).body).toEqual(body);
  });
});

describe('a goal', () => {
  it('has the ETag that PUT takes as If-Match, and 304 for the same one', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const created = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
    const path = String(created.headers.location);
    const first = await service.rest(path);
    expect(first.headers.etag).toBe(created.headers.etag);
    const ifNoneMatch = (etag: unknown, method = 'GET') =>
      service.rest(path, { method, headers: { 'if-none-match': String(etag) } });
    for (const etag of [first.headers.etag, `W/${first.headers.etag}, "x"`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const { status, text, headers } = await ifNoneMatch(etag, method);
        expect([status, text, headers.etag]).toEqual([304, '', first.headers.etag]);
      }
    }
    const change = { method: 'PUT', token, body: { title: 'Run' }, headers: { 'if-match': first.headers.etag } };
    const changed = await service.rest(path, change as Json);
    expect(changed.status).toBe(200);
    const second = await ifNoneMatch(first.headers.etag);
    expect([second.status, second.body, second.headers.etag]).toEqual([200, changed.body, changed.headers.etag]);
    expect((await service.rest(path, change as Json)).status).toBe(412);
  });

  it('with activities has its present streak count and no 304, with one statement', async ({
    tracked,
    learner,
    travel,
  }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 5 });
    await practise(tracked, learner, { goal });
    const path = `/users/${learner.id}/goals/${goal.id}`;
    tracked.statements.clear();
    const first = await tracked.rest(path);
    expect(tracked.statements).toHaveLength(1);
    expect(first.body.streak_count).toBeGreaterThan(0);
    await travel(new Date(Date.parse(START) + 7 * 86_400_000).toISOString());
    const headers = { 'if-none-match': first.headers.etag };
    const second = await tracked.rest(path, { headers });
    const list = await tracked.rest(`/users/${learner.id}/goals`);
    expect([second.status, second.body]).toEqual([200, list.body[0]]);
    expect(second.body.streak_count).toBe(0);
  });
});
