import { createRemoteJWKSet, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signUp, tokenFor } from '../../../dev/auth-service/accounts.ts';
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../../dev/auth-service/demo-people.ts';
import { type AuthService, startAuthService } from '../../../dev/auth-service/server.ts';
import { ask } from './ask.ts';
import { emptyDatabase } from './databases.ts';

const PASSWORD = 'correct horse battery';
const ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let auth: AuthService;
let people = 0;

beforeAll(async () => {
  database = await emptyDatabase();
  auth = await startAuthService({ databaseUrl: database.url, port: 0 });
});

afterAll(async () => {
  await auth.close();
  await database.drop();
});

async function somebody() {
  const username = `somebody${++people}`;
  const email = `${username}@example.com`;
  const id = (await signUp(auth.url, { username, email, displayName: 'Some Body', password: PASSWORD })) ?? '';
  const token = (await tokenFor(auth.url, { username, password: PASSWORD })) ?? '';
  return { id, username, email, token };
}

describe('accounts', () => {
  it('gives every person an id that the user-service accepts', async () => {
    expect((await somebody()).id).toMatch(ID);
  });

  it('gives the demo people ids that can be written down', async () => {
    const ids = DEMO_PEOPLE.map((person) => signUp(auth.url, { ...person, password: DEMO_PASSWORD }));
    expect(await Promise.all(ids)).toEqual(['ada', 'grace']);
  });

  it('signs nobody up twice, by username or by e-mail address', async () => {
    const { username, email } = await somebody();
    const account = { displayName: 'Again', password: PASSWORD };
    expect(await signUp(auth.url, { ...account, username, email: 'other@example.com' })).toBeNull();
    expect(await signUp(auth.url, { ...account, username: 'other', email })).toBeNull();
  });

  it('has no token for a wrong password or for nobody', async () => {
    const { username } = await somebody();
    expect(await tokenFor(auth.url, { username, password: 'wrong' })).toBeNull();
    expect(await tokenFor(auth.url, { username: 'nobody', password: PASSWORD })).toBeNull();
  });
});

describe('tokens', () => {
  it('are signed with a published key, for an hour, and say nothing but who it is', async () => {
    const { id, token } = await somebody();
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(auth.jwksUrl)), {
      issuer: auth.issuer,
      audience: auth.audience,
    });
    expect(protectedHeader.alg).toBe('EdDSA');
    expect(payload).toEqual({ sub: id, iss: auth.url, aud: 'learning-platform', iat: payload.iat, exp: payload.exp });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('and people outlive a restart', async () => {
    const own = await emptyDatabase();
    const first = await startAuthService({ databaseUrl: own.url, port: 0 });
    const account = { username: 'lasting', email: 'lasting@example.com', displayName: 'Lasting', password: PASSWORD };
    await signUp(first.url, account);
    const token = await tokenFor(first.url, account);
    await first.close();
    const second = await startAuthService({ databaseUrl: own.url, port: Number(new URL(first.url).port) });
    const { data } = await ask(second.url, { query: '{ me { username } }', token: token ?? '' });
    await second.close();
    await own.drop();
    expect(data).toEqual({ me: { username: 'lasting' } });
  });
});

describe('me', () => {
  const query = '{ me { id username displayName avatarUrl email } }';

  it('is whoever the token says', async () => {
    const { id, username, email, token } = await somebody();
    const { data } = await ask(auth.url, { query, token });
    expect(data).toEqual({ me: { id, username, displayName: 'Some Body', avatarUrl: null, email } });
  });

  it('is null without a token', async () => {
    expect(await ask(auth.url, { query })).toEqual({ status: 200, data: { me: null } });
  });

  it.each(['nonsense', 'a.b.c'])('is UNAUTHENTICATED with a token of %s', async (token) => {
    const { status, errors } = await ask(auth.url, { query, token });
    expect([status, errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is UNAUTHENTICATED with a token that somebody else has signed', async () => {
    const { id } = await somebody();
    const { privateKey } = await generateKeyPair('EdDSA');
    const forged = new SignJWT({ sub: id }).setProtectedHeader({ alg: 'EdDSA' }).setExpirationTime('1h');
    const token = await forged.setIssuer(auth.issuer).setAudience(auth.audience).sign(privateKey);
    expect((await ask(auth.url, { query, token })).status).toBe(401);
  });
});

describe('somebody else', () => {
  const query = 'query ($id: ID!) { user(id: $id) { id username email } }';

  it('is anybody’s to see, but for the e-mail address', async () => {
    const [other, caller] = [await somebody(), await somebody()];
    const { data } = await ask(auth.url, { query, token: caller.token, variables: { id: other.id } });
    expect(data).toEqual({ user: { id: other.id, username: other.username, email: null } });
  });

  it.each(['nobody', '', '../../health', 'nul\u0000', 'x'.repeat(200)])(
    'is null when nobody has the id %j',
    async (id) => {
      expect(await ask(auth.url, { query, variables: { id } })).toEqual({ status: 200, data: { user: null } });
    },
  );
});

describe('references', () => {
  const query = 'query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id email } } }';

  it('are answered in order by one statement, null for nobody, the e-mail address for oneself', async () => {
    const [a, b] = [await somebody(), await somebody()];
    const ids = [b.id, 'nobody', a.id, b.id].map((id) => ({ __typename: 'User', id }));
    const sql = vi.spyOn(pg.Pool.prototype, 'query');
    const { data } = await ask(auth.url, { query, token: a.token, variables: { ids } });
    const lookups = sql.mock.calls.filter(([text]) => String(text).includes('= any('));
    sql.mockRestore();
    const other = { id: b.id, email: null };
    expect(data).toEqual({ _entities: [other, null, { id: a.id, email: a.email }, other] });
    expect(lookups).toHaveLength(1);
  });
});

describe('the old look-up', () => {
  it('knows a person by id', async () => {
    const { id, username, email } = await somebody();
    const response = await fetch(`${auth.url}/users/${id}`);
    expect(await response.json()).toEqual({ id, username, email });
  });

  it('is 404 for nobody', async () => {
    expect((await fetch(`${auth.url}/users/nobody`)).status).toBe(404);
  });
});

it('says that it is well', async () => {
  expect((await fetch(`${auth.url}/health`)).status).toBe(200);
});
