import type { Service } from '../support/app.ts';
import { badgeInput, describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { expectNoLeak } from './leaks.ts';

const query = '{ __typename }';
const CREATE_BADGE =
  'mutation { createBadge(input: { name: "x", description: "x", iconUrl: "/x.svg" }) { badge { id } } }';
const asUrl = (operation: string) => `/graphql?query=${encodeURIComponent(operation)}`;
const preflight = { 'apollo-require-preflight': '1' };

/** Sends what a page of another site can make a browser send, as somebody who is signed in. */
async function expectNothingWritten(db: { snapshot(): Promise<unknown> }, act: () => Promise<unknown>): Promise<void> {
  const before = await db.snapshot();
  await act();
  expect(await db.snapshot()).toEqual(before);
}

describe('a GET', () => {
  it('answers a query when it has a header that browsers must ask about first', async ({ service }) => {
    for (const headers of [
      preflight,
      { 'x-apollo-operation-name': 'Anything' },
      { 'content-type': 'application/json' },
    ]) {
      const { status, body } = await service.rest(asUrl(query), { headers });
      expect({ status, body }).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });
    }
  });

  it('without such a header is refused', async ({ service }) => {
    const { status, body } = await service.rest(asUrl(query));
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [{ message: expect.stringContaining('CSRF'), extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  it('never runs a mutation: 405 with the way to do it, and nothing changes', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      const { status, headers, body } = await service.rest(asUrl(CREATE_BADGE), { token, headers: preflight });
      expect(status).toBe(405);
      expect(headers.allow).toBe('POST');
      expect(body.data).toBeUndefined();
      expect(body.errors).toHaveLength(1);
    });
  });

  it('never runs a mutation either where the document has a query beside it', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const both = `query Harmless { __typename } ${CREATE_BADGE.replace('mutation', 'mutation Harm')}`;
    await expectNothingWritten(db, async () => {
      const refused = await service.rest(`${asUrl(both)}&operationName=Harm`, { token, headers: preflight });
      expect(refused.status).toBe(405);
    });
  });
});

describe('a POST that a page of another site can send', () => {
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
  ] as const)('is refused and changes nothing: %s', async ([type, body], { service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      const refused = await service.rest('/graphql', { token, body, headers: { 'content-type': type } });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.status).toBeLessThan(500);
      expect(refused.body).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }] });
      expectNoLeak(refused.text);
    });
  });

  it('is let into nobody’s browser: no header allows another origin', async ({ service }) => {
    const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    const asked = await service.rest('/graphql', { method: 'OPTIONS', headers });
    const answered = await service.rest('/graphql', { body: { query }, headers });
    for (const response of [asked, answered]) {
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('batching of operations', () => {
  it.for([
    ['many', Array(10).fill({ query })],
    ['one', [{ query }]],
    ['none', []],
  ])('is refused: %s', async ([, body], { service }) => {
    const { status, body: refusal } = await service.rest('/graphql', { body });
    expect(status).toBe(400);
    expect(refusal).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('writes nothing', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    await expectNothingWritten(db, async () => {
      await service.rest('/graphql', { token, body: [{ query: CREATE_BADGE }, { query: CREATE_BADGE }] });
    });
  });
});

describe('what cannot be run', () => {
  it.for([
    ['no GraphQL', '{', 'GRAPHQL_PARSE_FAILED'],
    ['nothing', '   ', 'GRAPHQL_PARSE_FAILED'],
    ['a comment alone', '# nothing', 'GRAPHQL_PARSE_FAILED'],
    ['a field that there is not', '{ nobody { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an argument that there is not', '{ badge(name: "x") { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a text where a number belongs', '{ viewer { badges(first: "x") { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['@defer', '{ viewer { id ... @defer { badges { id } } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['@stream', '{ viewer { badges @stream { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription', 'subscription { badgeCreated { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations and no name', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
  ] as const)('is 400 with a code that says why: %s', async ([, operation, code], { service }) => {
    service.logs.clear();
    const { status, body, text } = await service.graphql(operation);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['errors']);
    expect(new Set(body.errors.map(({ extensions }: Json) => extensions.code))).toEqual(new Set([code]));
    expectNoLeak(text);
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('is 400 when the operation’s name is not in the document', async ({ service }) => {
    const { status, errors } = await service.graphql('query A { __typename }', {}, { operationName: 'B' });
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
  });

  it('has a persisted query’s hash alone: there are none here', async ({ service }) => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'abc' } };
    const { status, body } = await service.rest('/graphql', { body: { extensions } });
    expect(status).toBeLessThan(500);
    expect(body.errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }]);
  });

  it.for(['PUT', 'PATCH', 'DELETE', 'TRACE'])('is 405 when it comes by %s', async (method, { service }) => {
    const { status, headers } = await service.rest('/graphql', { method });
    expect(status).toBe(405);
    expect(headers.allow).toContain('POST');
  });
});

describe('a body that is no request', () => {
  const BODIES: [string, string | Uint8Array, Record<string, string>?][] = [
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"x"'],
    ['an empty object', '{}'],
    ['broken JSON', '{"query":'],
    ['two documents', '{"query":"{__typename}"}{}'],
    ['a query that is no text', '{"query":{"a":1}}'],
    ['variables that are no object', '{"query":"{__typename}","variables":"x"}'],
    ['variables that are a list', '{"query":"{__typename}","variables":[1]}'],
    ['a name that is no text', '{"query":"{__typename}","operationName":{}}'],
    ['a prototype', '{"query":"{__typename}","__proto__":{"isAdmin":true}}'],
    ['a prototype in its variables', '{"query":"{__typename}","variables":{"__proto__":{"isAdmin":true}}}'],
    ['a constructor’s prototype', '{"query":"{__typename}","constructor":{"prototype":{"x":1}}}'],
    ['fifty thousand lists', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['what is not UTF-8', Buffer.from('{"query":"\xff\xfe"}', 'latin1')],
    ['what is compressed', Buffer.from('1f8b0800', 'hex'), { 'content-encoding': 'gzip' }],
  ];

  it.for(BODIES)('is refused as what it is: %s', async ([, body, headers = {}], { service }) => {
    const refused = await send(service, body, headers);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect(refused.body.errors.length).toBeGreaterThan(0);
    expectNoLeak(refused.text);
    expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
  });

  it('is refused unread when it is over a megabyte', async ({ service }) => {
    const refused = await send(service, JSON.stringify({ query, variables: { x: 'x'.repeat(1024 * 1024) } }), {});
    expect(refused.status).toBe(413);
    expect(refused.body.errors).toHaveLength(1);
  });

  it('reads the last of two members of one name', async ({ service }) => {
    const { body } = await send(service, '{"query":"{ nothing }","query":"{ __typename }"}', {});
    expect(body).toEqual({ data: { __typename: 'Query' } });
  });

  it('leaves the service as it was', async ({ service, createUser }) => {
    const { token } = await createUser();
    for (const [, body, headers = {}] of BODIES) await send(service, body, headers);
    const mutation = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    expect((await service.graphql(mutation, { input: badgeInput() }, { token })).errors).toBeUndefined();
  });
});

function send(service: Service, body: string | Uint8Array, headers: Record<string, string>) {
  return service.rest('/graphql', { body, headers: { 'content-type': 'application/json', ...headers } });
}
