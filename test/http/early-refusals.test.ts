import { once } from 'node:events';
import { createServer } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turnOver } from 'node:timers/promises';
import fc from 'fast-check';
import { busyAnswer } from '../../src/http/busy.ts';
import { refuseEarly } from '../../src/http/early-refusals.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

/** A server that is full when a test says so, and otherwise answers with what it was asked. */
const it = base.extend('door', async ({}, { onCleanup }) => {
  const state = { isFull: true, parsed: 0, refused: 0, mayAnswer: Promise.resolve() };
  const server = createServer({ keepAliveTimeout: 72_000, headersTimeout: 300, connectionsCheckingInterval: 50 });
  server.on('request', async (request, response) => {
    state.parsed++;
    const { method, url = '' } = request;
    if (state.isFull) {
      state.refused++;
      const { headers, body } = busyAnswer(url);
      response.writeHead(503, headers).end(body);
    } else {
      const body = await text(request);
      await state.mayAnswer;
      response.end(`<${method} ${url} ${body}>`);
    }
  });
  refuseEarly(server, { isFull: () => state.isFull, onRefusal: () => state.refused++ });
  // It looks for connections that have no time left once it listens.
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onCleanup(() => void server.close());

  const open = () => {
    const [client, socket] = duplexPair();
    let received = '';
    client.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
    });
    client.on('error', () => undefined);
    server.emit('connection', socket);
    const send = async (...pieces: string[]) => {
      for (const piece of pieces) {
        client.write(piece, 'latin1');
        for (let turn = 0; turn < 4; turn++) await turnOver();
      }
    };
    return {
      client,
      send,
      answers: () => received.split(/(?=HTTP\/1\.1 )/).filter((answer) => answer !== ''),
      statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
      forget: () => {
        received = '';
        state.parsed = state.refused = 0;
      },
    };
  };
  return { state, open };
});

const GET = 'GET /users/ada/badges HTTP/1.1\r\nHost: x\r\n\r\n';
const post = (body: string, headers = '', path = '/graphql') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;

describe('on a connection whose first request was refused', () => {
  it.for([
    ['a GET', GET],
    ['a POST', post('{"query":"{a}"}')],
    ['a POST that asks for what is the rule', post('{}', 'Connection: keep-alive\r\n', '/users/ada/badges')],
  ])('%s is refused unread, as the first was', async ([, request = ''], { door }) => {
    const connection = door.open();
    await connection.send(request, request, request);
    expect(door.state).toMatchObject({ parsed: 1, refused: 3 });
    const [first, ...others] = connection
      .answers()
      .map((answer) =>
        answer.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').replace(/Date: .{29}\r/, 'Date: <date>\r'),
      );
    expect(first).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n.*Date: <date>\r\n.*timeout=72\r\n\r\n\{/s);
    expect(others).toEqual([first, first]);
  });

  it('each has an id of its own, and the time', async ({ door }) => {
    const connection = door.open();
    await connection.send(GET, GET, GET);
    const ids = connection.answers().map((answer) => /x-request-id: (\S+)/.exec(answer)?.[1]);
    expect(new Set(ids).size).toBe(3);
    for (const answer of connection.answers()) {
      const date = /Date: (.*)\r/.exec(answer)?.[1] ?? '';
      expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(5000);
    }
  });

  it('the next is answered when there is room again, and the one after it refused when there is none', async ({
    door,
  }) => {
    const connection = door.open();
    await connection.send(GET, GET);
    door.state.isFull = false;
    await connection.send(post('one'));
    door.state.isFull = true;
    await connection.send(post('two'));
    expect(connection.statuses()).toEqual([503, 503, 200, 503]);
    expect(connection.answers()[2]).toContain('<POST /graphql one>');
    expect(door.state).toMatchObject({ parsed: 2, refused: 3 });
  });

  it.for([
    ['for operators', ['GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'], [503]],
    ['that ends its connection', [post('{}', 'Connection: close\r\n')], [503]],
    ['of the first HTTP', ['GET / HTTP/1.0\r\nHost: x\r\n\r\n'], [503]],
    ['whose body comes later', [post('{}').slice(0, -2), '{}'], [503]],
    ['that comes in pieces', [GET.slice(0, 12), GET.slice(12)], [503]],
    ['in chunks', ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'], [503]],
    [
      'where there should be chunks',
      ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', GET],
      [503, 400],
    ],
    ['that waits to be told to go on', [post('{}', 'Expect: 100-continue\r\n')], [100, 503]],
    ['that has another behind it', [GET + GET], [503, 503]],
    ['that has the beginning of another behind it', [GET + GET.slice(0, 20), GET.slice(20)], [503, 503]],
    ['with a head that is too long', [post('{}', `X-A: ${'a'.repeat(20_000)}\r\n`)], [431]],
    ['with two lengths', [post('{}', 'Content-Length: 2\r\n')], [400]],
    ['with a length of chunks', [post('{}', 'Transfer-Encoding: chunked\r\n')], [400]],
    ['with a length that is none', [post('{}').replace('Length: 2', 'Length: +2')], [400]],
    ['with a space before a colon', [GET.replace('Host:', 'Host : x\r\nHost:')], [400]],
    ['with bare line feeds', [`${GET.slice(0, -2)}X-A: 1\n\r\n`], [400]],
    ['with a NUL', [GET.replace('Host: x', 'Host: x\r\nX-A: \0')], [400]],
  ] satisfies [string, string[], number[]][])('one %s is left to node:http', async ([, pieces, statuses], { door }) => {
    const connection = door.open();
    await connection.send(GET);
    connection.forget();
    await connection.send(...pieces);
    expect(connection.statuses()).toEqual(statuses);
    const parsed = statuses.filter((status) => status === 503).length;
    expect(door.state).toMatchObject({ parsed, refused: parsed });
  });

  const OUTER = 'GET /outer HTTP/1.1\r\nHost: x\r\nX-A: ';

  it.for([
    ['', [OUTER, GET]],
    [' behind the rest of a body', [post('{}').slice(0, -1), `}${OUTER}`, GET]],
  ] as [string, string[]][])(
    'what looks like a request is none where it is the value of a header%s',
    async ([, pieces], { door }) => {
      const connection = door.open();
      await connection.send(GET, ...pieces);
      door.state.isFull = false;
      await connection.send(post('one'));
      expect(connection.answers().at(-1)).toContain('<POST /graphql one>');
      expect(connection.statuses()).toEqual([...Array(pieces.length).fill(503), 200]);
    },
  );

  it('what looks like a request is none where it is part of a body', async ({ door }) => {
    const connection = door.open();
    await connection.send(GET, post(GET + GET).slice(0, -2 * GET.length), GET, GET);
    door.state.isFull = false;
    await connection.send(post('one'));
    expect(connection.statuses()).toEqual([503, 503, 200]);
    expect(connection.answers()[2]).toContain('<POST /graphql one>');
  });

  it('what looks like a request is none although lengths add up by chance', async ({ door }) => {
    const connection = door.open();
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-A: ${'a'.repeat(44)}\r\n\r\n`;
    const body = `${'a'.repeat(OUTER.length - 4)}\r\n\r\n`.padEnd(100, 'a');
    expect(head).toHaveLength(100);
    await connection.send(GET, GET + head, body + OUTER, GET);
    door.state.isFull = false;
    await connection.send(post('one'));
    expect(connection.answers().at(-1)).toContain('<POST /graphql one>');
  });

  it('nothing is refused before what came earlier is answered', async ({ door }) => {
    const connection = door.open();
    await connection.send(GET);
    door.state.isFull = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    door.state.mayAnswer = promise;
    await connection.send(post('one'));
    door.state.isFull = true;
    await connection.send(GET);
    expect(connection.statuses()).toEqual([503]);
    resolve();
    await expect.poll(connection.statuses).toEqual([503, 200, 503]);
  });
});

it('a client that reads no answer is left to node:http, which then reads no more of it', async ({ door }) => {
  const connection = door.open();
  await connection.send(GET, GET);
  expect(door.state.parsed).toBe(1);
  connection.client.pause();
  for (let i = 0; i < 1000; i++) await connection.send(GET);
  expect(door.state.parsed).toBeGreaterThan(2);
  expect(door.state.refused).toBeLessThan(1000);
  connection.client.resume();
  await expect.poll(() => connection.statuses().length).toBe(1002);
});

it('a connection that was only ever refused has the time that node:http gives it', async ({ door }) => {
  const connection = door.open();
  const closed = once(connection.client, 'close');
  for (let i = 0; i < 10; i++) {
    await connection.send(GET);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  expect(connection.statuses()).toEqual(Array(10).fill(503));
  connection.client.destroy();
  await closed;
});

interface Asked {
  kind: 'GET' | 'POST' | 'chunked';
  path: string;
  header: string;
  body: string;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  kind: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'chunked'),
  path: fc.constantFrom('/graphql', '/users/ada/badges', '/health/live'),
  header: fc.constantFrom('', 'Connection: keep-alive\r\n', `X-A: ${GET.slice(0, -2)}`, 'x-b: \r\n'),
  body: fc.oneof(fc.constantFrom('', '{}', GET, post('x'), '\r\n\r\n'), fc.stringMatching(/^[ -~]{0,30}$/)),
});

function written({ kind, path, header, body }: Asked): string {
  if (kind === 'GET') return GET.replace('/users/ada/badges', path).replace('\r\n\r\n', `\r\n${header}\r\n`);
  if (kind === 'POST') return post(body, header, path);
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${header}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`;
}

/** A text cut at these places. */
function piecesOf(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set([0, ...places.filter((place) => place > 0 && place < text.length), text.length])];
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).map((end, at) => text.slice(cuts[at], end));
}

function expectAnswerTo(request: Asked | undefined, answer: string): void {
  const { kind, path, body } = request ?? ({} as Asked);
  const good = kind === 'GET' ? `<GET ${path} >` : `<POST ${path} ${body}>`;
  const bad = path === '/graphql' ? '{"errors":[' : '{"detail":';
  expect(answer).toContain(answer.startsWith('HTTP/1.1 200') ? good : bad);
}

it('whatever comes in whichever pieces, every request is answered or refused once, in order', async ({ door }) => {
  const shift = fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constant(-GET.length) },
    fc.integer({ min: -120, max: 120 }),
  );
  const requests = fc.array(fc.tuple(asked, shift), { minLength: 1, maxLength: 12 });
  const rooms = fc.array(fc.constantFrom(true, true, false), { minLength: 5, maxLength: 40 });
  let early = 0;
  await fc.assert(
    fc.asyncProperty(requests, rooms, async (all, isFull) => {
      const connection = door.open();
      connection.forget();
      const texts = all.map(([request]) => written(request));
      const ends = all.map(([, by], place) => texts.slice(0, place + 1).join('').length + by);
      for (const [turn, piece] of piecesOf(texts.join(''), ends).entries()) {
        door.state.isFull = isFull[turn % isFull.length] !== false;
        await connection.send(piece);
      }
      await expect.poll(() => connection.statuses().length, { interval: 1 }).toBe(all.length);
      for (const [place, answer] of connection.answers().entries()) expectAnswerTo(all[place]?.[0], answer);
      early += all.length - door.state.parsed;
      connection.client.destroy();
    }),
    { numRuns: 300 },
  );
  expect(early).toBeGreaterThan(50);
});
