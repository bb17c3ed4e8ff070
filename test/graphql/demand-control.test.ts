import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { expectNoLeak } from './leaks.ts';

/** As often as its braces say: `badges { user { badges { user { id } } } }`. */
const nested = (path: string, times: number) =>
  `${path.repeat(times)}id${' }'.repeat(times * (path.match(/\{/g)?.length ?? 0))}`;
const numbered = (count: number, text: (place: number) => string) => Array.from({ length: count }, (_, i) => text(i));
/** Every fragment spreads the next one twice: 2^levels fields in a short document. */
const doubling = (levels: number) =>
  `{ viewer { ...F0 } } ${numbered(levels, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`).join(' ')}
   fragment F${levels} on User { id }`;

const TOO_MUCH: Record<string, string> = {
  'five thousand aliases': `{ ${numbered(5000, (i) => `a${i}: learner(id: "x") { id }`).join(' ')} }`,
  'nine thousand levels': `{ viewer { ${nested('badges { user { ', 4500)} } }`,
  'nine thousand levels that there are not': `{ ${nested('friend { ', 9000)} }`,
  'twenty thousand lists': `{ badge(id: ${'['.repeat(20_000)}${']'.repeat(20_000)}) { id } }`,
  'forty thousand fields': `{ ${'a '.repeat(40_000)} }`,
  'eight thousand times the same field': `{ ${'__typename '.repeat(8000)} }`,
  'thirty thousand comments': `${'#x\n'.repeat(30_000)}{ __typename }`,
  'one very long comment': `#${'x'.repeat(200_000)}\n{ __typename }`,
  'one very long name': `{ ${'x'.repeat(200_000)} }`,
  'five thousand directives': `{ __typename ${'@aa '.repeat(5000)} }`,
  'fields that overlap': `{ ${numbered(500, (i) => `badge(id: ${i}) { id }`).join(' ')} }`,
  'a fragment in itself': '{ viewer { ...A } } fragment A on User { id ...A }',
  'fragments in a circle': '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }',
  'fragments that double thirty times': doubling(30),
  'fragments that double two hundred times': doubling(200),
  'circles in the schema itself': `{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`,
  'sixteen levels of people and badges': `{ viewer { ${nested('badges(first: 1) { user { ', 8)} } }`,
};

describe('an operation that asks for too much is refused at once, before any work', () => {
  it.for(Object.entries(TOO_MUCH))('%s', async ([, operation], { service }) => {
    service.statements.clear();
    service.logs.clear();
    const started = performance.now();
    const { status, body, text } = await service.graphql(operation);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body.data).toBeUndefined();
    expect(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']).toContain(body.errors[0].extensions.code);
    expect(text.length).toBeLessThan(4096);
    expectNoLeak(text);
    expect(service.statements).toEqual([]);
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.for(['five thousand aliases', 'forty thousand fields', 'nine thousand levels'])(
    'by its length, before anybody tries to understand it: %s',
    async (name, { service }) => {
      const { errors } = await service.graphql(TOO_MUCH[name] ?? '');
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
      expect(errors?.[0].message).toMatch(/^Syntax Error: .* contains more tha[nt] \d+ (tokens|UTF-16 code units)/);
    },
  );
});

describe('the items that one operation asks for', () => {
  const people = (count: number) => numbered(count, (i) => `person-${i}`).map((id) => ({ __typename: 'User', id }));
  const deep = 'badges(first: 500) { user { goals(first: 500) { user { badges(first: 500) { id } } } } }';
  const pages =
    'badgesConnection(first: 500) { nodes { user { badgesConnection(first: 500) { nodes { user { badges(first: 1) { id } } } } } } }';
  const entities = (selection: string) =>
    `query ($people: [_Any!]!) { _entities(representations: $people) { ... on User { ${selection} } } }`;

  it('may be all that a gateway asks for about a thousand people', async ({ service }) => {
    const selection = 'badges { id } goals { id } statistics { level } badgesConnection { totalCount nodes { id } }';
    const { status, errors } = await service.graphql(entities(selection), { people: people(1000) });
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  });

  it.for([
    ['by the length of lists in lists', `{ viewer { ${deep} } }`, {}],
    ['by the number of people', entities('badges(first: 500) { id }'), { people: people(1000) }],
    ['by a variable', `query ($n: Int) { viewer { ${deep.replaceAll('500', '$n')} } }`, { n: 500 }],
    ['by a variable’s default', `query ($n: Int = 500) { viewer { ${pages.replaceAll('500', '$n')} } }`, {}],
    ['by lists that do not say how long they are', `{ viewer { ${deep.replaceAll('(first: 500)', '')} } }`, {}],
    ['through a fragment', `{ viewer { ...Deep } } fragment Deep on User { ${deep} }`, {}],
    [
      'about a single person',
      `{ _entities(representations: { __typename: "User", id: "x" }) { ... on User { ${deep} } } }`,
      {},
    ],
    ['about a person in a variable', entities(deep), { people: { __typename: 'User', id: 'x' } }],
    ['beside a page of less than nothing', `{ viewer { ${deep} less: goals(first: -2000000000) { id } } }`, {}],
    [
      'by pages of edges',
      `{ viewer { ${deep.replace('badges(first: 500) {', 'badgesConnection(first: 500) { edges { node {')} } } } }`,
      {},
    ],
  ] as const)('are counted before any is fetched: %s', async ([, query, variables], { service, createUser }) => {
    const { token } = await createUser();
    service.statements.clear();
    const { status, body } = await service.graphql(query, variables, { token });
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [
        {
          message: expect.stringMatching(/^The operation asks for up to \d+ items; the maximum is 250000\.$/),
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    });
    expect(service.statements).toEqual([]);
  });

  it('are counted anew for the same operation with other variables', async ({ service }) => {
    const query = entities('badges(first: 500) { id }');
    expect((await service.graphql(query, { people: people(100) })).status).toBe(200);
    expect((await service.graphql(query, { people: people(1000) })).status).toBe(400);
    expect((await service.graphql(query, { people: people(1) })).status).toBe(200);
  });
});

describe('the errors of one request', () => {
  it.for([
    ['seven hundred unknown fields', `{ ${numbered(700, (i) => `unknown${i}`).join(' ')} }`, {}],
    [
      'five hundred states that there are not',
      'query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }',
      { s: Array(500).fill('LOST') },
    ],
    [
      'five hundred nulls',
      'query ($people: [_Any!]!) { _entities(representations: $people) { __typename } }',
      { people: Array(500).fill(null) },
    ],
    ['an unknown field with a very long name', `{ ${'x'.repeat(90_000)} ${'y'.repeat(5000)} }`, {}],
    [
      'a very long text where numbers belong',
      'query ($a: Int, $b: Int) { viewer { badges(first: $a) { id } goals(first: $b) { id } } }',
      { a: 'x'.repeat(400_000), b: 'x'.repeat(400_000) },
    ],
    [
      'five hundred fields that an input does not have',
      'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }',
      { input: Object.fromEntries(numbered(500, (i) => `field${i}`).map((name) => [name, 1])) },
    ],
  ] as const)('are few, however much is wrong: %s', async ([, query, variables], { service }) => {
    const { status, errors, text } = await service.graphql(query, variables);
    expect(status).toBe(400);
    expect(errors?.length).toBeGreaterThan(1);
    expect(errors?.length).toBeLessThanOrEqual(6);
    expect(text.length).toBeLessThan(4096);
  });

  it.for([
    ['a fraction', 1.5],
    ['what is over 32 bits', 2_147_483_648],
    ['a big one', 1e10],
    ['a text', '5'],
    ['a truth', true],
    ['an object', { a: 1 }],
  ])('name what cannot be a number: %s', async ([, first], { service }) => {
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
    'say so when a null comes where the document let one through: %s',
    async ([query, variables], { service }) => {
      service.logs.clear();
      const { status, errors } = await service.graphql(query, variables);
      expect(status).toBeLessThan(500);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    },
  );
});

describe('what a client sends', () => {
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

  it.for(TEXTS.map((text, place) => [place, text] as const))(
    'is never the service’s fault, whatever text it is: %i',
    async ([, text], { service, db, createUser }) => {
      const { token } = await createUser();
      service.logs.clear();
      const answers = await Promise.all([
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
      expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }: Json) => extensions.code));
      expect(codes.filter((code) => !/^(BAD_USER_INPUT|GRAPHQL_PARSE_FAILED)$/.test(code))).toEqual([]);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
      const stored = answers[3].data?.createGoal?.goal.title;
      expect([undefined, text]).toContain(stored);
      expect(await db.sql`select 1 from badges limit 0`).toEqual([]);
    },
  );
});
