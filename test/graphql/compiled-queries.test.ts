import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { parse, print } from 'graphql';
import { vi } from 'vitest';
import { readSdl } from '../../src/graphql/schema.ts';
import { anyOperation } from '../security/properties/documents.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { askInterpreter, comparable, operationsBy } from './executors.ts';
import { it as base } from './harmed.ts';

const schema = buildSubgraphSchema([{ typeDefs: parse(readSdl()) }]);
const cursor = Buffer.from('2026-03-01T09:30:00Z 9').toString('base64url');
const SEED = Number(process.env.FC_SEED ?? 20_260_301);

async function furnish({ sql }: TestDatabase) {
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

/** The file's service on a furnished database, and a token of ada's. */
const it = base.extend('ada', { scope: 'file' }, async ({ db, auth, service }) => {
  await furnish(db);
  auth.add({ id: 'ada' });
  return { service, token: await auth.token('ada') };
});

const PEOPLE = [
  { __typename: 'User', id: 'ada' },
  { __typename: 'User', id: 'eve' },
  { __typename: 'User', id: 'nobody' },
];
const entities = (selection: string, declared = '') =>
  `query ($r: [_Any!]!${declared}) { _entities(representations: $r) { ${selection} } }`;

const COMPILED: Record<string, { query: string; variables?: Record<string, unknown> }> = {
  'lists of several people': {
    query: entities('... on User { id badges(first: 3) { name dateAchieved } goals { title status streakCount } }'),
    variables: { r: PEOPLE },
  },
  'entities of every kind, with their types': {
    query: entities(`__typename ... on User { statistics { __typename level totalGoals } }
      ... on Badge { name user { id } } ... on LearningGoal { title description user { badges(first: 1) { id } } }`),
    variables: { r: [...PEOPLE, { __typename: 'Badge', id: '1' }, { __typename: 'LearningGoal', id: '2' }] },
  },
  'one field asked for twice, with different parts of it': {
    query:
      '{ viewer { badges(first: 2) { id } ...More badges(first: 2) { name } } } fragment More on User { badges(first: 2) { user { id } } }',
  },
  'arguments by variables, given, by default, and left out': {
    query: entities(
      '... on User { a: badges(first: $n) { id } b: badges(first: $d) { id } c: badges(first: $absent) { id } goals(status: $s) { id } }',
      ', $n: Int, $d: Int = 2, $absent: Int, $s: [GoalStatus!]',
    ),
    variables: { r: PEOPLE, n: 1, s: ['PAUSED', 'COMPLETED'] },
  },
  'pages, by edges and by nodes': {
    query: `{ viewer { badgesConnection(first: 2) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
      goalsConnection(first: 2, status: [PAUSED]) { totalCount nodes { id status } pageInfo { startCursor } } } }`,
  },
  'what is not there, where it may be missing': {
    query: '{ badge(id: "987654") { id } goal(id: "987654") { title } }',
  },
  'fields left out and let in by variables': {
    query:
      'query ($yes: Boolean!, $no: Boolean = false) { viewer { id @skip(if: $no) badges @include(if: $yes) { id } goals @skip(if: $yes) { id } } }',
    variables: { yes: true },
  },
  'the schema’s own text': { query: '{ _service { sdl } }' },
};

const INTERPRETED: Record<string, { query: string; variables?: Record<string, unknown> }> = {
  introspection: { query: '{ __schema { queryType { name } } viewer { id } }' },
  'a representation that is of no use, between two that are': {
    query: entities('... on User { id badges { id } }'),
    variables: { r: [PEOPLE[0], { __typename: 'Nothing', id: '1' }, { __typename: 'Badge', id: '987654' }, PEOPLE[1]] },
  },
  'a page that nobody may ask for': { query: '{ viewer { id badges(first: 0) { id } goals { id } } }' },
  'a name that JavaScript takes for something else': { query: '{ viewer { __proto__: id } }' },
  'a variable of the wrong type': { query: 'query ($id: ID!) { badge(id: $id) { id } }', variables: { id: { a: 1 } } },
};

describe('compiled functions answer', () => {
  it.for(Object.entries(COMPILED))('%s: as graphql-js does', async ([, { query, variables = {} }], { ada }) => {
    const { service, token } = ada;
    const before = await operationsBy(service);
    const answer = await service.graphql(print(parse(query)), variables, { token });
    expect((await operationsBy(service)).compiled - before.compiled).toBe(1);
    expect(answer.errors).toBeUndefined();
    expect(comparable(answer)).toBe(comparable(await askInterpreter(service, query, { variables, token })));
  });

  it('a query anew for each of its conditions', async ({ ada: { service, token } }) => {
    const query = 'query ($more: Boolean!) { viewer { id badges(first: 1) @include(if: $more) { id } } }';
    const ask = async (more: boolean) => (await service.graphql(query, { more }, { token })).data.viewer;
    expect(Object.keys(await ask(true))).toEqual(['id', 'badges']);
    expect(Object.keys(await ask(false))).toEqual(['id']);
    expect(Object.keys(await ask(true))).toEqual(['id', 'badges']);
  });
});

describe('graphql-js answers', () => {
  it.for(Object.entries(INTERPRETED))('%s', async ([, { query, variables = {} }], { ada }) => {
    const { service, token } = ada;
    const before = await operationsBy(service);
    const answer = await service.graphql(print(parse(query)), variables, { token });
    expect((await operationsBy(service)).compiled).toBe(before.compiled);
    expect(comparable(answer)).toBe(comparable(await askInterpreter(service, query, { variables, token })));
  });

  it('mutations, one after another', async ({ ada: { service, token } }) => {
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

/** On a machine that stood still for a second the service refuses everything for the next, queries of all kinds alike. */
async function untilNotBusy<Answer extends { status: number }>(ask: () => Promise<Answer>): Promise<Answer> {
  return vi.waitFor(
    async () => {
      const answer = await ask();
      expect(answer.status).not.toBe(503);
      return answer;
    },
    { timeout: 10_000 },
  );
}

describe('whatever a query is', () => {
  it('both executors answer the same, errors and nulls included', { timeout: 60_000 }, async ({ ada }) => {
    const { service, token } = ada;
    const operations = anyOperation(schema, [cursor]);
    const before = await operationsBy(service);
    const same = async ({ document, variables }: { document: string; variables: Record<string, unknown> }) => {
      if (document.startsWith('mutation')) return;
      const answer = await untilNotBusy(() => service.graphql(print(parse(document)), variables, { token }));
      if (answer.status !== 200) return;
      const expected = await untilNotBusy(() => askInterpreter(service, document, { variables, token }));
      expect(comparable(answer)).toBe(comparable(expected));
    };
    const runs = 300 * Number(process.env.FC_SCALE ?? 1);
    await fc.assert(fc.asyncProperty(operations, same), { seed: SEED, numRuns: runs });
    const after = await operationsBy(service);
    expect(after.compiled - before.compiled).toBeGreaterThan(runs / 10);
    expect(after.interpreted - before.interpreted).toBeGreaterThan(runs / 2);
  });

  it('a list that fails is asked for once, though both executors ask', async ({ harmed, createUser }) => {
    const { db, service } = harmed;
    const { token } = await createUser();
    await db.sql`alter table badges rename to gone`;
    const { data, errors } = await service.graphql('{ viewer { goals { id } badges { id } } }', {}, { token });
    expect([data, errors]).toMatchObject([{ viewer: null }, [{ extensions: { code: 'INTERNAL' } }]]);
    // The other list's connection may be opened later than the failure is answered.
    await expect.poll(() => service.statements).toHaveLength(2);
    expect(service.statements.filter((sql) => sql.includes('"badges"'))).toHaveLength(1);
    expect(service.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
