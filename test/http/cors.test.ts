import { serviceEnv, startService } from '../support/app.ts';
import { badgeBody, it as base, describe, expect, goalBody } from '../support/fixtures.ts';

const APP = 'https://app.example.org';
const LOCAL = 'http://localhost:5173';

const it = base.extend('open', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
  const started = await startService(serviceEnv(db, auth, { CORS_ORIGINS: `${APP}, ${LOCAL}` }));
  onCleanup(() => started.close());
  return started;
});

const preflight = (origin: string, headers = 'authorization,content-type,idempotency-key') => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
});
const corsHeadersOf = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('without CORS_ORIGINS', () => {
  it('no origin is allowed, and OPTIONS answers as before', async ({ service }) => {
    const { status, headers } = await service.rest('/graphql', preflight(APP));
    expect([status, headers.allow, headers.vary]).toEqual([204, 'GET, POST, OPTIONS', undefined]);
    expect(corsHeadersOf(headers)).toEqual([]);
  });
});

describe('with CORS_ORIGINS', () => {
  it.for([APP, LOCAL])(
    'a page of %s may call both APIs, after a preflight that reads no token',
    async (origin, { open, createUser }) => {
      const { id, token } = await createUser();
      open.statements.clear();
      for (const path of ['/graphql', `/users/${id}/goals`, '/users/me', '/not-a-path']) {
        const { status, headers, text } = await open.rest(path, preflight(origin));
        expect({ status, text }).toEqual({ status: 204, text: '' });
        expect(headers).toMatchObject({
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
          'access-control-allow-headers': 'authorization,content-type,idempotency-key',
          'access-control-max-age': '7200',
          vary: 'Origin, Access-Control-Request-Headers',
        });
      }
      expect(open.statements).toEqual([]);
      const headers = { origin, 'idempotency-key': 'k-1' };
      const created = await open.rest(`/users/${id}/goals`, { token, headers, body: goalBody() });
      expect(created).toMatchObject({
        status: 200,
        headers: { 'access-control-allow-origin': origin, vary: 'Origin' },
      });
      const exposed = String(created.headers['access-control-expose-headers']).toLowerCase().split(', ');
      const needed = ['etag', 'link', 'location', 'retry-after', 'idempotent-replayed', 'x-request-id'];
      expect(exposed).toEqual(expect.arrayContaining(needed));
      const query = await open.graphql('{ viewer { id } }', {}, { token, headers });
      expect(query).toMatchObject({ data: { viewer: { id } }, headers: { 'access-control-allow-origin': origin } });
    },
  );

  it('a page also reads error responses', async ({ open }) => {
    for (const request of [
      open.rest('/users/me', { headers: { origin: APP } }),
      open.rest('/nope', { headers: { origin: APP } }),
      open.graphql('{ nope }', {}, { headers: { origin: APP } }),
      open.graphql('{ nope }', {}, { token: 'bad', headers: { origin: APP } }),
    ]) {
      expect((await request).headers['access-control-allow-origin']).toBe(APP);
    }
  });

  it('a page of an allowed origin also reads the 503 of an overloaded replica', async ({ serve, db }) => {
    const service = await serve({ CORS_ORIGINS: APP, MAX_REQUESTS_IN_FLIGHT: '1' });
    const origins = [APP, APP, 'https://evil.example', undefined];
    const responses = await db.sql.begin(async (tx) => {
      await tx`lock table badges in access exclusive mode`;
      return Promise.all(origins.map((origin) => service.rest('/users/ada/badges', { headers: { origin } })));
    });
    const rejected = responses.filter(({ body }) => body.detail === 'The service is overloaded');
    expect(rejected).toHaveLength(3);
    for (const { status, headers } of rejected) expect([status, headers.vary]).toEqual([503, 'Origin']);
    const allowed = rejected.filter(({ headers }) => headers['access-control-allow-origin'] === APP);
    expect(allowed.map(({ headers }) => headers['access-control-expose-headers'])).toContain(
      'Retry-After, x-request-id',
    );
    const sent = responses.filter(({ headers }) => corsHeadersOf(headers).length > 0);
    expect(sent.map((response) => origins[responses.indexOf(response)])).toEqual([APP, APP]);
  });

  it('never allows credentials', async ({ open }) => {
    const { headers } = await open.rest('/users/me', { headers: { origin: APP, cookie: 'session=1' } });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.for([
    'https://evil.example',
    'null',
    '',
    '*',
    'https://app.example.org.evil.example',
    'https://evil.example?https://app.example.org',
    'https://app.example.org/',
    'https://app.example.org:443',
    'http://app.example.org',
    'HTTPS://APP.EXAMPLE.ORG',
    'https://app.example.org, https://evil.example',
    'http://localhost:51730',
  ])('the origin %j gets no CORS header, and no permission', async (origin, { open, createUser }) => {
    const { id, token } = await createUser();
    const responses = [
      await open.rest('/graphql', preflight(origin)),
      await open.rest(`/users/${id}/badges`, { token, headers: { origin }, body: badgeBody() }),
      await open.graphql('{ viewer { id } }', {}, { token, headers: { origin } }),
    ];
    for (const { headers } of responses) {
      expect(corsHeadersOf(headers)).toEqual([]);
      expect(headers.vary).toBe('Origin');
    }
  });

  it('an OPTIONS without an Origin is no preflight', async ({ open }) => {
    const { status, headers } = await open.rest('/users/me', { method: 'OPTIONS' });
    expect([status, headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await open.rest('/nope', { method: 'OPTIONS' })).status).toBe(404);
  });

  it('preflights are counted in the metrics, and take no part of the rate limit', async ({ serve, createUser }) => {
    const service = await serve({ CORS_ORIGINS: APP, RATE_LIMIT_PER_MINUTE: '5' });
    const { token } = await createUser();
    for (let i = 0; i < 20; i++) expect((await service.rest('/graphql', preflight(APP))).status).toBe(204);
    expect((await service.graphql('{ viewer { id } }', {}, { token })).status).toBe(200);
    const { text } = await service.rest('/metrics');
    expect(text).toMatch(
      /http_server_request_duration_seconds_count\{http_request_method="OPTIONS",http_route="[^"]*",http_response_status_code="204"\} 20/,
    );
  });

  it('preflights need no GATEWAY_SECRET, which browsers could not send', async ({ serve }) => {
    const service = await serve({ CORS_ORIGINS: APP, GATEWAY_SECRET: 'between-the-gateway-and-the-service' });
    expect((await service.rest('/graphql', preflight(APP))).status).toBe(204);
    expect((await service.graphql('{ viewer { id } }', {}, { headers: { origin: APP } })).status).toBe(401);
  });
});

describe('CORS_ORIGINS', () => {
  it.for([
    '*',
    'app.example.org',
    `${APP}/`,
    `${APP}/path`,
    'null',
    'https://*.example.org',
    `${APP};${LOCAL}`,
    'ftp://x',
  ])('rejects %j, which is no origin', async (origins, { serve }) => {
    await expect(serve({ CORS_ORIGINS: origins })).rejects.toThrow(/CORS_ORIGINS: ".*" is not an origin/);
  });
});
