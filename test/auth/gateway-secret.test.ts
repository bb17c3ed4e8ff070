import { badgeInput, it as base, describe, expect } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';

const [older, newer] = ['the-older-secret-of-the-gateway', 'the-newer-secret-of-the-gateway'];

/** A service that only a gateway with one of two secrets may query. */
const it = base.extend('guarded', async ({ serve }) => {
  return serve({ GATEWAY_SECRET: `${older}, ${newer}`, PLAYGROUND: 'true' });
});

const operations: [string, string][] = [
  ['a query', '{ viewer { id } }'],
  ['the type of the root', '{ __typename }'],
  ['the subgraph’s SDL', '{ _service { sdl } }'],
  ['entities', '{ _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { id } } }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['a mutation', 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }'],
  ['nonsense', '{'],
];

const send = (client: HttpClient, secret: string | string[] | undefined, query = '{ viewer { id } }') =>
  client.graphql(query, {}, { headers: { 'router-authorization': secret } });

const refusal = [
  {
    message: 'Router-Authorization is missing or invalid: only the gateway may call',
    extensions: { code: 'UNAUTHENTICATED' },
  },
];

describe('with GATEWAY_SECRET', () => {
  for (const [name, query] of operations) {
    it(`${name} without the secret is 401, and nothing of the schema is shown`, async ({ guarded }) => {
      for (const secret of [undefined, 'a-wrong-secret']) {
        const { status, body } = await send(guarded, secret, query);
        expect({ status, body }).toEqual({ status: 401, body: { errors: refusal } });
      }
    });
  }

  it('both of two rotated secrets open every operation', async ({ guarded }) => {
    for (const secret of [older, newer]) {
      expect((await send(guarded, secret)).data).toEqual({ viewer: null });
      expect((await send(guarded, secret, '{ _service { sdl } }')).data._service.sdl).toContain('type User');
      expect((await send(guarded, secret, '{ __schema { queryType { name } } }')).status).toBe(200);
    }
  });

  it('nothing that is almost a secret opens it', async ({ guarded }) => {
    const almost = ['', ' ', ',', `${older},${newer}`, `${older}, ${newer}`, older.slice(0, -1), `${older}x`];
    for (const secret of [...almost, older.toUpperCase(), `Bearer ${older}`, [older, newer], ['x', older]]) {
      expect((await send(guarded, secret)).status).toBe(401);
    }
  });

  it('another header than Router-Authorization does not open it', async ({ guarded }) => {
    const headers = { authorization: `Bearer ${older}`, 'x-router-authorization': older, cookie: older };
    const { status, errors } = await guarded.graphql('{ viewer { id } }', {}, { headers });
    expect({ status, errors }).toEqual({ status: 401, errors: refusal });
  });

  it('operations by GET and the playground are refused too, and HEAD', async ({ guarded }) => {
    const page = { accept: 'text/html' };
    const preflight = { 'apollo-require-preflight': '1' };
    const get = `/graphql?query=${encodeURIComponent('{ viewer { id } }')}`;
    expect(await guarded.rest(get, { headers: preflight })).toMatchObject({ status: 401, body: { errors: refusal } });
    expect(await guarded.rest('/graphql', { headers: page })).toMatchObject({ status: 401, body: { errors: refusal } });
    expect((await guarded.rest('/graphql/', { headers: page })).status).toBe(401);
    expect((await guarded.rest('/graphql', { method: 'HEAD', headers: page })).status).toBe(401);
    const known = { 'router-authorization': newer };
    expect((await guarded.rest(get, { headers: { ...preflight, ...known } })).body).toEqual({ data: { viewer: null } });
    expect((await guarded.rest('/graphql', { headers: { ...page, ...known } })).text).toContain('<html');
  });

  it('it is looked at before the caller’s token, and says nothing of it', async ({ guarded, createUser }) => {
    const { token } = await createUser();
    for (const bearer of [token, 'bad']) {
      const { status, errors } = await guarded.graphql('{ viewer { id } }', {}, { token: bearer });
      expect({ status, errors }).toEqual({ status: 401, errors: refusal });
    }
  });

  it('it is no substitute for the caller’s token', async ({ guarded, createUser, db }) => {
    const ada = await createUser();
    const create = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    const headers = { 'router-authorization': older };
    const before = await db.snapshot();
    const refused = await guarded.graphql(create, { input: badgeInput() }, { headers });
    expect(refused.errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(await db.snapshot()).toEqual(before);
    const done = await guarded.graphql(create, { input: badgeInput() }, { headers, token: ada.token });
    expect(done.errors).toBeUndefined();
  });

  it('REST, health, metrics and the documentation are not affected', async ({ guarded, createUser }) => {
    const { token, id } = await createUser();
    expect((await guarded.rest('/users/me', { token })).status).toBe(200);
    for (const path of [
      `/users/${id}`,
      `/users/${id}/badges`,
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
    ]) {
      expect((await guarded.rest(path)).status).toBe(200);
    }
  });

  it('a refusal is logged without what was sent', async ({ guarded }) => {
    guarded.logs.clear();
    await send(guarded, 'a-wrong-secret');
    await send(guarded, older);
    expect(JSON.stringify(guarded.logs)).not.toMatch(/wrong-secret|older-secret/);
    expect(guarded.logs.map(({ status }) => status)).toEqual([401, 200]);
  });
});

describe('without GATEWAY_SECRET', () => {
  it('anyone may call, whatever the header says', async ({ service }) => {
    expect((await send(service, undefined)).data).toEqual({ viewer: null });
    expect((await send(service, 'anything')).data).toEqual({ viewer: null });
  });
});
