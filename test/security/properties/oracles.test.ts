import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { isStorable } from '../rules.ts';
import { it as base, type Target } from '../target.ts';
import { anyText } from './arbitraries.ts';
import { assertProperty, type SendRequest } from './property.ts';

const BADGE = 'id name description iconUrl dateAchieved user { id }';
const GOAL =
  'id title description status streakCount createdAt updatedAt targetQuantity dueOn timesPerWeek user { id }';
const ENTITIES = `query ($r: [_Any!]!, $n: Int, $s: [GoalStatus!]) { _entities(representations: $r) {
  __typename
  ... on User { id badges(first: $n) { ${BADGE} } goals(status: $s) { ${GOAL} }
    badgesConnection(first: $n) { totalCount pageInfo { endCursor hasNextPage } } statistics { totalBadges totalGoals level } }
  ... on Badge { ${BADGE} user { goals { id } } }
  ... on LearningGoal { ${GOAL.replace('description', 'about: description')} user { badges(first: 2) { id } } }
} }`;

const USERS = Array.from({ length: 12 }, (_, i) => `user-${i}`);
const STATES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'];

/** Users with up to twelve badges and goals, some at equal instants. */
const it = base.extend('users', { scope: 'file' }, async ({ target: { db } }) => {
  for (const [i, user] of USERS.entries()) {
    await db.sql`insert into auth_users (id) values (${user})`;
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${user}, 'badge ' || n, 'x', '/x', '2026-03-01'::timestamptz + (n / 2) * interval '1 hour'
      from generate_series(1, ${i}::int) n`;
    await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, completed_at)
      select ${user}, 'goal ' || n, state, n, '2026-03-01'::timestamptz + (n / 3) * interval '1 hour', now(),
        case state when 'completed' then now() end
      from generate_series(1, ${12 - i}::int) n, lateral (select (${STATES}::text[])[1 + n % 5] as state) states`;
  }
  return USERS;
});

const reference = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...USERS, 'unknown-user').map((id) => ({ __typename: 'User', id })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 80 }).map((id) => ({ __typename: 'Badge', id: String(id) })) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 80 }).map((id) => ({ __typename: 'LearningGoal', id: String(id) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { __typename: 'User', id: '..' },
      { __typename: 'Badge', id: 'x' },
      { __typename: 'Unknown', id: '1' },
    ),
  },
);
const variables = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  s: fc.option(fc.subarray(['NOT_STARTED', 'IN_PROGRESS', 'PAUSED', 'COMPLETED', 'ARCHIVED'])),
});

/** Returns the result of each representation: the entity, or its error code. */
async function entities(request: SendRequest, variables: { r: Json[] }): Promise<Json[]> {
  const { body } = await request({ graphql: ENTITIES, variables });
  const failed = new Map((body.errors ?? []).map((error: Json) => [error.path[1], error]));
  return body.data._entities.map((entity: Json, index: number) => {
    const error: Json = failed.get(index);
    return error === undefined ? entity : { entity, code: error.extensions.code, depth: error.path.length };
  });
}

describe('a batch has the same results as its single requests', () => {
  it('for representations in any order and number', { timeout: 60_000 }, async ({ target, users }) => {
    expect(users).toHaveLength(12);
    const values = fc.record({ r: fc.array(reference, { minLength: 1, maxLength: 6 }), rest: variables });
    await assertProperty(target, { values, runs: 60 }, async ({ r, rest }, request) => {
      const batch = await entities(request, { r, ...rest });
      for (const [index, one] of r.entries()) {
        expect([batch[index]]).toEqual(await entities(request, { r: [one], ...rest }));
      }
      expect(await entities(request, { r: r.toReversed(), ...rest })).toEqual(batch.toReversed());
    });
  });

  it('for aliased fields in any order', { timeout: 60_000 }, async ({ target, users }) => {
    const fields = fc.uniqueArray(
      fc.oneof(
        fc
          .record({ field: fc.constantFrom('badges', 'goals'), first: fc.integer({ min: 1, max: 5 }) })
          .map(({ field, first }) => `${field}(first: ${first}) { id user { id } }`),
        fc
          .record({
            field: fc.constantFrom('badgesConnection', 'goalsConnection'),
            first: fc.integer({ min: 1, max: 5 }),
          })
          .map(({ field, first }) => `${field}(first: ${first}) { totalCount nodes { id } edges { cursor } }`),
        fc.constantFrom('statistics { level totalGoals }', 'id', '__typename', 'goals(status: [PAUSED]) { title }'),
      ),
      { minLength: 2, maxLength: 5 },
    );
    const values = fc.record({ id: fc.constantFrom(...users), fields }).chain(({ id, fields: all }) => {
      const aliased = all.map((field, i) => `a${i}: ${field}`);
      return fc.record({
        id: fc.constant(id),
        aliased: fc.constant(aliased),
        shuffled: fc.shuffledSubarray(aliased, { minLength: aliased.length }),
      });
    });
    await assertProperty(target, { values, runs: 60 }, async ({ id, aliased, shuffled }, request) => {
      const select = (selected: string[]) => ({
        graphql: `{ _entities(representations: [{ __typename: "User", id: "${id}" }]) { ... on User { ${selected.join(' ')} } } }`,
      });
      const whole = (await request(select(aliased))).body;
      expect(whole.errors).toBeUndefined();
      expect((await request(select(shuffled))).body).toEqual(whole);
      const single = await Promise.all(
        aliased.map(async (field) => (await request(select([field]))).body.data._entities[0]),
      );
      expect(Object.assign({}, ...single)).toEqual(whole.data._entities[0]);
    });
  });
});

/** Converts a GraphQL object to its REST representation. */
const toRest = (object: Json) => {
  const { id, iconUrl, dateAchieved, streakCount, createdAt, updatedAt, status, user, ...rest } = object;
  const { targetQuantity, dueOn, timesPerWeek, ...same } = rest;
  return JSON.parse(
    JSON.stringify({
      ...same,
      id: Number(id),
      icon_url: iconUrl,
      date_achieved: dateAchieved,
      streak_count: streakCount,
      created_at: createdAt,
      updated_at: updatedAt,
      status: status?.toLowerCase().replace('_', '-'),
      auth_user_id: user.id,
      target_quantity: targetQuantity,
      due_on: dueOn,
      times_per_week: timesPerWeek,
    }),
  );
};

/** The columns that no response of a create shows. */
const HIDDEN = {
  badges: ['source', 'status', 'definition_key', 'definition_version', 'award_key', 'revoked_at', 'revoked_reason'],
  learning_goals: ['completed_at', 'version', 'streak_written_at', 'first_activity_on', 'streak_base'],
} as const;

async function rowOf({ db: { sql } }: Target, table: keyof typeof HIDDEN, id: number): Promise<Json> {
  const [row] = await sql`
    select to_jsonb(t) - ${[...HIDDEN[table]]}::text[] as row from ${sql(table)} t where id = ${id}`;
  const instants = Object.entries(row?.row).filter(([name]) => /_at$|^date_/.test(name));
  return {
    ...row?.row,
    ...Object.fromEntries(instants.map(([name, text]) => [name, new Date(String(text)).toISOString()])),
  };
}

describe('a created object is equal in REST, in GraphQL and in its row', () => {
  const texts = (max: number) => anyText(max).filter((text) => isStorable(text, max));
  const goals = fc.record(
    {
      title: texts(200),
      description: fc.option(texts(2000)),
      status: fc.constantFrom(...STATES, 'in_progress', 'not_started'),
      streak_count: fc.nat(2_147_483_647),
    },
    { requiredKeys: ['title'] },
  );
  const badges = fc.record({
    name: texts(100),
    description: texts(500),
    icon_url: fc.webUrl({ withQueryParameters: true }),
  });

  it.for(['goals', 'badges'] as const)('for %s', { timeout: 60_000 }, async (kind, { target }) => {
    const isGoals = kind === 'goals';
    const values: fc.Arbitrary<object> = isGoals ? goals : badges;
    const query = isGoals
      ? `query ($id: ID!) { created: goal(id: $id) { ${GOAL} } }`
      : `query ($id: ID!) { created: badge(id: $id) { ${BADGE} } }`;
    await assertProperty(target, { values, runs: 50 }, async (body, request) => {
      const { status, body: created } = await request({ path: `/users/ada/${kind}`, token: target.ada.token, body });
      expect(status, JSON.stringify(created)).toBe(200);
      expect(toRest((await request({ graphql: query, variables: { id: created.id } })).body.data.created)).toEqual(
        created,
      );
      expect((await request({ path: `/users/ada/${kind}?limit=1` })).body).toEqual([created]);
      expect(await rowOf(target, isGoals ? 'learning_goals' : 'badges', created.id)).toEqual(withFullInstants(created));
    });
  });
});

/** Rewrites instants with milliseconds: the service omits a zero fraction. */
function withFullInstants(created: Json): Json {
  const instants = Object.entries(created).filter(([name]) => /_at$|^date_/.test(name));
  return {
    ...created,
    ...Object.fromEntries(instants.map(([name, text]) => [name, new Date(String(text)).toISOString()])),
  };
}
