import type { Service } from '../support/app.ts';
import { badgeInput, describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { expectNoLeak } from './expect-no-leak.ts';

const query = '{ __typename }';
const CREATE_BADGE =
  'mutation { createBadge(input: { name: "x", description: "x", iconUrl: "/x.svg" }) { badge { id } } }';
const asUrl = (operation: string) => `/graphql?query=${encodeURIComponent(operation)}`;
const preflight = { 'apollo-require-preflight': '1' };

/** Checks that the request changes no row. */
async function expectNothingWritten(db: { snapshot(): Promise<unknown> }, send: () => Promise<unknown>): Promise<void> {
  const before = await db.snapshot();
  await send();
  expect(await db.snapshot()).toEqual(before);
}

describe('a GET', () => {
  it('runs a query when it has a header that forces a CORS preflight', async ({ service }) => {
    for (const headers of [
      preflight,
      { 'x-apollo-operation-name': 'Anything' },
      { 'content-type': 'application/json' },
    ]) {
      const { status, body } = await service.rest(asUrl(query), { headers });
      expect({ status, body }).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });
    }
  });

  it('without such a header gets 400', async ({ service }) => {
    const { status, headers, body } = await service.rest(asUrl(query));
    const extensions = { code: 'BAD_REQUEST', requestId: headers['x-request-id'] };
    expect(status).toBe(400);
    expect(body).toEqual({ errors: [{ message: expect.stringContaining('CSRF'), extensions }] });
  });

  it('never runs a mutation: it gets 405 with Allow: POST', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      const { status, headers, body } = await service.rest(asUrl(CREATE_BADGE), { token, headers: preflight });
      expect(status).toBe(405);
      expect(headers.allow).toBe('POST');
      expect(body.data).toBeUndefined();
      expect(body.errors).toHaveLength(1);
    });
  });

  it('never runs a mutation, also when the document contains a query', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const both = `query Read { __typename } ${CREATE_BADGE.replace('mutation', 'mutation Write')}`;
    await expectNothingWritten(db, async () => {
      const rejected = await service.rest(`${asUrl(both)}&operationName=Write`, { token, headers: preflight });
      expect(rejected.status).toBe(405);
    });
  });
});

describe('a POST that a browser sends without a CORS preflight', () => {
  it.for([
    ['text/plain', JSON.stringify({ query: CREATE_BADGE })],
    ['text/plain; application/json', JSON.stringify({ query: CREATE_BADGE })],
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(CREATE_BADGE)}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--\r\n`,
    ],
    ['application/graphql', CREATE_BADGE],
    [undefined, JSON.stringify({ query: CREATE_BADGE })],
  ] as const)('is rejected and changes nothing: %s', async ([type, body], { service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      const rejected = await service.rest('/graphql', { token, body, headers: { 'content-type': type } });
      expect(rejected.status).toBeGreaterThanOrEqual(400);
      expect(rejected.status).toBeLessThan(500);
      expect(rejected.body).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
      expectNoLeak(rejected.text);
    });
  });

  it.for([
    'text/html',
    'text/event-stream',
    'multipart/mixed;deferSpec=20220824',
    'application/graphql+json',
    'application/json;q=0',
  ])(
    'is rejected before it is executed, if the client accepts only %s',
    async (accept, { service, db, createUser }) => {
      const { token } = await createUser();
      await expectNothingWritten(db, async () => {
        const body = { query: CREATE_BADGE };
        const rejected = await service.rest('/graphql', { token, body, headers: { accept } });
        const extensions = { code: 'BAD_REQUEST', requestId: rejected.headers['x-request-id'] };
        expect(rejected).toMatchObject({ status: 406, body: { errors: [{ extensions }] } });
      });
    },
  );

  it.for([
    '',
    '*/*',
    'application/json',
    'application/json; charset=utf-8',
    'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
    'text/html, */*;q=0.1',
  ])('is executed for a client that accepts %s', async (accept, { service }) => {
    const accepted = await service.rest('/graphql', { body: { query }, headers: { accept } });
    expect(accepted).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
  });

  it('gets no CORS header, so a browser hides the response from other origins', async ({ service }) => {
    const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    const preflightResponse = await service.rest('/graphql', { method: 'OPTIONS', headers });
    const postResponse = await service.rest('/graphql', { body: { query }, headers });
    for (const response of [preflightResponse, postResponse]) {
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a batch of operations', () => {
  it.for([
    ['ten operations', Array(10).fill({ query })],
    ['one operation', [{ query }]],
    ['no operation', []],
  ])('is rejected: %s', async ([, body], { service }) => {
    const { status, headers, body: error } = await service.rest('/graphql', { body });
    const extensions = { code: 'BAD_REQUEST', requestId: headers['x-request-id'] };
    expect(status).toBe(400);
    expect(error).toMatchObject({ errors: [{ extensions }] });
  });

  it('writes nothing', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      await service.rest('/graphql', { token, body: [{ query: CREATE_BADGE }, { query: CREATE_BADGE }] });
    });
  });
});

describe('an operation that cannot be executed', () => {
  it.for([
    ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
    ['an empty document', '   ', 'GRAPHQL_PARSE_FAILED'],
    ['a comment only', '# nothing', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', '{ badge(name: "x") { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a string instead of an integer', '{ viewer { badges(first: "x") { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['@defer', '{ viewer { id ... @defer { badges { id } } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['@stream', '{ viewer { badges @stream { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription', 'subscription { badgeCreated { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two operations without an operationName',
      'query A { __typename } query B { __typename }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ] as const)('gets 400 with a code for the reason: %s', async ([, operation, code], { service }) => {
    service.logs.clear();
    const { status, body, text } = await service.graphql(operation);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['errors']);
    expect(new Set(body.errors.map(({ extensions }: Json) => extensions.code))).toEqual(new Set([code]));
    expectNoLeak(text);
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('gets 400 when the operationName is not in the document', async ({ service }) => {
    const { status, errors } = await service.graphql('query A { __typename }', {}, { operationName: 'B' });
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
  });

  it('gets PERSISTED_QUERY_NOT_SUPPORTED when it has only a hash', async ({ service }) => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'abc' } };
    const { status, body } = await service.rest('/graphql', { body: { extensions } });
    expect(status).toBeLessThan(500);
    expect(body.errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }]);
  });

  it.for(['PUT', 'PATCH', 'DELETE', 'TRACE'])('gets 405 when its method is %s', async (method, { service }) => {
    const { status, headers, body } = await service.rest('/graphql', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, POST, OPTIONS']);
    const extensions = { code: 'BAD_REQUEST', requestId: headers['x-request-id'] };
    expect(body).toEqual({ errors: [{ message: 'Method Not Allowed', extensions }] });
  });
});

describe('an invalid GraphQL request body', () => {
  const BODIES: [string, string | Uint8Array, Record<string, string>?][] = [
    ['an empty body', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"x"'],
    ['an empty object', '{}'],
    ['truncated JSON', '{"query":'],
    ['two JSON values', '{"query":"{__typename}"}{}'],
    ['a query that is not a string', '{"query":{"a":1}}'],
    ['variables that are not an object', '{"query":"{__typename}","variables":"x"}'],
    ['variables that are a list', '{"query":"{__typename}","variables":[1]}'],
    ['an operationName that is not a string', '{"query":"{__typename}","operationName":{}}'],
    ['a __proto__ key', '{"query":"{__typename}","__proto__":{"isAdmin":true}}'],
    ['a __proto__ key in the variables', '{"query":"{__typename}","variables":{"__proto__":{"isAdmin":true}}}'],
    ['a constructor.prototype key', '{"query":"{__typename}","constructor":{"prototype":{"x":1}}}'],
    ['fifty thousand nested arrays', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['a body that is not UTF-8', Buffer.from('{"query":"\xff\xfe"}', 'latin1')],
    ['a compressed body', Buffer.from('1f8b0800', 'hex'), { 'content-encoding': 'gzip' }],
  ];

  it.for(BODIES)('gets a 4xx response: %s', async ([, body, headers = {}], { service }) => {
    const rejected = await sendBody(service, body, headers);
    expect(rejected.status).toBeGreaterThanOrEqual(400);
    expect(rejected.status).toBeLessThan(500);
    expect(rejected.body.errors.length).toBeGreaterThan(0);
    for (const { extensions } of rejected.body.errors) {
      expect(extensions.requestId).toBe(rejected.headers['x-request-id']);
    }
    expectNoLeak(rejected.text);
    expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
  });

  it('gets 413 when it is over 1 MiB', async ({ service }) => {
    const rejected = await sendBody(service, JSON.stringify({ query, variables: { x: 'x'.repeat(1024 * 1024) } }), {});
    expect(rejected.status).toBe(413);
    expect(rejected.body.errors).toHaveLength(1);
  });

  it('is accepted when a key is repeated: the last value counts', async ({ service }) => {
    const { body } = await sendBody(service, '{"query":"{ nothing }","query":"{ __typename }"}', {});
    expect(body).toEqual({ data: { __typename: 'Query' } });
  });

  it('does not affect later requests', async ({ service, createUser }) => {
    const { token } = await createUser();
    for (const [, body, headers = {}] of BODIES) await sendBody(service, body, headers);
    const mutation = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    expect((await service.graphql(mutation, { input: badgeInput() }, { token })).errors).toBeUndefined();
  });
});

function sendBody(service: Service, body: string | Uint8Array, headers: Record<string, string>) {
  return service.rest('/graphql', { body, headers: { 'content-type': 'application/json', ...headers } });
}
