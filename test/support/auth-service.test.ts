import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { audience, issuer, startAuthService } from './auth-service.ts';
import { changed, type Fault, slow } from './faults.ts';
import type { Json } from './json.ts';

const auth = await startAuthService();
afterEach(() => {
  auth.clearFaults();
  auth.calls.clear();
});
afterAll(() => auth.close());
beforeAll(() => {
  auth.add({ id: 'ada', username: 'ada', displayName: 'Ada', email: 'ada@example.org' });
  auth.add({ id: 'grace' });
});

const verify = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(auth.jwksUrl)), { issuer, audience, requiredClaims: ['exp', 'iat'] });

const entities = 'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on User {';

interface LookUp {
  fields?: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

function lookUp(
  ids: string[],
  { fields = 'id username displayName avatarUrl', headers = {}, timeoutMs = 10_000 }: LookUp = {},
) {
  const representations = ids.map((id) => ({ __typename: 'User', id }));
  return fetch(`${auth.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: `${entities} ${fields} } } }`, variables: { representations } }),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'manual',
  });
}

const json = async (response: Promise<Response>): Promise<Json> => (await response).json();

describe('tokens', () => {
  for (const alg of ['EdDSA', 'RS256', 'ES256'] as const) {
    it(`verify against the JWKS when signed with ${alg}`, async () => {
      const { payload, protectedHeader } = await verify(await auth.token('ada', {}, { alg }));
      expect(payload.sub).toBe('ada');
      expect(protectedHeader.alg).toBe(alg);
    });
  }

  it('accept overrides of all claims and headers', async () => {
    const token = await auth.token(7, { exp: undefined, role: 'x' }, { header: { kid: 'gone', typ: undefined } });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: 'gone' });
    expect(JSON.parse(atob(token.split('.')[1] ?? ''))).toMatchObject({ sub: 7, role: 'x' });
    expect(atob(token.split('.')[1] ?? '')).not.toContain('exp');
  });

  it('can be unsigned, or signed with a shared secret, an unpublished key or over raw bytes', async () => {
    const unpublished = await auth.keys.add('ES256', { publish: false });
    const rsa = await auth.keys.newest('RS256');
    const secret = 'a shared secret of at least 32 bytes';
    const twice = `{"sub":"grace","sub":"ada","iss":"${issuer}","aud":"${audience}","iat":1,"exp":9999999999}`;

    expect(await auth.token('ada', {}, { alg: 'None' })).toMatch(/^\w+\.\w+\.$/);
    await expect(verify(await auth.token('ada', {}, { key: unpublished }))).rejects.toThrow('no applicable key');
    expect((await verify(await auth.token('ada', {}, { payload: twice }))).payload.sub).toBe('ada');
    const shared = await auth.token('ada', {}, { key: secret });
    expect((await jwtVerify(shared, new TextEncoder().encode(secret))).protectedHeader).toEqual({
      alg: 'HS256',
      typ: 'JWT',
    });
    expect(decodeProtectedHeader(await auth.token('ada', {}, { alg: 'PS256', key: rsa }))).toMatchObject({
      alg: 'PS256',
    });
  });

  it('are signed with the newest key, and fail once their key is withdrawn', async () => {
    const old = await auth.keys.newest();
    const before = await auth.token('ada');
    await auth.keys.add();
    await verify(await auth.token('ada'));
    auth.keys.remove(old.kid);
    await expect(verify(before)).rejects.toThrow();
  });
});

describe('users', () => {
  it('are resolved in the order of the representations, with null for unknown ids', async () => {
    const response = await lookUp(['grace', 'unknown-user', 'ada'], { fields: 'key: id name: username' });
    expect(await response.json()).toEqual({
      data: { _entities: [{ key: 'grace', name: 'grace' }, null, { key: 'ada', name: 'ada' }] },
    });
  });

  it('have an e-mail for their own token only', async () => {
    const headers = { authorization: `Bearer ${await auth.token('ada')}` };
    const { data } = await json(lookUp(['ada', 'grace'], { fields: 'email', headers }));
    expect(data._entities).toEqual([{ email: 'ada@example.org' }, { email: null }]);
    const forged = { authorization: `Bearer ${await auth.token('ada', {}, { alg: 'none' })}` };
    expect((await json(lookUp(['ada'], { fields: 'email', headers: forged }))).data._entities).toEqual([
      { email: null },
    ]);
  });

  it('are served by the v1 lookup', async () => {
    expect(await (await fetch(`${auth.url}/users/ada`)).json()).toEqual({
      id: 'ada',
      username: 'ada',
      email: 'ada@example.org',
    });
    expect((await fetch(`${auth.url}/users/unknown-user`)).status).toBe(404);
  });

  it('can have other field names', async () => {
    const other = await startAuthService({ fieldNames: { username: 'login' } });
    other.add({ id: 'ada' });
    const response = await fetch(`${other.url}/graphql`, {
      method: 'POST',
      body: '{"query":"{user(id:\\"ada\\"){username:login}}"}',
    });
    expect(await response.json()).toEqual({ data: { user: { username: 'ada' } } });
    await other.close();
  });

  it('are requested in recorded calls', async () => {
    await lookUp(['ada'], { fields: 'id', headers: { 'x-probe': '1' } });
    expect(auth.callsTo('graphql')).toHaveLength(1);
    expect(auth.calls[0]).toMatchObject({
      method: 'POST',
      url: '/graphql',
      headers: { 'x-probe': '1' },
      body: { variables: { representations: [{ __typename: 'User', id: 'ada' }] } },
    });
  });
});

describe('faults', () => {
  it('respond with a status and Retry-After the given number of times', async () => {
    auth.fail('graphql', 503, { retryAfter: 2, times: 1 });
    const first = await lookUp(['ada']);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await lookUp(['ada'])).status).toBe(200);
  });

  it('affect one endpoint until they are cleared', async () => {
    auth.fail('jwks', 500);
    expect((await fetch(auth.jwksUrl)).status).toBe(500);
    expect((await lookUp(['ada'])).status).toBe(200);
    auth.clearFaults();
    expect((await fetch(auth.jwksUrl)).status).toBe(200);
  });

  const body = async (options: LookUp = {}) => (await lookUp(['ada', 'grace'], options)).text();
  for (const name of ['hang', 'drip', 'endless'] as const) {
    it(`${name}: the response does not end before the client's timeout`, async () => {
      auth.fail('graphql', name);
      await expect(body({ timeoutMs: 400 })).rejects.toThrow('timeout');
    });
  }
  for (const name of ['reset-mid-body', 'reset'] as const) {
    it(`${name}: the connection is reset`, async () => {
      auth.fail('graphql', name);
      await expect(body()).rejects.toThrow(/terminated|fetch failed/);
    });
  }

  it('truncate the response, mislabel it or exceed the size limit', async () => {
    auth.fail('graphql', 'truncated');
    await expect((await lookUp(['ada'])).json()).rejects.toThrow(SyntaxError);
    auth.fail('graphql', 'html');
    expect((await lookUp(['ada'])).headers.get('content-type')).toBe('text/html');
    auth.fail('graphql', 'wrong-content-type');
    const mislabeled = await lookUp(['ada'], { fields: 'id' });
    expect(mislabeled.headers.get('content-type')).toBe('text/plain');
    expect(await mislabeled.json()).toEqual({ data: { _entities: [{ id: 'ada' }] } });
    auth.fail('graphql', 'huge');
    expect((await body()).length).toBeGreaterThan(1_000_000);
    auth.fail('graphql', 'no-content');
    expect((await lookUp(['ada'])).status).toBe(204);
    auth.fail('graphql', 'empty-object');
    expect(await body()).toBe('{}');
  });

  it('redirect to a path with the correct response', async () => {
    auth.fail('users', 'redirect');
    const response = await fetch(`${auth.url}/users/ada`);
    expect(response.redirected).toBe(true);
    expect(await response.json()).toMatchObject({ id: 'ada' });
    expect(auth.calls.map(({ url }) => url)).toEqual(['/users/ada', '/elsewhere/users/ada']);
  });

  const usersWith = async (fault: Parameters<typeof auth.fail>[1]) => {
    auth.fail('graphql', fault);
    return json(lookUp(['ada', 'grace'], { fields: 'key: id' }));
  };
  it('return wrong, reordered or missing users, or errors', async () => {
    const other = { key: 'another-user' };
    expect((await usersWith('wrong-id')).data._entities).toEqual([other, other]);
    expect((await usersWith('reversed')).data._entities).toEqual([{ key: 'grace' }, { key: 'ada' }]);
    expect((await usersWith('missing-entity')).data._entities).toEqual([{ key: 'ada' }]);
    expect(await usersWith('graphql-errors')).toMatchObject({ data: null, errors: [{}] });
    expect(await usersWith('entity-errors')).toMatchObject({
      data: { _entities: [null, null] },
      errors: [{ path: ['_entities', 0] }, {}],
    });
  });

  it('can be functions of a test', async () => {
    const order: string[] = [];
    const gate: Fault = (exchange) => {
      order.push('mine');
      slow(10)(exchange);
    };
    await usersWith(gate);
    expect(order).toEqual(['mine']);
    expect(await usersWith(changed((answer) => ({ ...answer, extra: 1 })))).toMatchObject({ extra: 1 });
  });

  it('include a closed port', async () => {
    await auth.down();
    await expect(lookUp(['ada'])).rejects.toThrow('fetch failed');
    await auth.up();
    expect((await lookUp(['ada'])).status).toBe(200);
  });
});
