import type { Service } from '../support/app.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { RestOptions, RestResponse } from '../support/http-client.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;
const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;

interface Refusal {
  status: number;
  code: string;
  detail: unknown;
  headers?: Record<string, unknown>;
  act: (given: { service: Service; ada: SignedIn; eve: SignedIn }) => Promise<RestResponse>;
}

const problem = (loc: string[]) => [{ loc, msg: expect.any(String), type: expect.any(String) }];
const bad = (body: unknown, options: RestOptions = {}): Refusal['act'] => {
  return ({ service, ada }) => service.rest(badgesOf(ada), { token: ada.token, body, ...options });
};

const REFUSALS: Record<string, Refusal> = {
  'no token': {
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: 'Not authenticated',
    headers: { 'www-authenticate': 'Bearer' },
    act: ({ service, ada }) => service.rest(badgesOf(ada), { body: badgeBody() }),
  },
  'a bad token': {
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: 'Could not validate credentials',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    act: ({ service, ada }) => service.rest(badgesOf(ada), { token: 'nonsense', body: badgeBody() }),
  },
  'not the owner': {
    status: 403,
    code: 'FORBIDDEN',
    detail: 'Not authorized to create a badge for this user',
    act: ({ service, ada, eve }) => service.rest(badgesOf(ada), { token: eve.token, body: badgeBody() }),
  },
  'no such person': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'User not found',
    act: ({ service }) => service.rest('/users/nobody'),
  },
  'no such goal': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Learning goal not found',
    act: ({ service, ada }) => service.rest(`${goalsOf(ada)}/999999999`, { method: 'DELETE', token: ada.token }),
  },
  'no such address': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Not Found',
    act: ({ service }) => service.rest('/nope?secret=1'),
  },
  'no such method': {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    detail: 'Method Not Allowed',
    headers: { allow: expect.stringContaining('POST') },
    act: ({ service, ada }) => service.rest(badgesOf(ada), { method: 'PATCH', token: ada.token, body: {} }),
  },
  'a limit': {
    status: 400,
    code: 'LIMIT_REACHED',
    detail: 'Maximum number of badges (0) reached',
    act: bad(badgeBody()),
  },
  'a transition': {
    status: 400,
    code: 'INVALID_TRANSITION',
    detail: 'Invalid status transition from archived to paused',
    act: async ({ service, ada: { id, token } }) => {
      const { headers } = await service.rest(goalsOf({ id }), { token, body: goalBody({ status: 'archived' }) });
      return service.rest(String(headers.location), { method: 'PUT', token, body: { status: 'paused' } });
    },
  },
  'a version that is gone': {
    status: 412,
    code: 'STALE_VERSION',
    detail: expect.stringContaining('changed'),
    act: async ({ service, ada: { id, token } }) => {
      const { headers } = await service.rest(goalsOf({ id }), { token, body: goalBody() });
      const change = { method: 'PUT', token, body: { title: 'Run' }, headers: { 'if-match': '"0-0"' } };
      return service.rest(String(headers.location), change);
    },
  },
  'a malformed body': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: problem(['body', 'name']),
    act: bad(badgeBody({ name: '' })),
  },
  'a value that no schema can tell from a good one': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: problem(['body', 'icon_url']),
    act: bad(badgeBody({ icon_url: 'javascript:alert(1)' })),
  },
  'a malformed path': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: problem(['path', 'auth_user_id']),
    act: ({ service }) => service.rest('/users/me/badges'),
  },
  'a malformed query': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: problem(['query', 'limit']),
    act: ({ service, ada }) => service.rest(`${badgesOf(ada)}?limit=0`),
  },
  'a malformed cursor': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: problem(['query', 'after']),
    act: ({ service, ada }) => service.rest(`${badgesOf(ada)}?after=x`),
  },
  'an address that cannot be decoded': {
    status: 400,
    code: 'BAD_REQUEST',
    detail: 'Bad Request',
    act: ({ service }) => service.rest('/users/%c0%ae/badges'),
  },
  'a body that is not JSON': {
    status: 400,
    code: 'INVALID_JSON',
    detail: 'The request body is not valid JSON',
    act: bad('{"name":'),
  },
  'a body that is not UTF-8': {
    status: 400,
    code: 'INVALID_JSON',
    detail: 'The request body is not valid JSON',
    act: bad(Buffer.from('{"name":"caf\u00e9","description":"x","icon_url":"/x"}', 'latin1')),
  },
  'a body over 1 MB': {
    status: 413,
    code: 'BODY_TOO_LARGE',
    detail: 'The request body is too large',
    act: bad('x'.repeat(1024 * 1024 + 1)),
  },
  'a body over 1 MB that does not say so': {
    status: 413,
    code: 'BODY_TOO_LARGE',
    detail: 'The request body is too large',
    act: bad('x'.repeat(1024 * 1024 + 1), { headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' } }),
  },
  'a body of another type': {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The request body must be application/json',
    act: bad('name=x', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  },
  'a malformed Idempotency-Key': {
    status: 400,
    code: 'BAD_REQUEST',
    detail: expect.stringContaining('Idempotency-Key'),
    act: bad(badgeBody(), { headers: { 'idempotency-key': 'a b' } }),
  },
};

describe('a refusal has the first version’s shape, a code and the request’s id', () => {
  it.for(Object.entries(REFUSALS))(
    'for %s',
    async ([, { status, code, detail, headers = {}, act }], { serve, createUser }) => {
      const service = await serve({ MAX_BADGES_PER_USER: '0' });
      const answer = await act({ service, ada: await createUser(), eve: await createUser() });
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({ detail, code, request_id: answer.headers['x-request-id'] });
      expect(Object.keys(answer.body)).toEqual(['detail', 'code', 'request_id']);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', ...headers });
    },
  );

  it('for a dependency that is down, and says when to come again', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const ada = await createUser();
    await auth.down();
    const { status, body, headers } = await service.rest(`/users/${ada.id}`);
    expect({ status, ...body }).toEqual({
      status: 503,
      detail: 'The auth-service is temporarily unavailable',
      code: 'AUTH_SERVICE_UNAVAILABLE',
      request_id: headers['x-request-id'],
    });
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  it('for a bug of ours: nothing of it shows but that it happened, and the log has the rest', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    service.logs.clear();
    await db.sql`alter table badges rename column icon_url to lost`;
    const created = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const listed = await service.rest(badgesOf(ada));
    await db.sql`alter table badges rename column lost to icon_url`;
    for (const { status, body, headers } of [created, listed]) {
      const id = headers['x-request-id'];
      expect({ status, body }).toEqual({
        status: 500,
        body: { detail: 'Internal server error', code: 'INTERNAL', request_id: id },
      });
      expect(service.logs).toContainEqual(expect.objectContaining({ level: 'error', requestId: id }));
    }
    expect(JSON.stringify(service.logs)).not.toContain('First steps');
    expect((await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() })).status).toBe(200);
  });
});

describe('the request’s id', () => {
  it('is the caller’s, where it is a harmless one', async ({ service }) => {
    for (const id of ['7', 'a-1_b.c', 'x'.repeat(128)]) {
      const { headers, body } = await service.rest('/nope', { headers: { 'x-request-id': id } });
      expect([headers['x-request-id'], body.request_id]).toEqual([id, id]);
    }
  });

  it('is a new one otherwise', async ({ service }) => {
    const seen = new Set<unknown>();
    for (const id of [undefined, '', 'a b', '{"a":1}', 'x'.repeat(129), '<script>']) {
      const { headers, body } = await service.rest('/nope', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.request_id).toBe(headers['x-request-id']);
      seen.add(body.request_id);
    }
    expect(seen.size).toBe(6);
  });

  it('comes with every answer', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const path of [`/users/${id}`, '/users/me', `/users/${id}/badges`, `/users/${id}/goals`]) {
      expect((await service.rest(path, { token })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('a challenge', () => {
  const CALLS: [method: string, path: (id: string) => string][] = [
    ['GET', () => '/users/me'],
    ['POST', (id) => `/users/${id}/badges`],
    ['POST', (id) => `/users/${id}/goals`],
    ['PUT', (id) => `/users/${id}/goals/1`],
    ['DELETE', (id) => `/users/${id}/goals/1`],
  ];
  const ANSWERS: [authorization: string | undefined, detail: string, challenge: string][] = [
    [undefined, 'Not authenticated', 'Bearer'],
    ['Basic YWRhOmFkYQ==', 'Not authenticated', 'Bearer'],
    ['Bearer', 'Could not validate credentials', 'Bearer error="invalid_token"'],
    ['Bearer nonsense', 'Could not validate credentials', 'Bearer error="invalid_token"'],
    ['bearer a.b.c', 'Could not validate credentials', 'Bearer error="invalid_token"'],
  ];

  it.for(ANSWERS)(
    'to %s is %s, on every call that needs a token',
    async ([authorization, detail, challenge], { service, db, createUser }) => {
      const { id } = await createUser();
      const before = await db.snapshot();
      for (const [method, path] of CALLS) {
        const answer = await service.rest(path(id), { method, headers: { authorization } });
        expect(answer).toMatchObject({ status: 401, body: { detail }, headers: { 'www-authenticate': challenge } });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );
});

describe('an address that the service does not have is 404', () => {
  it.for([
    '/',
    '/nope',
    '/users',
    '/users/',
    '/users/x/unknown',
    '/users/x/badges/1',
    '/users/x/goals/1/y',
    '//users/x',
  ])('%s', async (path, { service, createUser }) => {
    const { token } = await createUser();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, body, text } = await service.rest(path, { method, token });
      expect([status, body.detail]).toEqual([404, 'Not Found']);
      expect(text).not.toContain('Route');
    }
  });
});
