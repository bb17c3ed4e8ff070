import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { usualDurationOf } from '../auth-service/client.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import { parseJson } from '../support/json.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
const statusesIn = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const bodyOf = (answer: string) => parseJson(answer.slice(answer.indexOf('\r\n\r\n') + 4));

function open({ url }: HttpClient): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port) }).on('error', () => undefined);
}

describe('a request that could be smuggled gets one 400, and its connection is closed:', () => {
  const smuggled = 'GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n';
  const post = (headers: string, body = '') =>
    `POST /graphql HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}${smuggled}`;
  const attacks: [string, string][] = [
    ['Content-Length before Transfer-Encoding', post('Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG')],
    ['Transfer-Encoding before Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 6', '0\r\n\r\nG')],
    ['two Content-Length headers', post('Content-Length: 0\r\nContent-Length: 44')],
    ['a list of Content-Length values', post('Content-Length: 0, 44')],
    ['a Content-Length with a sign', post('Content-Length: +5', '{"a":')],
    ['a negative Content-Length', post('Content-Length: -1')],
    ['a hexadecimal Content-Length', post('Content-Length: 0x10')],
    ['an unknown transfer coding', post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
    ['chunked as the first of two codings', post('Transfer-Encoding: chunked, identity', '0\r\n\r\n')],
    ['two Transfer-Encoding headers', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n')],
    ['a space before the colon', `GET /health/live HTTP/1.1\r\nHost : x\r\n\r\n${smuggled}`],
    ['a space before the colon of Content-Length', post('Content-Length : 44')],
    ['bare line feeds', `GET /health/live HTTP/1.1\nHost: x\n\n${smuggled}`],
    [
      'a folded header line',
      `GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n  Content-Length: 44\r\n\r\n${smuggled}`,
    ],
    ['a NUL in a header', `GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n${smuggled}`],
    ['a bare carriage return in a header', `GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n${smuggled}`],
    ['no Host', `GET /health/live HTTP/1.1\r\n\r\n${smuggled}`],
    ['an unknown HTTP version', `GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n${smuggled}`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ];
  for (const [name, bytes] of attacks) {
    it(name, async ({ service, db }) => {
      const before = await db.snapshot();
      const answer = await service.raw(bytes);
      expect(statusesIn(answer)).toEqual([400]);
      expect(answer).not.toMatch(/node_modules|at .*:\d+:\d+|HPE_/);
      expect(await db.snapshot()).toEqual(before);
      expect((await service.rest('/health/live')).status).toBe(200);
    });
  }

  it('an invalid chunk size', async ({ service }) => {
    for (const chunk of ['zz\r\n{}\r\n0\r\n\r\n', '-1\r\n\r\n', 'fffffffffffffffff\r\n{}', '2\r\n{}XX0\r\n\r\n']) {
      const headers = 'Content-Type: application/json\r\nTransfer-Encoding: chunked';
      const statuses = statusesIn(await service.raw(`POST /graphql HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${chunk}`));
      expect(statuses).toEqual([400]);
    }
  });
});

describe('the Host header', () => {
  it('gets 400 when it is repeated or invalid', async ({ service }) => {
    const hosts = [
      'x\r\nHost: y',
      'x\r\nhost: x',
      '',
      'a b',
      'x/../y',
      'user@x',
      'x:port',
      '<script>',
      'x,y',
      '[::1',
      '1.2.3.4.5',
      '256.0.0.1',
      '[1]',
    ];
    for (const host of hosts) {
      const answer = await service.raw(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(statusesIn(answer)).toEqual([400]);
      expect(bodyOf(answer)).toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  it('and a target of another form get 400 when they give no URL', async ({ service }) => {
    for (const target of ['http://1.2.3.4.5/graphql', '//1.2.3.4.5/graphql', '/\\\\[1]/graphql']) {
      expect(statusesIn(await service.raw(get(target)))).toEqual([400]);
    }
  });

  it('may be a name or an IP address, with or without a port', async ({ service }) => {
    for (const host of ['x', 'users.example.org', 'localhost:4002', '127.0.0.1:4002', '[::1]:4002', 'my_service']) {
      const answer = await service.raw(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(statusesIn(answer)).toEqual([200]);
    }
  });
});

describe('headers', () => {
  it('get 431 when they exceed 16 KB, as does the request line', async ({ service }) => {
    expect(statusesIn(await service.raw(get('/health/live', `X-Big: ${'x'.repeat(20_000)}\r\n`)))).toEqual([431]);
    expect(statusesIn(await service.raw(get(`/health/live?${'x'.repeat(20_000)}`)))).toEqual([431]);
  });

  it('get 431 when they have more than 100 lines, before the rest is read, and are counted', async ({ service }) => {
    const lines = (count: number) => 'X-Line: 1\r\n'.repeat(count);
    // With Host and Connection, 100 lines.
    expect(statusesIn(await service.raw(get('/health/live', lines(98))))).toEqual([200]);
    const rejected = [
      get('/health/live', lines(99)),
      `POST /graphql HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(998)}Content-Length: 9\r\n\r\n{`,
    ];
    const counted = async () =>
      sumOf(await scrape(service), 'http_server_requests_rejected_total', { reason: 'header_lines' });
    const before = await counted();
    for (const request of rejected) {
      const answer = await service.raw(request);
      expect(statusesIn(answer)).toEqual([431]);
      expect(answer).toContain('\r\nconnection: close\r\n');
      expect(bodyOf(answer)).toMatchObject({ detail: 'The request headers are too large', code: 'BAD_REQUEST' });
    }
    expect(await counted()).toBe(before + 2);
  });

  it('with names of JavaScript object members do not pollute prototypes', async ({ service }) => {
    const members = () => Object.entries(Object.getOwnPropertyDescriptors(Object.prototype));
    const before = members();
    const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', '__defineGetter__'];
    for (const path of ['/health/live', '/users/ada/badges']) {
      const answer = await service.raw(get(path, names.map((name) => `${name}: x\r\n`).join('')));
      expect(statusesIn(answer)).toEqual([200]);
    }
    expect(members()).toStrictEqual(before);
  });

  it('that override the method are ignored', async ({ service, createUser, db }) => {
    const { id, token } = await createUser();
    const badge = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const before = await db.snapshot();
    for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method']) {
      const answer = await service.rest(`/users/${id}/badges?_method=DELETE`, { token, headers: { [name]: 'DELETE' } });
      expect(answer).toMatchObject({ status: 200, body: [badge.body] });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('of untrusted proxies are ignored', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (let i = 0; i < 2; i++) await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const headers = {
      'x-forwarded-host': 'evil.example.org',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-prefix': '/evil',
      'x-forwarded-for': '127.0.0.1',
      forwarded: 'host=evil.example.org;proto=gopher',
      'x-original-url': '/metrics',
      'x-rewrite-url': '/metrics',
    };
    const page = await service.rest(`/users/${id}/badges?limit=1`, { headers });
    expect(page.headers.link).toMatch(new RegExp(`^</users/${id}/badges\\?limit=1&after=[\\w-]+>; rel="next"$`));
    const created = await service.rest(`/users/${id}/badges`, { token, headers, body: badgeBody() });
    const openapi = await service.rest('/openapi.json', { headers });
    for (const answer of [page, created, openapi]) {
      expect(answer.status).toBe(200);
      expect(JSON.stringify([answer.headers, answer.body])).not.toMatch(/evil|gopher/);
    }
  });
});

describe('paths', () => {
  it('with invalid percent-encoding get 400 with the error body of all routes', async ({ service }) => {
    for (const path of ['/users/%', '/users/%zz/badges', '/users/%c0%ae', '/users/%ff', '/users/%e0%a4%a']) {
      const answer = await service.raw(get(path));
      expect(statusesIn(answer)).toEqual([400]);
      expect(bodyOf(answer)).toEqual({
        detail: expect.any(String),
        code: 'BAD_REQUEST',
        request_id: expect.any(String),
      });
    }
  });

  it('with dot segments do not reach other routes or files', async ({ service }) => {
    for (const path of ['/users/../admin', '/../../etc/passwd']) {
      expect(statusesIn(await service.raw(get(path)))).toEqual([404]);
    }
    for (const path of ['/users/../badges', '/users/..%2fadmin/badges/x']) {
      expect(statusesIn(await service.raw(get(path)))).toEqual([422]);
    }
    const files = [
      '../../package.json',
      '../../../package.json',
      '%2e%2e%2f%2e%2e%2fpackage.json',
      '..%5c..%5cpackage.json',
    ];
    for (const file of files) {
      for (const folder of ['/docs', '/docs/static']) {
        const answer = await service.raw(get(`${folder}/${file}`));
        expect([400, 403, 404]).toContain(statusesIn(answer)[0]);
        expect(answer).not.toContain('dependencies');
      }
    }
  });

  it('in absolute form and OPTIONS * get one response below 500, and CONNECT gets none', async ({ service }) => {
    const absolute = await service.raw(get('http://evil.example.org/health/live'));
    expect(statusesIn(absolute)).toEqual([expect.toSatisfy((status) => status >= 200 && status <= 499)]);
    const tunnel = await service.raw('CONNECT evil.example.org:443 HTTP/1.1\r\nHost: evil.example.org:443\r\n\r\n');
    expect(tunnel).toBe('');
    const everything = await service.raw('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(statusesIn(everything)).toEqual([expect.toSatisfy((status) => status >= 200 && status <= 499)]);
  });
});

describe('connections', () => {
  it('carry 50 pipelined requests, answered in order', async ({ service }) => {
    const paths = Array.from({ length: 50 }, (_, i) => (i % 2 ? `/users/user-${i}/badges` : '/health/live'));
    const requests = paths.map((path, i) => {
      const connection = i === paths.length - 1 ? 'close' : 'keep-alive';
      return `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: number-${i}\r\nConnection: ${connection}\r\n\r\n`;
    });
    const answer = await service.raw(requests.join(''));
    expect(statusesIn(answer)).toEqual(Array(50).fill(200));
    expect([...answer.matchAll(/x-request-id: (\S+)/g)].map(([, id]) => id)).toEqual(
      paths.map((_, i) => `number-${i}`),
    );
  });

  it('that are reset at any byte of a request change nothing', async ({ service, db }) => {
    const whole = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"query":"{ viewer { id } }"}`;
    const before = await db.snapshot();
    await Promise.all(
      Array.from({ length: 25 }, async (_, i) => {
        const socket = open(service);
        await once(socket, 'connect');
        socket.write(whole.slice(0, Math.floor((whole.length * i) / 24)), () => socket.resetAndDestroy());
        await once(socket, 'close');
      }),
    );
    expect((await service.rest('/health/ready')).status).toBe(200);
    expect(await db.snapshot()).toEqual(before);
  });

  it('that are idle, even 1000, do not delay other requests', async ({ service }) => {
    const request = async () => {
      for (const path of ['/health/live', '/users/ada/badges']) expect((await service.rest(path)).status).toBe(200);
    };
    const usual = await usualDurationOf(request);
    const sockets = Array.from({ length: 1000 }, () => open(service).resume());
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    expect(await usualDurationOf(request)).toBeLessThan(4 * usual + 300);
    for (const socket of sockets) socket.destroy();
  });

  it('that send headers or a body too slowly get 408 within 14 s', { timeout: 60_000 }, async ({ service }) => {
    const start = performance.now();
    const trickle = async (head: string, more: string) => {
      const socket = open(service);
      await once(socket, 'connect');
      socket.write(head);
      const trickling = setInterval(() => socket.write(more), 300);
      const answer = await text(socket);
      clearInterval(trickling);
      return { statuses: statusesIn(answer), seconds: (performance.now() - start) / 1000 };
    };
    const post =
      'POST /users/ada/badges HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n';
    const query = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n';
    const [headers, body] = await Promise.all([
      trickle('GET /health/live HTTP/1.1\r\nHost: x\r\n', 'X-More: x\r\n'),
      trickle(query, ' '),
    ]);
    expect(headers?.statuses).toEqual([408]);
    expect(headers?.seconds).toBeLessThan(12);
    expect(body?.statuses).toEqual([408]);
    expect(body?.seconds).toBeLessThan(14);
    // Unauthenticated writes are rejected before the body is read.
    expect(statusesIn(await service.raw(post.replace('Host: x', 'Host: x\r\nConnection: close')))).toEqual([401]);
  });
});
