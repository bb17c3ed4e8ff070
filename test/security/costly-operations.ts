import { TRACKED } from './large-lists.ts';

/** An operation as the body of a request to `/graphql`. */
export interface CostlyOperation {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

export interface CostlyClass {
  name: string;
  /** Creates one of many different operations of the class, or the text of the body. */
  make: (index: number) => CostlyOperation | string;
}

export const times = (count: number, make: (index: number) => string, between = ' ') =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);
const nested = (levels: number, [open, close]: [string, string], inside = '') =>
  `${open.repeat(levels)}${inside}${close.repeat(levels)}`;
const aliases = (count: number, field: string, prefix = 'a') => times(count, (i) => `${prefix}${i}: ${field}`);

const users = (count: number) => Array.from({ length: count }, (_, i) => ({ __typename: 'User', id: `user-${i + 1}` }));
const tracked = (times: number) => Array(times).fill({ __typename: 'User', id: TRACKED });
const entities = (selection: string, declared = '') =>
  `query ($users: [_Any!]!${declared}) { _entities(representations: $users) { ... on User { ${selection} } } }`;
const firstUser = (selection: string) => ({ query: entities(selection), variables: { users: users(1) } });
/** One bit of the index, for the conditions of `@skip` and `@include`. */
const bit = (index: number, at: number) => Math.floor(index / 2 ** at) % 2 === 1;

/** Queries with many compiled functions: all of them together, and their documents, must not fill the memory. */
export const COMPILED: Record<string, CostlyClass> = {
  aliases: {
    name: '85 aliases of a fragment with 100 aliases and three @skip variables',
    make: (index) => ({
      query: `${entities(aliases(85, 'statistics { ...F }'), ', $a: Boolean!, $b: Boolean!, $c: Boolean!')}
        fragment F on UserStatistics { q${index % 60}: level ${aliases(100, 'level')}
          x: level @skip(if: $a) y: level @skip(if: $b) z: level @skip(if: $c) }`,
      variables: { users: [], a: bit(index, 6), b: bit(index, 7), c: bit(index, 8) },
    }),
  },
  defaults: {
    name: 'edges and nodes with @include and default values',
    make: (index) => ({
      query: `${entities(
        times(
          25,
          (i) => `c${i}: badgesConnection(first: $n) { edges @include(if: $a) { node { ...F } } nodes { ...F } }`,
        ),
        ', $a: Boolean! = true, $n: Int = 1',
      )} fragment F on Badge { q${index % 60}: id ${aliases(30, 'name')} }`,
      variables: { users: [], ...(bit(index, 6) && { a: false }) },
    }),
  },
  fragments: {
    name: 'fragments of fragments',
    make: (index) => ({
      query: `${entities(aliases(12, 'badges { ...A }'))}
        fragment A on Badge { ${aliases(12, 'user { ...B }')} }
        fragment B on User { q${index % 60}: id ${aliases(6, 'statistics { ...C }')} }
        fragment C on UserStatistics { ${aliases(8, 'level')} }`,
      variables: { users: [] },
    }),
  },
  operations: {
    name: '130 operations in one document, selected by operationName',
    make: (index) => ({
      query: `${times(130, (i) => `query Q${i} { viewer { ...F } }`)}
        fragment F on User { q${Math.floor(index / 130)}: id ${aliases(560, 'id')} }`,
      operationName: `Q${index % 130}`,
    }),
  },
  documents: {
    name: 'different documents of 3,000 tokens',
    make: (index) => ({ query: `{ q${index}: __typename viewer { ${aliases(600, 'id')} ${'id '.repeat(500)} } }` }),
  },
};

/** Operations with few tokens whose response has many fields or rows, or long texts. */
export const AMPLIFIED: Record<string, CostlyClass> = {
  rows: {
    name: '499 users x 400 goals x 200 aliases',
    make: () => ({
      query: entities(`goals(first: 400) { ${aliases(200, 'streakCount')} }`),
      variables: { users: users(499) },
    }),
  },
  sdl: {
    name: 'the SDL 9,000 times',
    make: () => ({
      query: `{ ${aliases(30, '_service { ...F }')} } fragment F on _Service { ${aliases(300, 'sdl')} }`,
    }),
  },
  cursors: {
    name: '60 aliases of the edges of a page',
    make: () => firstUser(`badgesConnection(first: 500) { ${aliases(60, 'edges { cursor }')} }`),
  },
  texts: {
    name: '6,000 fields with texts of 8 KB',
    make: () => firstUser(`goals(first: 500) { ${aliases(12, 'description')} }`),
  },
  largestTexts: {
    name: 'texts just below the maximum size of a response',
    make: () => firstUser(`goals(first: 500) { ${aliases(4, 'description')} }`),
  },
  fewRows: {
    name: 'many aliases of the texts of few rows',
    make: () => firstUser(`goals(first: 90) { ${aliases(26, 'description')} }`),
  },
  alias: {
    name: 'an alias of 80,000 characters',
    make: () => firstUser(`badges(first: 500) { ${'x'.repeat(80_000)}: id }`),
  },
  defaultPages: {
    name: 'a page of the default size in a page',
    make: () => firstUser('goals(first: 50) { user { goals { description user { id } } } }'),
  },
  statistics: {
    name: '90 x 30 statistics of 1,000 users',
    make: () => ({
      query: `${entities(aliases(90, 'statistics { ...F }'))} fragment F on UserStatistics { ${aliases(30, 'level')} }`,
      variables: { users: users(1000) },
    }),
  },
  connections: {
    name: '20 connections of 500 rows for 1,000 users, without their nodes',
    make: () => ({
      query: entities(times(19, (i) => `a${i}: goalsConnection(first: ${500 - i}) { __typename }`)),
      variables: { users: users(1000) },
    }),
  },
  nullSize: {
    name: 'null for a page size whose variable defaults to 1',
    make: () => ({
      query: entities(
        'goals(first: $n) { user { badges(first: $n) { user { goals(first: $n) { id } } } } }',
        ', $n: Int = 1',
      ),
      variables: { users: users(1), n: null },
    }),
  },
  unknownEntities: {
    name: '1,000 unknown badges x 200 aliases',
    make: () => ({
      query: `query ($badges: [_Any!]!) { ${aliases(200, '_entities(representations: $badges) { __typename }')} }`,
      variables: { badges: Array.from({ length: 1000 }, (_, i) => ({ __typename: 'Badge', id: `${9_000_000 + i}` })) },
    }),
  },
  invalidEntities: {
    name: '1,000 invalid representations x 200 aliases',
    make: () => ({
      query: `query ($users: [_Any!]!) { ${aliases(200, '_entities(representations: $users) { __typename }')} }`,
      variables: { users: Array(1000).fill({}) },
    }),
  },
  duplicates: {
    name: 'one user with long texts as 490 representations',
    make: () => ({
      query: entities('goals(first: 500) { description }'),
      variables: { users: Array(490).fill({ __typename: 'User', id: 'user-1' }) },
    }),
  },
  streakCounts: {
    name: 'goals with activities of one user as 499 representations',
    make: () => ({ query: entities('goals(first: 500) { id }'), variables: { users: tracked(499) } }),
  },
  unselectedCounts: {
    name: 'pages of goals with activities x 21 aliases x 23 representations',
    make: () => ({
      query: entities(aliases(21, 'goalsConnection(first: 500) { __typename }')),
      variables: { users: tracked(23) },
    }),
  },
  failures: {
    name: '19,000 fields that fail because the rows are too large',
    make: () => ({
      query: entities(times(19, (i) => `a${i}: badges(first: ${i + 100}) { id }`)),
      variables: { users: users(100) },
    }),
  },
  gateway: {
    name: '1,000 users with ten badges and ten goals each',
    make: () => ({
      query: entities(`id badges(first: 10) { id name description iconUrl dateAchieved }
        goals(first: 10) { id title description status streakCount createdAt updatedAt version }
        statistics { totalBadges totalGoals level }`),
      variables: { users: users(1000) },
    }),
  },
  defaultLists: {
    name: 'lists of the default size of 300 users',
    make: () => ({
      query: entities('badges { id name } goals { id title } statistics { totalBadges level }'),
      variables: { users: users(300) },
    }),
  },
  literalEntities: {
    name: 'lists of literal representations',
    make: () => ({
      query: `{ ${times(
        20,
        (i) => `a${i}: _entities(representations: [${times(10, (j) => `{ __typename: "User", id: "user-${j}" }`)}]) {
          ... on User { goals(first: 500) { description } } }`,
      )} }`,
    }),
  },
};

/** Operations that are expensive to parse, validate, coerce or count, and those that need many queries. */
export const CONVOLUTED: Record<string, CostlyClass> = {
  statuses: {
    name: '40,000 statuses x 500 users x 4 aliases',
    make: () => ({
      query: entities(
        times(4, (i) => `a${i}: goals(first: ${i + 1}, status: $s) { id }`),
        ', $s: [GoalStatus!]',
      ),
      variables: { users: users(500), s: Array(40_000).fill('PAUSED') },
    }),
  },
  defaultStatuses: {
    name: '2,000 statuses as the default of a variable',
    make: () => ({
      query: `query ($users: [_Any!]!, $s: [GoalStatus!] = [${'PAUSED '.repeat(2000)}]) {
        _entities(representations: $users) { ... on User { goals(status: $s) { id } } } }`,
      variables: { users: users(500) },
    }),
  },
  cursor: {
    name: 'a cursor of 900 KB',
    make: () => ({
      query: entities('badges(after: $after) { id }', ', $after: String'),
      variables: { users: users(100), after: 'x'.repeat(900_000) },
    }),
  },
  counts: {
    name: '120 counts with different arguments',
    make: () => ({
      query: entities(times(120, (i) => `a${i}: goalsConnection(first: ${i + 1}) { totalCount }`)),
      variables: { users: users(20) },
    }),
  },
  deepVariable: {
    name: 'lists 40,000 levels deep as a variable',
    make: () =>
      `{"query":"query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }","variables":{"s":${nested(40_000, ['[', ']'])}}}`,
  },
  deepLiteral: {
    name: 'lists 1,480 levels deep as a literal',
    make: () => ({ query: `{ badge(id: ${nested(1480, ['[', ']'], '1')}) { id } }` }),
  },
  cyclicFragments: {
    name: '200 fragments in many cycles',
    make: () => ({
      query: `{ viewer { ...F0 ...F1 } } ${times(200, (i) => {
        const spreads = [1, 7, 31].map((step) => `...F${(i + step) % 200}`);
        return `fragment F${i} on User { id ${spreads.join(' ')} }`;
      })}`,
    }),
  },
  overlap: {
    name: '300 fields of one name with long arguments, which are compared in pairs',
    make: (index) => ({
      query: `{ q${index}: __typename ${times(300, () => `learner(id: "${'x'.repeat(280)}") { id }`)} }`,
    }),
  },
  inlineFragments: {
    name: 'nested inline fragments without a type condition',
    make: (index) => ({ query: `{ viewer { q${index}: id ${nested(990, ['... { ', '} '], 'id ')} } }` }),
  },
  operationName: {
    name: 'an operation name of 900 KB',
    make: () => ({ query: '{ viewer { id } }', operationName: 'x'.repeat(900_000) }),
  },
  undeclaredVariables: {
    name: '40,000 undeclared variables',
    make: () => ({
      query: '{ viewer { id } }',
      variables: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`v${i}`, i])),
    }),
  },
};

/** Mutations that must be rejected before they write. */
export const MUTATIONS: Record<string, CostlyClass> = {
  aliases: {
    name: '150 mutations in one operation',
    make: () => ({
      query: `mutation { ${aliases(150, 'createGoal(input: { title: "x" }) { goal { id } }')} }`,
    }),
  },
  payload: {
    name: 'a mutation whose payload selects more than 20 MB',
    make: () => ({
      query: `mutation { createGoal(input: { title: "x" }) { goal { user {
        ${times(10, (i) => `a${i}: goals(first: ${500 - i}) { title description user { id } }`)} } } } }`,
    }),
  },
};
