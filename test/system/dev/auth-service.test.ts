import { createRemoteJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchToken, signUp } from '../../../dev/auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS } from '../../../dev/auth-service/demo-users.ts';
import { type AuthService, startAuthService } from '../../../dev/auth-service/server.ts';
import { SCOPES } from '../../../src/auth/scopes.ts';
import { findTestPort } from '../../support/ports.ts';
import { createEmptyDatabase } from './databases.ts';
import { execute } from './graphql.ts';

const PASSWORD = 'correct horse battery';
const ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let auth: AuthService;
let userCount = 0;

beforeAll(async () => {
  database = await createEmptyDatabase();
  auth = await startAuthService({ databaseUrl: database.url, port: await findTestPort() });
});

afterAll(async () => {
  await auth.close();
  await database.drop();
});

async function createUser() {
  const username = `user${++userCount}`;
  const email = `${username}@example.com`;
  const id = (await signUp(auth.url, { username, email, displayName: 'Test User', password: PASSWORD })) ?? '';
  const token = (await fetchToken(auth.url, { username, password: PASSWORD })) ?? '';
  return { id, username, email, token };
}

describe('accounts', () => {
  it('gives every user an id that the user-service accepts', async () => {
    expect((await createUser()).id).toMatch(ID);
  });

  it('gives the demo users fixed ids', async () => {
    const ids = DEMO_USERS.map((user) => signUp(auth.url, { ...user, password: DEMO_PASSWORD }));
    expect(await Promise.all(ids)).toEqual(['ada', 'grace', 'platform']);
  });

  it('rejects a sign-up with a username or an e-mail address that is taken', async () => {
    const { username, email } = await createUser();
    const account = { displayName: 'Again', password: PASSWORD };
    expect(await signUp(auth.url, { ...account, username, email: 'other@example.com' })).toBeNull();
    expect(await signUp(auth.url, { ...account, username: 'other', email })).toBeNull();
  });

  it('returns no token for a wrong password or an unknown username', async () => {
    const { username } = await createUser();
    expect(await fetchToken(auth.url, { username, password: 'wrong' })).toBeNull();
    expect(await fetchToken(auth.url, { username: 'unknown', password: PASSWORD })).toBeNull();
  });
});

describe('tokens', () => {
  it('are signed with a published key, expire after an hour, and have no claim about the user but the id', async () => {
    const { id, token } = await createUser();
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(auth.jwksUrl)), {
      issuer: auth.issuer,
      audience: auth.audience,
    });
    expect(protectedHeader.alg).toBe('EdDSA');
    expect(payload).toEqual({ sub: id, iss: auth.url, aud: 'learning-platform', iat: payload.iat, exp: payload.exp });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('of the platform have the scopes of the user-service, and those of other demo users have none', async () => {
    for (const user of DEMO_USERS) await signUp(auth.url, { ...user, password: DEMO_PASSWORD });
    const token = async (username: string) => fetchToken(auth.url, { username, password: DEMO_PASSWORD });
    const { scope = '' } = decodeJwt<{ scope?: string }>((await token('platform')) ?? '');
    expect(scope.split(' ').sort()).toEqual(Object.keys(SCOPES).sort());
    expect(decodeJwt((await token('ada')) ?? '')).not.toHaveProperty('scope');
  });

  it('and users survive a restart', async () => {
    const own = await createEmptyDatabase();
    const first = await startAuthService({ databaseUrl: own.url, port: await findTestPort() });
    const account = { username: 'lasting', email: 'lasting@example.com', displayName: 'Lasting', password: PASSWORD };
    await signUp(first.url, account);
    const token = await fetchToken(first.url, account);
    await first.close();
    const second = await startAuthService({ databaseUrl: own.url, port: Number(new URL(first.url).port) });
    const { data } = await execute(second.url, { query: '{ me { username } }', token: token ?? '' });
    await second.close();
    await own.drop();
    expect(data).toEqual({ me: { username: 'lasting' } });
  });
});

describe('Query.me', () => {
  const query = '{ me { id username displayName avatarUrl email } }';

  it('is the user that the token identifies', async () => {
    const { id, username, email, token } = await createUser();
    const { data } = await execute(auth.url, { query, token });
    expect(data).toEqual({ me: { id, username, displayName: 'Test User', avatarUrl: null, email } });
  });

  it('is null without a token', async () => {
    expect(await execute(auth.url, { query })).toEqual({ status: 200, data: { me: null } });
  });

  it.each(['nonsense', 'a.b.c'])('is UNAUTHENTICATED with a token of %s', async (token) => {
    const { status, errors } = await execute(auth.url, { query, token });
    expect([status, errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is UNAUTHENTICATED with a token signed by another key', async () => {
    const { id } = await createUser();
    const { privateKey } = await generateKeyPair('EdDSA');
    const forged = new SignJWT({ sub: id }).setProtectedHeader({ alg: 'EdDSA' }).setExpirationTime('1h');
    const token = await forged.setIssuer(auth.issuer).setAudience(auth.audience).sign(privateKey);
    expect((await execute(auth.url, { query, token })).status).toBe(401);
  });
});

describe('Query.user', () => {
  const query = 'query ($id: ID!) { user(id: $id) { id username email } }';

  it('shows another user without the e-mail address', async () => {
    const [other, viewer] = [await createUser(), await createUser()];
    const { data } = await execute(auth.url, { query, token: viewer.token, variables: { id: other.id } });
    expect(data).toEqual({ user: { id: other.id, username: other.username, email: null } });
  });

  it.each(['unknown', '', '../../health', 'nul\u0000', 'x'.repeat(200)])(
    'is null when no user has the id %j',
    async (id) => {
      expect(await execute(auth.url, { query, variables: { id } })).toEqual({ status: 200, data: { user: null } });
    },
  );
});

describe('Query._entities', () => {
  const query = 'query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id email } } }';

  it('resolves references in order with one statement, and the e-mail address for the viewer only', async () => {
    const [a, b] = [await createUser(), await createUser()];
    const ids = [b.id, 'unknown', a.id, b.id].map((id) => ({ __typename: 'User', id }));
    const sql = vi.spyOn(pg.Pool.prototype, 'query');
    const { data } = await execute(auth.url, { query, token: a.token, variables: { ids } });
    const lookups = sql.mock.calls.filter(([text]) => String(text).includes('= any('));
    sql.mockRestore();
    const other = { id: b.id, email: null };
    expect(data).toEqual({ _entities: [other, null, { id: a.id, email: a.email }, other] });
    expect(lookups).toHaveLength(1);
  });
});

describe('the v1 user lookup', () => {
  it('returns a user by id', async () => {
    const { id, username, email } = await createUser();
    const response = await fetch(`${auth.url}/users/${id}`);
    expect(await response.json()).toEqual({ id, username, email });
  });

  it('responds 404 for an unknown id', async () => {
    expect((await fetch(`${auth.url}/users/unknown`)).status).toBe(404);
  });
});

it('responds 200 at /health', async () => {
  expect((await fetch(`${auth.url}/health`)).status).toBe(200);
});

describe('the sign-in of playgrounds', () => {
  const ORIGIN = 'http://127.0.0.1:4002';
  const send = (origin: string | undefined, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    fetch(auth.signInUrl, {
      method,
      headers: { ...(origin && { origin }), ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  it('lists the demo users, and returns a token of one, to pages of this machine', async () => {
    for (const user of DEMO_USERS) await signUp(auth.url, { ...user, password: DEMO_PASSWORD });
    for (const origin of [ORIGIN, 'http://localhost:4000', 'http://[::1]:4000', 'http://localhost']) {
      const response = await send(origin);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      const { users } = (await response.json()) as { users: { username: string }[] };
      expect(users.map(({ username }) => username)).toEqual(['ada', 'grace', 'platform']);
    }
    const response = await send(ORIGIN, { username: 'ada' });
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const { access_token: token, ...others } = (await response.json()) as { access_token: string };
    expect(others).toEqual({ token_type: 'Bearer', expires_in: 3600 });
    const { sub, exp = 0, iat = 0 } = decodeJwt(token);
    expect([sub, exp - iat]).toEqual(['ada', 3600]);
  });

  it('allows the preflight of a JSON request', async () => {
    const { status, headers } = await send(ORIGIN, undefined, 'OPTIONS');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
    expect(headers.get('access-control-allow-headers')).toBe('content-type');
  });

  it.each([undefined, 'null', 'https://example.com', 'http://localhost.example.com', 'http://example.com:4001'])(
    'returns nothing to a page of the origin %s',
    async (origin) => {
      for (const response of [await send(origin), await send(origin, { username: 'ada' })]) {
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
        expect([response.status, await response.json()]).toEqual([403, { error: 'access_denied' }]);
      }
    },
  );

  it.each([{ username: 'unknown' }, { username: ['ada'] }, {}, null, 'ada'])('rejects %j', async (body) => {
    const response = await send(ORIGIN, body);
    expect(response.status).toBe(400);
    expect(await response.json()).not.toHaveProperty('access_token');
  });
});

describe('the page of /', () => {
  it('is for browsers; other clients get 404', async () => {
    const browser = await fetch(auth.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([browser.status, await browser.text()]).toEqual([200, expect.stringContaining('<h1>auth-service</h1>')]);
    expect((await fetch(auth.url)).status).toBe(404);
  });
});

describe('a page of an origin in CORS_ORIGINS', () => {
  it('signs a user in and gets a token, and a page of another origin reads nothing', async () => {
    const { username } = await createUser();
    const origin = 'https://app.example.org';
    const open = await startAuthService({
      databaseUrl: database.url,
      port: await findTestPort(),
      corsOrigins: [origin],
    });
    try {
      const signIn = (from: string) =>
        fetch(`${open.url}/api/auth/sign-in/username`, {
          method: 'POST',
          headers: { origin: from, 'content-type': 'application/json' },
          body: JSON.stringify({ username, password: PASSWORD }),
        });
      const headers = { origin, 'access-control-request-method': 'POST' };
      const preflight = await fetch(`${open.url}/api/auth/sign-in/username`, { method: 'OPTIONS', headers });
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
      const session = await signIn(origin);
      expect([session.status, session.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      const { token } = (await session.json()) as { token: string };
      const own = { origin, authorization: `Bearer ${token}` };
      const response = await fetch(`${open.url}/api/auth/token`, { headers: own });
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      expect((await signIn('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    } finally {
      await open.close();
    }
  });
});
