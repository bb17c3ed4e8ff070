import type { AuthService } from '../support/auth-service.ts';
import { badgeInput, describe, expect, it } from '../support/fixtures.ts';
import { expectNoLeak } from './expect-no-leak.ts';

const PUBLIC_QUERY =
  '{ viewer { id } _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { id } } }';
const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

const now = () => Math.floor(Date.now() / 1000);

const INVALID_TOKENS: Record<string, (auth: AuthService) => string | Promise<string>> = {
  'an empty token': () => '',
  'a token that is not a JWT': () => 'not-a-token',
  'a JWT with three invalid parts': () => 'a.b.c',
  'an expired token': (auth) => auth.token('ada', { exp: now() - 60 }),
  'a token without an expiry': (auth) => auth.token('ada', { exp: undefined }),
  'a token for another audience': (auth) => auth.token('ada', { aud: 'another-service' }),
  'a token of another issuer': (auth) => auth.token('ada', { iss: 'https://evil.test' }),
  'a token without a subject': (auth) => auth.token(undefined),
  'a token whose subject is not a valid user id': (auth) => auth.token('../admin'),
  'an unsigned token': (auth) => auth.token('ada', {}, { alg: 'none' }),
  'a token signed with an unknown secret': (auth) => auth.token('ada', {}, { key: 'x'.repeat(32), alg: 'HS256' }),
};

describe('a request without a token', () => {
  it('gets public data, and the viewer is null', async ({ service }) => {
    expect(await service.graphql(PUBLIC_QUERY)).toMatchObject({
      status: 200,
      body: { data: { viewer: null, _entities: [{ id: 'ada' }] } },
    });
  });

  it('cannot write: the error is UNAUTHENTICATED', async ({ service, db }) => {
    const before = await db.snapshot();
    const { data, errors } = await service.graphql(CREATE_BADGE, { input: badgeInput() });
    expect(data).toEqual({ createBadge: null });
    expect(errors).toMatchObject([{ message: 'Not authenticated', extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('has no viewer, even if its other headers name a user', async ({ service, createUser }) => {
    const { id } = await createUser();
    const headers = { 'x-user-id': id, 'x-auth-user-id': id, 'x-forwarded-user': id, cookie: `user=${id}` };
    expect((await service.graphql('{ viewer { id } }', {}, { headers })).data).toEqual({ viewer: null });
  });
});

describe('a request with a token', () => {
  it('has the subject of the token as its viewer', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    expect((await service.graphql('{ viewer { id } }', {}, { token })).body).toEqual({ data: { viewer: { id } } });
  });

  it.for(Object.entries(INVALID_TOKENS))(
    'that is invalid gets 401, also for public data: %s',
    async ([, make], { service, auth }) => {
      service.statements.clear();
      const { status, headers, body, text } = await service.graphql(PUBLIC_QUERY, {}, { token: await make(auth) });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
      expect(body).toEqual({
        errors: [
          {
            message: 'Could not validate credentials',
            extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) },
          },
        ],
      });
      expectNoLeak(text);
      expect(service.statements).toEqual([]);
    },
  );

  it('that is invalid writes nothing', async ({ service, db }) => {
    const before = await db.snapshot();
    const rejected = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token: 'a.b.c' });
    expect(rejected).toMatchObject({ status: 401, data: undefined });
    expect(await db.snapshot()).toEqual(before);
  });

  it('and with a second token gets 400', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const authorization = [`Bearer ${ada.token}`, `Bearer ${eve.token}`];
    const { status, errors } = await service.graphql('{ viewer { id } }', {}, { headers: { authorization } });
    expect(status).toBe(400);
    expect(errors).toHaveLength(1);
  });

  it('gets 503 with Retry-After, not 401, when the JWKS is unavailable', async ({ serve, auth, createUser }) => {
    const { token } = await createUser();
    auth.fail('jwks', 503);
    const service = await serve();
    const { status, headers, body, text } = await service.graphql('{ viewer { id } }', {}, { token });
    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-9]\d?$/);
    expect(headers['www-authenticate']).toBeUndefined();
    expect(body.errors).toMatchObject([{ extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' } }]);
    expectNoLeak(text);
    expect((await service.graphql(PUBLIC_QUERY)).status).toBe(200);
  });
});

describe('GATEWAY_SECRET', () => {
  const secrets = { GATEWAY_SECRET: 'the-old-secret-of-the-gateway, the-new-secret-of-the-gateway' };

  it.for(['the-old-secret-of-the-gateway', 'the-new-secret-of-the-gateway'])(
    'accepts a gateway that sends one of the secrets: %s',
    async (secret, { serve, createUser }) => {
      const service = await serve(secrets);
      const { id, token } = await createUser();
      const headers = { 'router-authorization': secret };
      const accepted = await service.graphql('{ viewer { id } _service { sdl } }', {}, { token, headers });
      expect(accepted).toMatchObject({ status: 200, data: { viewer: { id }, _service: {} } });
    },
  );

  it.for([
    ['a query', { body: { query: '{ __typename }' } }],
    ['a query for the SDL', { body: { query: '{ _service { sdl } }' } }],
    ['an introspection query', { body: { query: '{ __schema { types { name } } }' } }],
    ['a query over GET', { path: '?query={__typename}', headers: { 'apollo-require-preflight': '1' } }],
    ['a request for the playground', { headers: { accept: 'text/html' } }],
    ['an invalid body', { body: '{' }],
  ] as const)('rejects a request without a valid secret before any other check: %s', async ([, request], { serve }) => {
    const service = await serve(secrets);
    const { path = '', body, headers } = { path: '', body: undefined, headers: undefined, ...request };
    for (const wrong of [{}, { 'router-authorization': 'the-old-secret' }, { 'router-authorization': '' }]) {
      const rejected = await service.rest(`/graphql${path}`, { body, headers: { ...headers, ...wrong } });
      expect(rejected).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
      expect(rejected.body.data).toBeUndefined();
      expectNoLeak(rejected.text);
    }
  });

  it('rejects a mutation that has a valid token and did not come through the gateway', async ({
    serve,
    db,
    createUser,
  }) => {
    const service = await serve(secrets);
    const { token } = await createUser();
    const before = await db.snapshot();
    expect((await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token })).status).toBe(401);
    expect(await db.snapshot()).toEqual(before);
  });

  it('does not apply to REST and to health checks', async ({ serve }) => {
    const service = await serve(secrets);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
    expect((await service.rest('/health/ready')).status).toBe(200);
  });
});
