import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import type { RestResponse } from '../support/http-client.ts';
import { requestText } from '../support/raw-sockets.ts';
import { createHeldInserts, heldMutation, untilHeld, whileHeld } from '../system/process/held-inserts.ts';

const CLOSE = 'Connection: close\r\n';
const headersIn = (response: string) =>
  new Map(
    response
      .slice(0, response.indexOf('\r\n\r\n'))
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(/:\s*/, 2) as [string, string])
      .map(([name, value]) => [name.toLowerCase(), value]),
  );

describe('every response has X-Content-Type-Options and Cache-Control:', () => {
  const requests: [string, number, Parameters<typeof requestText>][] = [
    ['a list', 200, ['GET /users/ada/badges']],
    ['a profile that does not exist', 404, ['GET /users/nobody']],
    ['an invalid id', 422, ['GET /users/-/badges']],
    ['HEAD', 200, ['HEAD /users/ada/badges']],
    ['a missing token', 401, ['GET /users/me']],
    ['an invalid token', 401, ['GET /users/me', { headers: 'Authorization: Bearer x\r\n' }]],
    ['another method', 405, ['DELETE /users/me']],
    ['OPTIONS', 204, ['OPTIONS /users/me']],
    ['an unknown path', 404, ['GET /unknown']],
    ['a path that cannot be decoded', 400, ['GET /users/%']],
    ['a path that is too long', 414, [`GET /users/${'a'.repeat(600)}`]],
    ['liveness', 200, ['GET /health/live']],
    ['readiness', 200, ['GET /health/ready']],
    ['metrics', 200, ['GET /metrics']],
    ['OpenAPI', 200, ['GET /openapi.json']],
    ['the documentation', 200, ['GET /docs']],
    ['an asset of the documentation', 200, ['GET /docs/static/swagger-ui.css']],
    ['an unknown asset', 404, ['GET /docs/static/unknown.css']],
    ['GraphQL', 200, ['POST /graphql', { body: '{"query":"{ __typename }"}' }]],
    ['an invalid operation', 400, ['POST /graphql', { body: '{"query":"{ unknown }"}' }]],
    ['invalid JSON', 400, ['POST /graphql', { body: '{' }]],
    ['the playground', 200, ['GET /graphql', { headers: 'Accept: text/html\r\n' }]],
    ['the page of /', 200, ['GET /', { headers: 'Accept: text/html\r\n' }]],
    ['an invalid Host', 400, ['GET /users/ada/badges', { headers: 'Host: b\r\n' }]],
    ['an unknown expectation', 200, ['GET /users/ada/badges', { headers: 'Expect: unknown\r\n' }]],
    ['a head that is too long', 431, ['GET /', { headers: `X: ${'x'.repeat(20_000)}\r\n` }]],
  ];
  for (const [name, status, [line, options]] of requests) {
    it(name, async ({ service }) => {
      const response = await service.raw(requestText(line, { ...options, headers: CLOSE + (options?.headers ?? '') }));
      expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      const headers = headersIn(response);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      const isAsset = line.includes('/docs/static/') && status === 200;
      const isPage = options?.headers?.includes('text/html') === true;
      expect(headers.get('cache-control')).toMatch(isAsset ? /^public/ : isPage ? /^no-cache$/ : /^no-store$/);
      expect(headers.get('x-request-id')).toMatch(/^[\w.-]{1,128}$/);
    });
  }

  it('a request without a Host, and text that is not HTTP', async ({ service }) => {
    for (const bytes of ['GET /users/ada/badges HTTP/1.1\r\n\r\n', 'SSH-2.0-OpenSSH_9.9\r\n\r\n']) {
      const response = await service.raw(bytes);
      expect(response).toMatch(/^HTTP\/1.1 400 /);
      const headers = headersIn(response);
      expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
    }
  });

  it('a created badge, and too large a body', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const [status, body] of [
      [200, badgeBody()],
      [413, badgeBody({ name: 'x'.repeat(1_100_000) })],
      [422, {}],
    ] as const) {
      const response = await service.rest(`/users/${id}/badges`, { token, body });
      expect(response).toMatchObject({
        status,
        headers: { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
      });
    }
  });
});

describe('a response to a rejected request', () => {
  it('has the headers of every response, and the client’s x-request-id if that is valid', async ({
    serve,
    db,
    createUser,
  }) => {
    const { token } = await createUser();
    await createHeldInserts(db.sql);
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1' });
    const { query, variables } = heldMutation();
    const reject = async (path: string, requestId: string): Promise<RestResponse> => {
      const response = await service.rest(path, { headers: { 'x-request-id': requestId } });
      expect(response).toMatchObject({
        status: 503,
        headers: { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'retry-after': '1' },
      });
      return response;
    };
    const [held, [valid, invalid, graphql]] = await whileHeld(db.sql, async () => {
      const pending = service.graphql(query, variables, { token });
      await untilHeld(db.sql, 1);
      const rejected = await Promise.all([
        reject('/users/ada/badges', 'trace-1.a_B'),
        reject('/users/ada/badges', 'not valid'),
        reject('/graphql', 'trace-2'),
      ]);
      return [pending, rejected] as const;
    });
    expect([valid.headers['x-request-id'], valid.body.request_id]).toEqual(['trace-1.a_B', 'trace-1.a_B']);
    expect(invalid.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(graphql.headers['x-request-id']).toBe('trace-2');
    expect((await held).status).toBe(200);
  });
});

describe('every page', () => {
  it('may not be framed, has no base, and sends forms to its own origin only', async ({ service }) => {
    const pages = [
      await service.rest('/docs'),
      await service.rest('/docs/'),
      await service.rest('/docs/static/oauth2-redirect.html'),
      await service.rest('/graphql', { headers: { accept: 'text/html' } }),
      await service.rest('/', { headers: { accept: 'text/html' } }),
    ];
    for (const { status, headers } of pages) {
      expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
      const policy = String(headers['content-security-policy']).split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "base-uri 'none'",
          "form-action 'self'",
          "frame-ancestors 'none'",
        ]),
      );
      const [, scripts = ''] =
        policy.map((part) => /^script-src (.*)$/.exec(part)).find((match) => match !== null) ?? [];
      expect(scripts).not.toMatch(/unsafe|\*|https?:|data:/);
    }
  });
});

describe('DOCS=false', () => {
  it('removes the documentation, and nothing else', async ({ serve }) => {
    const service = await serve({ DOCS: 'false' });
    const paths = ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/swagger-ui.css', '/openapi.json'];
    for (const path of paths) expect((await service.rest(path)).status).toBe(404);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
  });
});
