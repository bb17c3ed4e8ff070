import { createHash } from 'node:crypto';
import { describe, expect, it } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const PAGES = ['/', '/graphql', '/graphql?query=%7B__typename%7D'];

const linksOf = (html: string) => [...html.matchAll(/<li><a href="([^"]*)"/g)].map(([, href]) => href);

/** Returns the page as `fetch` decodes it. */
async function fetchPage({ url }: HttpClient, path: string, acceptEncoding: string) {
  const response = await fetch(url + path, { headers: { ...BROWSER, 'accept-encoding': acceptEncoding } });
  return { encoding: response.headers.get('content-encoding'), text: await response.text() };
}

describe('the page of /', () => {
  it('is for browsers; other clients get 404', async ({ service }) => {
    expect((await service.rest('/', { headers: BROWSER })).text).toContain('<h1>user-service</h1>');
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html;q=0.9', 'nonsense']) {
      const { status, body } = await service.rest('/', { headers: { accept } });
      expect([accept, status, body.detail]).toEqual([accept, 404, 'Not Found']);
    }
  });

  it('links to what is enabled, and to nothing else', async ({ serve }) => {
    for (const [env, links] of [
      [{}, ['/graphql', '/docs', '/openapi.json', '/health/ready', '/metrics']],
      [{ PLAYGROUND: 'false', OPERATIONS_PORT: '0' }, ['/docs', '/openapi.json', '/health/ready']],
      [{ NODE_ENV: 'production', DOCS: 'false', DRAIN_SECONDS: '0' }, ['/health/ready', '/metrics']],
    ] as const) {
      const service = await serve(env);
      const { text } = await service.rest('/', { headers: BROWSER });
      expect(linksOf(text)).toEqual(links);
      expect(text.includes('/graphql')).toBe(links.some((link) => link === '/graphql'));
      const statusOf = async (path: string) => (await service.rest(path, { headers: BROWSER })).status;
      for (const path of links) {
        // On a busy machine, a ping of the database may at first take over a second.
        if (path === '/health/ready') await expect.poll(() => statusOf(path)).toBe(200);
        else expect(await statusOf(path), path).toBe(200);
      }
    }
  });

  it('applies its style within its Content-Security-Policy', async ({ service }) => {
    const { text, headers } = await service.rest('/', { headers: BROWSER });
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
    expect(text).not.toContain('<script');
  });
});

describe('GET /graphql', () => {
  it('returns the page to a browser also when the address has a query', async ({ service }) => {
    for (const query of ['%7B__typename%7D', '%7B', '']) {
      const response = await service.rest(`/graphql?query=${query}`, { headers: BROWSER });
      expect([response.status, response.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    }
  });

  it('executes the operation of a client that prefers JSON', async ({ service }) => {
    const preflight = { 'apollo-require-preflight': 'true' };
    for (const accept of [undefined, '*/*', 'application/json', 'application/graphql-response+json, text/html;q=0.5']) {
      const { body } = await service.rest('/graphql?query=%7B__typename%7D', { headers: { accept, ...preflight } });
      expect(body).toEqual({ data: { __typename: 'Query' } });
    }
  });

  it('rejects a query that a web page sends without a preflight', async ({ service }) => {
    const { status } = await service.rest('/graphql?query=%7B__typename%7D', { headers: { accept: '*/*' } });
    expect(status).toBe(400);
  });
});

describe.each(PAGES)('the page at %s', (path) => {
  it('is compressed by the best encoding that the client accepts', async ({ service }) => {
    const plain = await fetchPage(service, path, 'identity');
    expect(plain.encoding).toBeNull();
    for (const [accepted, expected] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['deflate', null],
    ] as const) {
      expect([accepted, await fetchPage(service, path, accepted)]).toEqual([
        accepted,
        { encoding: expected, text: plain.text },
      ]);
    }
  });

  it('is not sent again to a client that has it', async ({ service }) => {
    const first = await service.rest(path, { headers: BROWSER });
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', vary: 'accept, accept-encoding' });
    const etag = String(first.headers.etag);
    for (const known of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      const response = await service.rest(path, { headers: { ...BROWSER, 'if-none-match': known } });
      expect([known, response.status, response.text, response.headers.etag]).toEqual([known, 304, '', etag]);
    }
    for (const unknown of ['"other"', 'W/""', 'nonsense']) {
      const { status } = await service.rest(path, { headers: { ...BROWSER, 'if-none-match': unknown } });
      expect([unknown, status]).toEqual([unknown, 200]);
    }
  });
});
