import type { Service } from '../support/app.ts';
import { breakBadges } from '../support/broken-badges.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { RestOptions, RestResponse } from '../support/http-client.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;
const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;

interface ErrorCase {
  status: number;
  code: string;
  detail: unknown;
  headers?: Record<string, unknown>;
  send: (given: { service: Service; ada: SignedIn; eve: SignedIn }) => Promise<RestResponse>;
}

const detailAt = (loc: string[]) => [{ loc, msg: expect.any(String), type: expect.any(String) }];
const createBadge = (body: unknown, options: RestOptions = {}): ErrorCase['send'] => {
  return ({ service, ada }) => service.rest(badgesOf(ada), { token: ada.token, body, ...options });
};

const CASES: Record<string, ErrorCase> = {
  'a missing token': {
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: 'Not authenticated',
    headers: { 'www-authenticate': 'Bearer' },
    send: ({ service, ada }) => service.rest(badgesOf(ada), { body: badgeBody() }),
  },
  'an invalid token': {
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: 'Could not validate credentials',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    send: ({ service, ada }) => service.rest(badgesOf(ada), { token: 'nonsense', body: badgeBody() }),
  },
  'the badges of another user': {
    status: 403,
    code: 'FORBIDDEN',
    detail: 'Not authorized to create a badge for this user',
    send: ({ service, ada, eve }) => service.rest(badgesOf(ada), { token: eve.token, body: badgeBody() }),
  },
  'an unknown user': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'User not found',
    send: ({ service }) => service.rest('/users/unknown-user'),
  },
  'an unknown goal': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Learning goal not found',
    send: ({ service, ada }) => service.rest(`${goalsOf(ada)}/999999999`, { method: 'DELETE', token: ada.token }),
  },
  'an unknown badge': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Badge not found',
    send: ({ service, ada }) => service.rest(`${badgesOf(ada)}/999999999`),
  },
  'an unknown path': {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Not Found',
    send: ({ service }) => service.rest('/nope?secret=1'),
  },
  'an unsupported method': {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    detail: 'Method Not Allowed',
    headers: { allow: expect.stringContaining('POST') },
    send: ({ service, ada }) => service.rest(badgesOf(ada), { method: 'PATCH', token: ada.token, body: {} }),
  },
  'an unsupported method, with any body': {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    detail: 'Method Not Allowed',
    headers: { allow: expect.stringContaining('POST') },
    send: ({ service, ada }) =>
      service.rest(badgesOf(ada), {
        method: 'PATCH',
        token: ada.token,
        body: '{',
        headers: { 'content-type': 'application/merge-patch+json' },
      }),
  },
  'a reached limit': {
    status: 400,
    code: 'LIMIT_REACHED',
    detail: 'Maximum number of badges (0) reached',
    send: createBadge(badgeBody()),
  },
  'an invalid status transition': {
    status: 400,
    code: 'INVALID_TRANSITION',
    detail: 'Invalid status transition from archived to paused',
    send: async ({ service, ada: { id, token } }) => {
      const { headers } = await service.rest(goalsOf({ id }), { token, body: goalBody({ status: 'archived' }) });
      return service.rest(String(headers.location), { method: 'PUT', token, body: { status: 'paused' } });
    },
  },
  'a stale version': {
    status: 412,
    code: 'STALE_VERSION',
    detail: expect.stringContaining('changed'),
    send: async ({ service, ada: { id, token } }) => {
      const { headers } = await service.rest(goalsOf({ id }), { token, body: goalBody() });
      const change = { method: 'PUT', token, body: { title: 'Run' }, headers: { 'if-match': '"0-0"' } };
      return service.rest(String(headers.location), change);
    },
  },
  'an invalid body': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: detailAt(['body', 'name']),
    send: createBadge(badgeBody({ name: '' })),
  },
  'a body with several invalid texts': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: [...detailAt(['body', 'name']), ...detailAt(['body', 'description'])],
    send: createBadge(badgeBody({ name: 'x'.repeat(101), description: 'x'.repeat(501) })),
  },
  'a value that the schema accepts and the content rules reject': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: detailAt(['body', 'icon_url']),
    send: createBadge(badgeBody({ icon_url: 'javascript:alert(1)' })),
  },
  'an invalid path parameter': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: detailAt(['path', 'auth_user_id']),
    send: ({ service }) => service.rest('/users/me/badges'),
  },
  'an invalid query parameter': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: detailAt(['query', 'limit']),
    send: ({ service, ada }) => service.rest(`${badgesOf(ada)}?limit=0`),
  },
  'an invalid cursor': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: detailAt(['query', 'after']),
    send: ({ service, ada }) => service.rest(`${badgesOf(ada)}?after=x`),
  },
  'a value of the wrong type or format': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: [
      { loc: ['body', 'description'], msg: 'must be string or null', type: 'string_type' },
      { loc: ['body', 'due_on'], msg: 'must be a date, such as 2026-03-01', type: 'string_pattern_mismatch' },
    ],
    send: ({ service, ada: { id, token } }) =>
      service.rest(goalsOf({ id }), { token, body: goalBody({ description: 1, due_on: '2026-02-30' }) }),
  },
  'a user id in the path that is none': {
    status: 422,
    code: 'BAD_USER_INPUT',
    detail: [expect.objectContaining({ msg: expect.stringMatching(/^must be 1 to 128 characters of A-Z/) })],
    send: ({ service }) => service.rest('/users/a%20b/badges'),
  },
  'a path with a segment that is too long': {
    status: 414,
    code: 'BAD_REQUEST',
    detail: 'A segment of the path is too long',
    send: ({ service }) => service.rest(`/users/${'a'.repeat(501)}/badges`),
  },
  'a path that cannot be decoded': {
    status: 400,
    code: 'BAD_REQUEST',
    detail: 'Bad Request',
    send: ({ service }) => service.rest('/users/%c0%ae/badges'),
  },
  'a body that is not JSON': {
    status: 400,
    code: 'INVALID_JSON',
    detail: 'The request body is not valid JSON',
    send: createBadge('{"name":'),
  },
  'a body that is not UTF-8': {
    status: 400,
    code: 'INVALID_JSON',
    detail: 'The request body is not valid JSON',
    send: createBadge(Buffer.from('{"name":"caf\u00e9","description":"x","icon_url":"/x"}', 'latin1')),
  },
  'a body over 1 MiB': {
    status: 413,
    code: 'BODY_TOO_LARGE',
    detail: 'The request body is too large',
    send: createBadge('x'.repeat(1024 * 1024 + 1)),
  },
  'a chunked body over 1 MiB': {
    status: 413,
    code: 'BODY_TOO_LARGE',
    detail: 'The request body is too large',
    send: createBadge('x'.repeat(1024 * 1024 + 1), {
      headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
    }),
  },
  'a body of another media type': {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The request body must be application/json in UTF-8, without Content-Encoding',
    send: createBadge('name=x', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  },
  'an invalid Idempotency-Key': {
    status: 400,
    code: 'BAD_REQUEST',
    detail: expect.stringContaining('Idempotency-Key'),
    send: createBadge(badgeBody(), { headers: { 'idempotency-key': 'a b' } }),
  },
};

describe('a REST error has the shape of v1, a code and the request id', () => {
  it.for(Object.entries(CASES))(
    'for %s',
    async ([, { status, code, detail, headers = {}, send }], { serve, createUser }) => {
      const service = await serve({ MAX_BADGES_PER_USER: '0' });
      const response = await send({ service, ada: await createUser(), eve: await createUser() });
      expect(response.status).toBe(status);
      expect(response.body).toEqual({ detail, code, request_id: response.headers['x-request-id'] });
      expect(Object.keys(response.body)).toEqual(['detail', 'code', 'request_id']);
      expect(response.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', ...headers });
    },
  );

  it('for an unavailable dependency, with Retry-After', async ({ serve, auth, createUser }) => {
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

  it('for an unexpected error, whose details are in the log and not in the response', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    service.logs.clear();
    const repair = await breakBadges(db.sql);
    const created = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const listed = await service.rest(badgesOf(ada));
    await repair();
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

describe('the request id', () => {
  it('is the X-Request-Id of the client when that is safe', async ({ service }) => {
    for (const id of ['7', 'a-1_b.c', 'x'.repeat(128)]) {
      const { headers, body } = await service.rest('/nope', { headers: { 'x-request-id': id } });
      expect([headers['x-request-id'], body.request_id]).toEqual([id, id]);
    }
  });

  it('is a new UUID when the X-Request-Id is absent or unsafe', async ({ service }) => {
    const seen = new Set<unknown>();
    for (const id of [undefined, '', 'a b', '{"a":1}', 'x'.repeat(129), '<script>']) {
      const { headers, body } = await service.rest('/nope', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.request_id).toBe(headers['x-request-id']);
      seen.add(body.request_id);
    }
    expect(seen.size).toBe(6);
  });

  it('is a header of every response', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const path of [`/users/${id}`, '/users/me', `/users/${id}/badges`, `/users/${id}/goals`]) {
      expect((await service.rest(path, { token })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('a 401 response', () => {
  const OPERATIONS: [method: string, path: (id: string) => string][] = [
    ['GET', () => '/users/me'],
    ['POST', (id) => `/users/${id}/badges`],
    ['POST', (id) => `/users/${id}/goals`],
    ['PUT', (id) => `/users/${id}/goals/1`],
    ['DELETE', (id) => `/users/${id}/goals/1`],
  ];
  const CASES: [authorization: string | undefined, detail: string, challenge: string][] = [
    [undefined, 'Not authenticated', 'Bearer'],
    [
      'Basic YWRhOmFkYQ==',
      'Not authenticated',
      'Bearer error="invalid_request", error_description="The Authorization header must have the scheme Bearer and a token"',
    ],
    ['Bearer', 'Could not validate credentials', 'Bearer error="invalid_token"'],
    ['Bearer nonsense', 'Could not validate credentials', 'Bearer error="invalid_token"'],
    ['bearer a.b.c', 'Could not validate credentials', 'Bearer error="invalid_token"'],
  ];

  it.for(CASES)(
    'to the Authorization header %s has the detail %s and the challenge %s',
    async ([authorization, detail, challenge], { service, db, createUser }) => {
      const { id } = await createUser();
      const before = await db.snapshot();
      for (const [method, path] of OPERATIONS) {
        const response = await service.rest(path(id), { method, headers: { authorization } });
        expect(response).toMatchObject({ status: 401, body: { detail }, headers: { 'www-authenticate': challenge } });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );
});

describe('an unknown path', () => {
  it.for([
    '/',
    '/nope',
    '/users',
    '/users/',
    '/users/x/unknown',
    '/users/x/badges/1/y',
    '/users/x/goals/1/y',
    '//users/x',
  ])('gets 404 in v1’s shape for every method: %s', async (path, { service, createUser }) => {
    const { token } = await createUser();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, body, text } = await service.rest(path, { method, token });
      expect([status, body.detail]).toEqual([404, 'Not Found']);
      expect(text).not.toContain('Route');
    }
  });
});
