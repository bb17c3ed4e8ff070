import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { expectNoLeak } from './expect-no-leak.ts';

/** Returns a selection that repeats the path: for two times, `badges { user { badges { user { id } } } }`. */
const nested = (path: string, times: number) =>
  `${path.repeat(times)}id${' }'.repeat(times * (path.match(/\{/g)?.length ?? 0))}`;
const numbered = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, i) => text(i));
/** Returns a short document with 2^levels fields: every fragment spreads the next one twice. */
const doubling = (levels: number) =>
  `{ viewer { ...F0 } } ${numbered(levels, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`).join(' ')}
   fragment F${levels} on User { id }`;

const EXCESSIVE: Record<string, string> = {
  'five thousand aliases': `{ ${numbered(5000, (i) => `a${i}: learner(id: "x") { id }`).join(' ')} }`,
  'nine thousand levels': `{ viewer { ${nested('badges { user { ', 4500)} } }`,
  'nine thousand levels of an unknown field': `{ ${nested('friend { ', 9000)} }`,
  'twenty thousand nested lists': `{ badge(id: ${'['.repeat(20_000)}${']'.repeat(20_000)}) { id } }`,
  'forty thousand fields': `{ ${'a '.repeat(40_000)} }`,
  'eight thousand times the same field': `{ ${'__typename '.repeat(8000)} }`,
  'thirty thousand comments': `${'#x\n'.repeat(30_000)}{ __typename }`,
  'a very long comment': `#${'x'.repeat(200_000)}\n{ __typename }`,
  'a very long name': `{ ${'x'.repeat(200_000)} }`,
  'five thousand directives': `{ __typename ${'@aa '.repeat(5000)} }`,
  'conflicting fields': `{ ${numbered(500, (i) => `badge(id: ${i}) { id }`).join(' ')} }`,
  'a fragment that spreads itself': '{ viewer { ...A } } fragment A on User { id ...A }',
  'fragments that spread each other': '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }',
  'fragments that double thirty times': doubling(30),
  'fragments that double two hundred times': doubling(200),
  'deeply nested introspection': `{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`,
  'sixteen levels of users and badges': `{ viewer { ${nested('badges(first: 1) { user { ', 8)} } }`,
};

describe('an excessive operation', () => {
  it.for(Object.entries(EXCESSIVE))(
    'gets a short 4xx response within two seconds, without a statement: %s',
    async ([, operation], { service }) => {
      service.statements.clear();
      service.logs.clear();
      const started = performance.now();
      const { status, body, text } = await service.graphql(operation);
      expect(performance.now() - started).toBeLessThan(2000 + BUSY_MACHINE_MS);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body.data).toBeUndefined();
      expect(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']).toContain(body.errors[0].extensions.code);
      expect(text.length).toBeLessThan(4096);
      expectNoLeak(text);
      expect(service.statements).toEqual([]);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    },
  );

  it.for(['five thousand aliases', 'forty thousand fields', 'nine thousand levels'])(
    'is rejected by its length, before validation: %s',
    async (name, { service }) => {
      const { errors } = await service.graphql(EXCESSIVE[name] ?? '');
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
      expect(errors?.[0].message).toMatch(/^Syntax Error: .* contains more tha[nt] \d+ (tokens|UTF-16 code units)/);
    },
  );
});

describe('the items that an operation requests', () => {
  const users = (count: number) => numbered(count, (i) => `user-${i}`).map((id) => ({ __typename: 'User', id }));
  const deep = 'badges(first: 500) { user { goals(first: 500) { user { badges(first: 500) { id } } } } }';
  const pages =
    'badgesConnection(first: 500) { nodes { user { badgesConnection(first: 500) { nodes { user { badges(first: 1) { id } } } } } } }';
  const entities = (selection: string) =>
    `query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { ${selection} } } }`;

  it('can be the lists and statistics of a thousand users', async ({ service }) => {
    const selection = 'badges { id } goals { id } statistics { level } badgesConnection { totalCount nodes { id } }';
    const { status, errors } = await service.graphql(entities(selection), { users: users(1000) });
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  });

  it('include the row after each page, by which it knows whether there is a next one', async ({ service }) => {
    const selection = 'badgesConnection(first: 500) { pageInfo { hasNextPage } }';
    const { status, errors } = await service.graphql(entities(selection), { users: users(500) });
    const message = `The operation asks for up to ${500 * (1 + 501)} rows; the maximum is 250000.`;
    expect({ status, errors }).toMatchObject({ status: 400, errors: [{ message }] });
  });

  it('are limited by the bytes of their names', async ({ service }) => {
    const aliases = numbered(400, (i) => `${'x'.repeat(97)}${100 + i}: id`).join(' ');
    const { status, errors } = await service.graphql(`{ viewer { goals(first: 500) { ${aliases} } } }`);
    const message = expect.stringMatching(/asks for up to \d+ bytes of field names; the maximum is 20000000\.$/);
    expect({ status, errors }).toMatchObject({ status: 400, errors: [{ message }] });
  });

  it.for([
    ['nested lists', `{ viewer { ${deep} } }`, {}],
    ['lists of many users', entities('badges(first: 500) { id }'), { users: users(1000) }],
    ['list sizes from a variable', `query ($n: Int) { viewer { ${deep.replaceAll('500', '$n')} } }`, { n: 500 }],
    [
      'list sizes from the default of a variable',
      `query ($n: Int = 500) { viewer { ${pages.replaceAll('500', '$n')} } }`,
      {},
    ],
    ['lists of the default size', `{ viewer { ${deep.replaceAll('(first: 500)', '')} } }`, {}],
    ['lists in a fragment', `{ viewer { ...Deep } } fragment Deep on User { ${deep} }`, {}],
    [
      'pages in a fragment of a small page and of a large one',
      `{ viewer { small: badgesConnection(first: 1) { ...Pages } large: ${pages.replace(/\{.*/, '{ ...Pages }')} } }
       fragment Pages on BadgeConnection ${pages.slice(pages.indexOf('{'))}`,
      {},
    ],
    [
      'a single representation as a literal',
      `{ _entities(representations: { __typename: "User", id: "x" }) { ... on User { ${deep} } } }`,
      {},
    ],
    ['a single representation as a variable', entities(deep), { users: { __typename: 'User', id: 'x' } }],
    ['a negative list size beside nested lists', `{ viewer { ${deep} less: goals(first: -2000000000) { id } } }`, {}],
    [
      'lists of the badges that an activity earns',
      'mutation { recordActivity(input: { eventId: "1", verb: "read" }) { badges { user { badges(first: 500) { id name } } } } }',
      {},
    ],
    [
      'connections with edges',
      `{ viewer { ${deep.replace('badges(first: 500) {', 'badgesConnection(first: 500) { edges { node {')} } } } }`,
      {},
    ],
  ] as const)('are limited before the first statement: %s', async ([, query, variables], { service, createUser }) => {
    const { token } = await createUser();
    service.statements.clear();
    const { status, body } = await service.graphql(query, variables, { token });
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [
        {
          message: expect.stringMatching(/^The operation asks for up to \d+ fields; the maximum is 500000\.$/),
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: expect.any(String) },
        },
      ],
    });
    expect(service.statements).toEqual([]);
  });

  it('are counted for each request, since variables change them', async ({ service }) => {
    const query = entities('badges(first: 500) { id }');
    expect((await service.graphql(query, { users: users(100) })).status).toBe(200);
    expect((await service.graphql(query, { users: users(1000) })).status).toBe(400);
    expect((await service.graphql(query, { users: users(1) })).status).toBe(200);
  });
});

describe('the errors of a request', () => {
  it.for([
    ['seven hundred unknown fields', `{ ${numbered(700, (i) => `unknown${i}`).join(' ')} }`, {}],
    [
      'twenty unknown statuses',
      'query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }',
      { s: Array(20).fill('LOST') },
    ],
    [
      'five hundred nulls',
      'query ($users: [_Any!]!) { _entities(representations: $users) { __typename } }',
      { users: Array(500).fill(null) },
    ],
    ['an unknown field with a very long name', `{ ${'x'.repeat(90_000)} ${'y'.repeat(5000)} }`, {}],
    [
      'long strings instead of integers',
      'query ($a: Int, $b: Int) { viewer { badges(first: $a) { id } goals(first: $b) { id } } }',
      { a: 'x'.repeat(512), b: 'x'.repeat(512) },
    ],
    [
      'five hundred unknown input fields',
      'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }',
      { input: Object.fromEntries(numbered(500, (i) => `field${i}`).map((name) => [name, 1])) },
    ],
  ] as const)('are at most six, in a response under 4 KiB: %s', async ([, query, variables], { service }) => {
    const { status, errors, text } = await service.graphql(query, variables);
    expect(status).toBe(400);
    expect(errors?.length).toBeGreaterThan(1);
    expect(errors?.length).toBeLessThanOrEqual(6);
    expect(text.length).toBeLessThan(4096);
  });

  it.for([
    ['a fraction', 1.5],
    ['an integer over 32 bits', 2_147_483_648],
    ['an exponent', 1e10],
    ['a string', '5'],
    ['a boolean', true],
    ['an object', { a: 1 }],
  ])('name the variable that is not a 32-bit integer: %s', async ([, first], { service }) => {
    const query = 'query ($first: Int) { viewer { badges(first: $first) { id } } }';
    const { status, errors } = await service.graphql(query, { first });
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors?.[0].message).toContain('$first');
  });

  it.for([
    ['query ($id: ID = "x") { learner(id: $id) { id } }', { id: null }],
    [
      'mutation ($name: String = "x") { createBadge(input: { name: $name, description: "x", iconUrl: "/x" }) { badge { id } } }',
      { name: null },
    ],
  ] as const)(
    'are BAD_USER_INPUT when a variable with a default is null for a non-null argument: %s',
    async ([query, variables], { service }) => {
      service.logs.clear();
      const { status, errors } = await service.graphql(query, variables);
      expect(status).toBeLessThan(500);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    },
  );
});

describe('a text from a client', () => {
  const TEXTS = [
    '',
    '\u0000',
    '\ud800',
    '\u202e\u200b',
    '\ufeff',
    "'; drop table badges; --",
    '$(id)',
    '{{7*7}}',
    '%s%n',
    '../..',
    '🏳️‍🌈'.repeat(50),
    'x'.repeat(100_000),
    '\r\n{"level":60}',
  ];

  it.for(TEXTS.map((text, index) => [index, text] as const))(
    'never causes a 5xx response or an error in the log: %i',
    async ([, text], { service, db, createUser }) => {
      const { token } = await createUser();
      service.logs.clear();
      const responses = await Promise.all([
        service.graphql(`{ learner(id: ${JSON.stringify(text)}) { id } }`, {}, { token }),
        service.graphql('query ($id: ID!) { learner(id: $id) { id } badge(id: $id) { id } goal(id: $id) { id } }', {
          id: text,
        }),
        service.graphql(
          'query ($after: String) { viewer { badges(after: $after) { id } } }',
          { after: text },
          { token },
        ),
        service.graphql(
          'mutation ($text: String!) { createGoal(input: { title: $text, description: $text }) { goal { title } } }',
          { text },
          { token },
        ),
      ]);
      expect(responses.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      const codes = responses.flatMap(({ errors = [] }) => errors.map(({ extensions }: Json) => extensions.code));
      expect(codes.filter((code) => !/^(BAD_USER_INPUT|GRAPHQL_PARSE_FAILED)$/.test(code))).toEqual([]);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
      const stored = responses[3].data?.createGoal?.goal.title;
      expect([undefined, text]).toContain(stored);
      expect(await db.sql`select 1 from badges limit 0`).toEqual([]);
    },
  );
});
