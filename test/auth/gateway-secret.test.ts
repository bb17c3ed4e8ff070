import { badgeInput, it as base, describe, expect } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';

const [older, newer] = ['the-older-secret-of-the-gateway', 'the-newer-secret-of-the-gateway'];

/** A service with two gateway secrets. */
const it = base.extend('guarded', async ({ serve }) => {
  return serve({ GATEWAY_SECRET: `${older}, ${newer}`, PLAYGROUND: 'true' });
});

const operations: [string, string][] = [
  ['a query', '{ viewer { id } }'],
  ['the root type name', '{ __typename }'],
  ['the subgraph’s SDL', '{ _service { sdl } }'],
  ['entities', '{ _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { id } } }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['a mutation', 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }'],
  ['a syntax error', '{'],
];

const send = (client: HttpClient, secret: string | string[] | undefined, query = '{ viewer { id } }') =>
  client.graphql(query, {}, { headers: { 'router-authorization': secret } });

const rejection = [
  {
    message: 'Router-Authorization is missing or invalid: only the gateway may call',
    extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) },
  },
];

describe('with GATEWAY_SECRET', () => {
  for (const [name, query] of operations) {
    it(`${name} without the secret gets 401 and no information about the schema`, async ({ guarded }) => {
      for (const secret of [undefined, 'a-wrong-secret']) {
        const { status, body } = await send(guarded, secret, query);
        expect({ status, body }).toEqual({ status: 401, body: { errors: rejection } });
      }
    });
  }

  it('each of two secrets allows every operation, so that secrets can be rotated', async ({ guarded }) => {
    for (const secret of [older, newer]) {
      expect((await send(guarded, secret)).data).toEqual({ viewer: null });
      expect((await send(guarded, secret, '{ _service { sdl } }')).data._service.sdl).toContain('type User');
      expect((await send(guarded, secret, '{ __schema { queryType { name } } }')).status).toBe(200);
    }
  });

  it('a value similar to a secret gets 401', async ({ guarded }) => {
    const similar = ['', ' ', ',', `${older},${newer}`, `${older}, ${newer}`, older.slice(0, -1), `${older}x`];
    for (const secret of [...similar, older.toUpperCase(), `Bearer ${older}`, [older, newer], ['x', older]]) {
      expect((await send(guarded, secret)).status).toBe(401);
    }
  });

  it('the secret in a header other than Router-Authorization gets 401', async ({ guarded }) => {
    const headers = { authorization: `Bearer ${older}`, 'x-router-authorization': older, cookie: older };
    const { status, errors } = await guarded.graphql('{ viewer { id } }', {}, { headers });
    expect({ status, errors }).toEqual({ status: 401, errors: rejection });
  });

  it('operations by GET and the playground require the secret', async ({ guarded }) => {
    const page = { accept: 'text/html' };
    const preflight = { 'apollo-require-preflight': '1' };
    const get = `/graphql?query=${encodeURIComponent('{ viewer { id } }')}`;
    expect(await guarded.rest(get, { headers: preflight })).toMatchObject({ status: 401, body: { errors: rejection } });
    expect(await guarded.rest('/graphql', { headers: page })).toMatchObject({
      status: 401,
      body: { errors: rejection },
    });
    expect((await guarded.rest('/graphql/', { headers: page })).status).toBe(401);
    const secret = { 'router-authorization': newer };
    expect((await guarded.rest(get, { headers: { ...preflight, ...secret } })).body).toEqual({
      data: { viewer: null },
    });
    expect((await guarded.rest('/graphql', { headers: { ...page, ...secret } })).text).toContain('<html');
  });

  it('the secret is checked before the user’s token, whose validity is not revealed', async ({
    guarded,
    createUser,
  }) => {
    const { token } = await createUser();
    for (const bearer of [token, 'bad']) {
      const { status, errors, headers } = await guarded.graphql('{ viewer { id } }', {}, { token: bearer });
      expect({ status, errors }).toEqual({ status: 401, errors: rejection });
      expect(headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('the secret does not replace the user’s token', async ({ guarded, createUser, db }) => {
    const ada = await createUser();
    const create = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    const headers = { 'router-authorization': older };
    const before = await db.snapshot();
    const rejected = await guarded.graphql(create, { input: badgeInput() }, { headers });
    expect(rejected.errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(await db.snapshot()).toEqual(before);
    const accepted = await guarded.graphql(create, { input: badgeInput() }, { headers, token: ada.token });
    expect(accepted.errors).toBeUndefined();
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

  it('a rejection is logged without the secret that was sent', async ({ guarded }) => {
    guarded.logs.clear();
    await send(guarded, 'a-wrong-secret');
    await send(guarded, older);
    expect(JSON.stringify(guarded.logs)).not.toMatch(/wrong-secret|older-secret/);
    expect(guarded.logs.map(({ status }) => status)).toEqual([401, 200]);
  });
});

describe('with GATEWAY_SECRET and CACHE_MAX_AGE_SECONDS', () => {
  it('public responses vary by the secret, so that caches serve them to the gateway only', async ({ serve }) => {
    const service = await serve({ GATEWAY_SECRET: newer, CACHE_MAX_AGE_SECONDS: '60' });
    const { headers } = await send(service, newer, '{ _service { sdl } }');
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=60',
      vary: 'Accept, Authorization, Router-Authorization',
    });
  });
});

describe('without GATEWAY_SECRET', () => {
  it('every client may call, with any value of the header', async ({ service }) => {
    expect((await send(service, undefined)).data).toEqual({ viewer: null });
    expect((await send(service, 'anything')).data).toEqual({ viewer: null });
  });
});
