import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { parse, print } from 'graphql';
import { vi } from 'vitest';
import { readSdl } from '../../src/graphql/schema.ts';
import { anyOperation, type Operation } from '../security/properties/documents.ts';
import { breakBadges } from '../support/broken-badges.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { comparable, executeWithGraphqlJs, operationsBy } from './executors.ts';
import { it as base } from './isolated-service.ts';

const schema = buildSubgraphSchema([{ typeDefs: parse(readSdl()) }]);
const cursor = Buffer.from('2026-03-01T09:30:00Z 9').toString('base64url');
const SEED = Number(process.env.FC_SEED ?? 20_260_301);

async function insertRows({ sql }: TestDatabase) {
  await sql`insert into auth_users (id) values ('ada'), ('eve')`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select (array['ada', 'eve'])[1 + n % 2], 'badge "' || n || E'" \u2028 😀', 'x', '/x', '2026-03-01'::timestamptz + n * interval '1 hour'
    from generate_series(1, 9) n`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, completed_at)
    select (array['ada', 'eve'])[1 + n % 2], 'goal ' || n, state, n, now(), now(), case state when 'completed' then now() end
    from generate_series(1, 9) n, lateral (select (array['paused', 'completed', 'in-progress'])[1 + n % 3] as state) states`;
}

/** The service of the file, whose database has rows, and a token of the user `ada`. */
const it = base.extend('ada', { scope: 'file' }, async ({ db, auth, service }) => {
  db.hasSharedRows = true;
  await insertRows(db);
  auth.add({ id: 'ada' });
  return { service, token: await auth.token('ada') };
});

const USERS = [
  { __typename: 'User', id: 'ada' },
  { __typename: 'User', id: 'eve' },
  { __typename: 'User', id: 'unknown-user' },
];
const entities = (selection: string, declared = '') =>
  `query ($r: [_Any!]!${declared}) { _entities(representations: $r) { ${selection} } }`;

const COMPILED: Record<string, { query: string; variables?: Record<string, unknown> }> = {
  'lists of several users': {
    query: entities('... on User { id badges(first: 3) { name dateAchieved } goals { title status streakCount } }'),
    variables: { r: USERS },
  },
  'entities of each type, with __typename': {
    query: entities(`__typename ... on User { statistics { __typename level totalGoals } }
      ... on Badge { name user { id } } ... on LearningGoal { title description user { badges(first: 1) { id } } }`),
    variables: { r: [...USERS, { __typename: 'Badge', id: '1' }, { __typename: 'LearningGoal', id: '2' }] },
  },
  'one field selected twice with different subfields': {
    query:
      '{ viewer { badges(first: 2) { id } ...More badges(first: 2) { name } } } fragment More on User { badges(first: 2) { user { id } } }',
  },
  'arguments from variables that are given, defaulted and absent': {
    query: entities(
      '... on User { a: badges(first: $n) { id } b: badges(first: $d) { id } c: badges(first: $absent) { id } goals(status: $s) { id } }',
      ', $n: Int, $d: Int = 2, $absent: Int, $s: [GoalStatus!]',
    ),
    variables: { r: USERS, n: 1, s: ['PAUSED', 'COMPLETED'] },
  },
  'connections with edges and with nodes': {
    query: `{ viewer { badgesConnection(first: 2) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
      goalsConnection(first: 2, status: [PAUSED]) { totalCount nodes { id status } pageInfo { startCursor } } } }`,
  },
  'nullable fields that are null': {
    query: '{ badge(id: "987654") { id } goal(id: "987654") { title } }',
  },
  'fields with @skip and @include from variables': {
    query:
      'query ($yes: Boolean!, $no: Boolean = false) { viewer { id @skip(if: $no) badges @include(if: $yes) { id } goals @skip(if: $yes) { id } } }',
    variables: { yes: true },
  },
  'the alias __proto__': {
    query: '{ viewer { __proto__: id badges { __proto__: name id } goals { __proto__: user { id } } } }',
  },
  'the SDL': { query: '{ _service { sdl } }' },
};

const INTERPRETED: Record<string, { query: string; variables?: Record<string, unknown> }> = {
  'an introspection query': { query: '{ __schema { queryType { name } } viewer { id } }' },
  'an entities query with invalid representations between valid ones': {
    query: entities('... on User { id badges { id } }'),
    variables: { r: [USERS[0], { __typename: 'Nothing', id: '1' }, { __typename: 'Badge', id: '987654' }, USERS[1]] },
  },
  'a query with an invalid page size': { query: '{ viewer { id badges(first: 0) { id } goals { id } } }' },
  'a query with a variable of the wrong type': {
    query: 'query ($id: ID!) { badge(id: $id) { id } }',
    variables: { id: { a: 1 } },
  },
};

describe('a compiled query', () => {
  it.for(Object.entries(COMPILED))(
    'returns the same response as graphql-js for %s',
    async ([, { query, variables = {} }], { ada }) => {
      const { service, token } = ada;
      for (let i = 1; i < 3; i++) await service.graphql(print(parse(query)), variables, { token });
      const before = await operationsBy(service);
      const response = await service.graphql(print(parse(query)), variables, { token });
      expect((await operationsBy(service)).compiled - before.compiled).toBe(1);
      expect(response.errors).toBeUndefined();
      expect(comparable(response)).toBe(comparable(await executeWithGraphqlJs(service, query, { variables, token })));
    },
  );

  it('is compiled separately for each combination of its @include conditions', async ({ ada: { service, token } }) => {
    const query = 'query ($more: Boolean!) { viewer { id badges(first: 1) @include(if: $more) { id } } }';
    const viewerOf = async (more: boolean) => (await service.graphql(query, { more }, { token })).data.viewer;
    expect(Object.keys(await viewerOf(true))).toEqual(['id', 'badges']);
    expect(Object.keys(await viewerOf(false))).toEqual(['id']);
    expect(Object.keys(await viewerOf(true))).toEqual(['id', 'badges']);
  });
});

describe('graphql-js', () => {
  it.for(Object.entries(INTERPRETED))('executes %s', async ([, { query, variables = {} }], { ada }) => {
    const { service, token } = ada;
    const before = await operationsBy(service);
    const response = await service.graphql(print(parse(query)), variables, { token });
    expect((await operationsBy(service)).compiled).toBe(before.compiled);
    expect(comparable(response)).toBe(comparable(await executeWithGraphqlJs(service, query, { variables, token })));
  });

  it('executes mutations serially', async ({ ada: { service, token } }) => {
    const before = await operationsBy(service);
    const input = '{ name: "x", description: "x", iconUrl: "/x" }';
    const mutation = `mutation { a: createBadge(input: ${input}) { badge { user { statistics { totalBadges } } } }
      b: createBadge(input: ${input}) { badge { user { statistics { totalBadges } } } } }`;
    const { data } = await service.graphql(mutation, {}, { token });
    const [a, b] = [data.a, data.b].map(({ badge }) => badge.user.statistics.totalBadges);
    expect(b - a).toBe(1);
    expect((await operationsBy(service)).compiled).toBe(before.compiled);
  });
});

/** Repeats a request while the service is overloaded: after a stall of the machine it rejects requests for a second. */
async function retryWhileOverloaded<Result extends { status: number }>(send: () => Promise<Result>): Promise<Result> {
  return vi.waitFor(
    async () => {
      const response = await send();
      expect(response.status).not.toBe(503);
      return response;
    },
    { timeout: 10_000 },
  );
}

describe('the two executors', () => {
  it('return the same response to generated queries, including errors and nulls', { timeout: 60_000 }, async ({
    ada,
  }) => {
    const { service, token } = ada;
    const operations = anyOperation(schema, [cursor]);
    const before = await operationsBy(service);
    const expectSameResponse = async ({ document, variables }: Operation) => {
      if (document.startsWith('mutation')) return;
      const send = () => retryWhileOverloaded(() => service.graphql(print(parse(document)), variables, { token }));
      if ((await send()).status !== 200) return;
      await send();
      const response = await send();
      const expected = await retryWhileOverloaded(() => executeWithGraphqlJs(service, document, { variables, token }));
      expect(comparable(response)).toBe(comparable(expected));
    };
    const runs = 300 * Number(process.env.FC_SCALE ?? 1);
    await fc.assert(fc.asyncProperty(operations, expectSameResponse), { seed: SEED, numRuns: runs });
    const after = await operationsBy(service);
    expect(after.compiled - before.compiled).toBeGreaterThan(runs / 10);
    expect(after.interpreted - before.interpreted).toBeGreaterThan(runs / 2);
  });

  it('read a failing list once in total', async ({ isolated, createUser }) => {
    const { db, service } = isolated;
    const { token } = await createUser();
    await breakBadges(db.sql);
    const { data, errors } = await service.graphql('{ viewer { goals { id } badges { id } } }', {}, { token });
    expect([data, errors]).toMatchObject([{ viewer: null }, [{ extensions: { code: 'INTERNAL' } }]]);
    // The service may send the other list's statement after the response.
    await expect.poll(() => service.statements).toHaveLength(2);
    expect(service.statements.filter((sql) => sql.includes('"badges"'))).toHaveLength(1);
    expect(service.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
