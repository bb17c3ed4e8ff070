import type { AuthService } from '../support/auth-service.ts';
import { badgeInput, describe, expect, it } from '../support/fixtures.ts';
import { expectNoLeak } from './leaks.ts';

const ANONYMOUS =
  '{ viewer { id } _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { id } } }';
const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

const now = () => Math.floor(Date.now() / 1000);

const BAD_TOKENS: Record<string, (auth: AuthService) => string | Promise<string>> = {
  'no token at all': () => '',
  nonsense: () => 'not-a-token',
  'three parts of nonsense': () => 'a.b.c',
  'an expired one': (auth) => auth.token('ada', { exp: now() - 60 }),
  'one that never expires': (auth) => auth.token('ada', { exp: undefined }),
  'one for another service': (auth) => auth.token('ada', { aud: 'somebody-else' }),
  'one of another issuer': (auth) => auth.token('ada', { iss: 'https://evil.test' }),
  'one for nobody': (auth) => auth.token(undefined),
  'one for somebody with an impossible id': (auth) => auth.token('../admin'),
  'an unsigned one': (auth) => auth.token('ada', {}, { alg: 'none' }),
  'one signed with a secret of its own': (auth) => auth.token('ada', {}, { key: 'x'.repeat(32), alg: 'HS256' }),
};

describe('a request without a token', () => {
  it('is anonymous: the viewer is null, and what is public answers', async ({ service }) => {
    expect(await service.graphql(ANONYMOUS)).toMatchObject({
      status: 200,
      body: { data: { viewer: null, _entities: [{ id: 'ada' }] } },
    });
  });

  it('cannot write, and is told that a token is missing', async ({ service, db }) => {
    const before = await db.snapshot();
    const { data, errors } = await service.graphql(CREATE_BADGE, { input: badgeInput() });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message: 'Not authenticated', extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is nobody’s, whatever headers claim', async ({ service, createUser }) => {
    const { id } = await createUser();
    const headers = { 'x-user-id': id, 'x-auth-user-id': id, 'x-forwarded-user': id, cookie: `user=${id}` };
    expect((await service.graphql('{ viewer { id } }', {}, { headers })).data).toEqual({ viewer: null });
  });
});

describe('a request with a token', () => {
  it('has its subject as the viewer', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    expect((await service.graphql('{ viewer { id } }', {}, { token })).body).toEqual({ data: { viewer: { id } } });
  });

  it.for(Object.entries(BAD_TOKENS))(
    'that is not good is refused as a whole, even where anybody may ask: %s',
    async ([, make], { service, auth }) => {
      service.statements.clear();
      const { status, headers, body, text } = await service.graphql(ANONYMOUS, {}, { token: await make(auth) });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
      expect(body).toEqual({
        errors: [{ message: 'Could not validate credentials', extensions: { code: 'UNAUTHENTICATED' } }],
      });
      expectNoLeak(text);
      expect(service.statements).toEqual([]);
    },
  );

  it('that is not good writes nothing', async ({ service, db }) => {
    const before = await db.snapshot();
    const refused = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token: 'a.b.c' });
    expect(refused).toMatchObject({ status: 401, data: undefined });
    expect(await db.snapshot()).toEqual(before);
  });

  it('and another token is refused: nobody knows which one counts', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const authorization = [`Bearer ${ada.token}`, `Bearer ${eve.token}`];
    const { status, errors } = await service.graphql('{ viewer { id } }', {}, { headers: { authorization } });
    expect(status).toBe(400);
    expect(errors).toHaveLength(1);
  });

  it('while the keys cannot be had is 503 with a time to come back, and not 401', async ({
    serve,
    auth,
    createUser,
  }) => {
    const { token } = await createUser();
    auth.fail('jwks', 503);
    const service = await serve();
    const { status, headers, body, text } = await service.graphql('{ viewer { id } }', {}, { token });
    expect(status).toBe(503);
    expect(headers['retry-after']).toMatch(/^[1-9]\d?$/);
    expect(headers['www-authenticate']).toBeUndefined();
    expect(body.errors).toMatchObject([{ extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' } }]);
    expectNoLeak(text);
    expect((await service.graphql(ANONYMOUS)).status).toBe(200);
  });
});

describe('GATEWAY_SECRET', () => {
  const secrets = { GATEWAY_SECRET: 'the-old-secret-of-the-gateway, the-new-secret-of-the-gateway' };

  it.for(['the-old-secret-of-the-gateway', 'the-new-secret-of-the-gateway'])(
    'lets a gateway in that sends one of the secrets: %s',
    async (secret, { serve, createUser }) => {
      const service = await serve(secrets);
      const { id, token } = await createUser();
      const headers = { 'router-authorization': secret };
      const answered = await service.graphql('{ viewer { id } _service { sdl } }', {}, { token, headers });
      expect(answered).toMatchObject({ status: 200, data: { viewer: { id }, _service: {} } });
    },
  );

  it.for([
    ['a query', { body: { query: '{ __typename }' } }],
    ['the schema', { body: { query: '{ _service { sdl } }' } }],
    ['introspection', { body: { query: '{ __schema { types { name } } }' } }],
    ['a query by GET', { path: '?query={__typename}', headers: { 'apollo-require-preflight': '1' } }],
    ['the playground', { headers: { accept: 'text/html' } }],
    ['nonsense', { body: '{' }],
  ] as const)('keeps everybody else out, before anything else is looked at: %s', async ([, request], { serve }) => {
    const service = await serve(secrets);
    const { path = '', body, headers } = { path: '', body: undefined, headers: undefined, ...request };
    for (const wrong of [{}, { 'router-authorization': 'the-old-secret' }, { 'router-authorization': '' }]) {
      const refused = await service.rest(`/graphql${path}`, { body, headers: { ...headers, ...wrong } });
      expect(refused).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
      expect(refused.body.data).toBeUndefined();
      expectNoLeak(refused.text);
    }
  });

  it('writes nothing for a person who has a good token but came past the gateway', async ({
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

  it('is nothing to REST and to health checks', async ({ serve }) => {
    const service = await serve(secrets);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
    expect((await service.rest('/health/ready')).status).toBe(200);
  });
});
