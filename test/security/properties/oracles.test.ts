import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { isStorable } from '../rules.ts';
import { it as base, type Stage } from '../stage.ts';
import { anyText } from './arbitraries.ts';
import { type Ask, holds } from './property.ts';

const BADGE = 'id name description iconUrl dateAchieved user { id }';
const GOAL = 'id title description status streakCount createdAt updatedAt user { id }';
const ENTITIES = `query ($r: [_Any!]!, $n: Int, $s: [GoalStatus!]) { _entities(representations: $r) {
  __typename
  ... on User { id badges(first: $n) { ${BADGE} } goals(status: $s) { ${GOAL} }
    badgesConnection(first: $n) { totalCount pageInfo { endCursor hasNextPage } } statistics { totalBadges totalGoals level } }
  ... on Badge { ${BADGE} user { goals { id } } }
  ... on LearningGoal { ${GOAL.replace('description', 'about: description')} user { badges(first: 2) { id } } }
} }`;

const OWNERS = Array.from({ length: 12 }, (_, i) => `owner-${i}`);
const STATES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'];

/** People with a few badges and goals each, or none, at instants of which some are the same. */
const it = base.extend('furnished', { scope: 'file' }, async ({ stage: { db } }) => {
  for (const [i, owner] of OWNERS.entries()) {
    await db.sql`insert into auth_users (id) values (${owner})`;
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${owner}, 'badge ' || n, 'x', '/x', '2026-03-01'::timestamptz + (n / 2) * interval '1 hour'
      from generate_series(1, ${i}::int) n`;
    await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, completed_at)
      select ${owner}, 'goal ' || n, state, n, '2026-03-01'::timestamptz + (n / 3) * interval '1 hour', now(),
        case state when 'completed' then now() end
      from generate_series(1, ${12 - i}::int) n, lateral (select (${STATES}::text[])[1 + n % 5] as state) states`;
  }
  return OWNERS;
});

const reference = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...OWNERS, 'nobody').map((id) => ({ __typename: 'User', id })) },
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
      { __typename: 'Nothing', id: '1' },
    ),
  },
);
const variables = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  s: fc.option(fc.subarray(['NOT_STARTED', 'IN_PROGRESS', 'PAUSED', 'COMPLETED', 'ARCHIVED'])),
});

/** What became of each representation: the entity, or the code of its own error. */
async function entities(ask: Ask, variables: { r: Json[] }): Promise<Json[]> {
  const { body } = await ask({ graphql: ENTITIES, variables });
  const failed = new Map((body.errors ?? []).map((error: Json) => [error.path[1], error]));
  return body.data._entities.map((entity: Json, place: number) => {
    const error: Json = failed.get(place);
    return error === undefined ? entity : { entity, code: error.extensions.code, depth: error.path.length };
  });
}

describe('many at once are what each is alone', () => {
  it('representations, in the order asked, however often and beside whatever', { timeout: 60_000 }, async ({
    stage,
    furnished,
  }) => {
    expect(furnished).toHaveLength(12);
    const values = fc.record({ r: fc.array(reference, { minLength: 1, maxLength: 6 }), rest: variables });
    await holds(stage, { values, runs: 60 }, async ({ r, rest }, ask) => {
      const together = await entities(ask, { r, ...rest });
      for (const [place, one] of r.entries()) {
        expect([together[place]]).toEqual(await entities(ask, { r: [one], ...rest }));
      }
      expect(await entities(ask, { r: r.toReversed(), ...rest })).toEqual(together.toReversed());
    });
  });

  it('fields under aliases, in any order', { timeout: 60_000 }, async ({ stage, furnished }) => {
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
    const values = fc.record({ id: fc.constantFrom(...furnished), fields }).chain(({ id, fields: all }) => {
      const aliased = all.map((field, i) => `a${i}: ${field}`);
      return fc.record({
        id: fc.constant(id),
        aliased: fc.constant(aliased),
        shuffled: fc.shuffledSubarray(aliased, { minLength: aliased.length }),
      });
    });
    await holds(stage, { values, runs: 60 }, async ({ id, aliased, shuffled }, ask) => {
      const select = (selected: string[]) => ({
        graphql: `{ _entities(representations: [{ __typename: "User", id: "${id}" }]) { ... on User { ${selected.join(' ')} } } }`,
      });
      const whole = (await ask(select(aliased))).body;
      expect(whole.errors).toBeUndefined();
      expect((await ask(select(shuffled))).body).toEqual(whole);
      const singly = await Promise.all(aliased.map(async (one) => (await ask(select([one]))).body.data._entities[0]));
      expect(Object.assign({}, ...singly)).toEqual(whole.data._entities[0]);
    });
  });
});

/** Of GraphQL as REST shows it. */
const wire = ({ id, iconUrl, dateAchieved, streakCount, createdAt, updatedAt, status, user, ...same }: Json) =>
  JSON.parse(
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
    }),
  );

async function rowOf({ db: { sql } }: Stage, table: string, id: number): Promise<Json> {
  const [row] =
    await sql`select to_jsonb(t) - array['source', 'completed_at', 'version'] as row from ${sql(table)} t where id = ${id}`;
  const instants = Object.entries(row?.row).filter(([name]) => /_at$|^date_/.test(name));
  return {
    ...row?.row,
    ...Object.fromEntries(instants.map(([name, text]) => [name, new Date(String(text)).toISOString()])),
  };
}

describe('what was made is the same in REST, in GraphQL and in its row', () => {
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

  it.for(['goals', 'badges'] as const)('of %s', { timeout: 60_000 }, async (kind, { stage }) => {
    const isGoals = kind === 'goals';
    const values: fc.Arbitrary<object> = isGoals ? goals : badges;
    const query = isGoals
      ? `query ($id: ID!) { made: goal(id: $id) { ${GOAL} } }`
      : `query ($id: ID!) { made: badge(id: $id) { ${BADGE} } }`;
    await holds(stage, { values, runs: 50 }, async (body, ask) => {
      const { status, body: made } = await ask({ path: `/users/ada/${kind}`, token: stage.ada.token, body });
      expect(status, JSON.stringify(made)).toBe(200);
      expect(wire((await ask({ graphql: query, variables: { id: made.id } })).body.data.made)).toEqual(made);
      expect((await ask({ path: `/users/ada/${kind}?limit=1` })).body).toEqual([made]);
      expect(await rowOf(stage, isGoals ? 'learning_goals' : 'badges', made.id)).toEqual(withFullInstants(made));
    });
  });
});

/** As JavaScript writes an instant: the service leaves out a fraction of nothing. */
function withFullInstants(made: Json): Json {
  const instants = Object.entries(made).filter(([name]) => /_at$|^date_/.test(name));
  return {
    ...made,
    ...Object.fromEntries(instants.map(([name, text]) => [name, new Date(String(text)).toISOString()])),
  };
}
