import type { TestDatabase } from '../support/database.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

const ENTITIES = (selection: string) => `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on User { id ${selection} } }
}`;

const EVERYTHING = `
  badges { name user { id } }
  goals(status: [PAUSED, COMPLETED]) { title user { id } }
  badgesConnection(first: 2) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage } }
  goalsConnection(first: 2) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage } }
  statistics { totalBadges totalGoals level }`;

const people = (count: number) => Array.from({ length: count }, () => `learner-${crypto.randomUUID()}`);
const references = (ids: string[]) => ({ representations: ids.map((id) => ({ __typename: 'User', id })) });

/** `per` badges and goals for everybody but every fifth person. */
async function furnish({ sql }: TestDatabase, ids: string[], per = 3) {
  const owners = ids.filter((_, place) => place % 5 !== 4);
  await sql`insert into auth_users (id) select unnest(${owners}::text[])`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select owner, 'A badge', 'x', '/x.svg', now() from unnest(${owners}::text[]) owner, generate_series(1, ${per}::int)`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
    select owner, 'A goal', 'paused', 0, now(), now() from unnest(${owners}::text[]) owner, generate_series(1, ${per}::int)`;
  return owners;
}

describe('the entities of many people cost', () => {
  it.for([1, 20, 200])(
    'one statement for each list, whatever their number: %i',
    async (count, { service, db, auth }) => {
      const ids = people(count);
      await furnish(db, ids);
      service.statements.clear();
      auth.calls.clear();
      const { data, errors } = await service.graphql(ENTITIES(EVERYTHING), references(ids));
      expect(errors).toBeUndefined();
      expect(data._entities.map(({ id }: Json) => id)).toEqual(ids);
      expect(data._entities[0]).toMatchObject({
        badges: [{ name: 'A badge', user: { id: ids[0] } }, {}, {}],
        goals: [{ title: 'A goal' }, {}, {}],
        badgesConnection: { totalCount: 3, nodes: [{}, {}], pageInfo: { hasNextPage: true } },
        goalsConnection: { totalCount: 3, nodes: [{}, {}], pageInfo: { hasNextPage: true } },
        statistics: { totalBadges: 3, totalGoals: 3, level: 1 },
      });
      // Two lists of badges, two of goals, and how many there are of each.
      expect(service.statements).toHaveLength(6);
      expect(auth.calls).toEqual([]);
    },
  );

  it.for([
    ['badges', '{ id }', 1],
    ['goals', '{ id }', 1],
    ['badgesConnection', '{ nodes { id } }', 1],
    ['badgesConnection', '{ totalCount nodes { id } }', 2],
    ['goalsConnection', '{ totalCount nodes { id } }', 2],
    ['statistics', '{ totalBadges level }', 1],
    ['statistics', '{ totalBadges totalGoals level }', 2],
  ] as const)('for %s %s: %i', async ([field, selection, statements], { service, db }) => {
    const ids = people(30);
    await furnish(db, ids);
    service.statements.clear();
    await service.graphql(ENTITIES(field + selection), references(ids));
    expect(service.statements).toHaveLength(statements);
  });

  it('less than that when others ask at the same time', async ({ service, db }) => {
    const ids = people(20);
    await furnish(db, ids);
    const askForAll = () =>
      Promise.all(ids.map((id) => service.graphql(ENTITIES('badges { name user { id } }'), references([id]))));
    // From here on there is a connection for each, so that all arrive together.
    await askForAll();
    service.statements.clear();
    const answers = await askForAll();
    expect(answers.map(({ data }) => data._entities[0].id)).toEqual(ids);
    for (const [place, { data }] of answers.entries()) {
      const badge = { name: 'A badge', user: { id: ids[place] } };
      expect(data._entities[0].badges).toEqual(place % 5 === 4 ? [] : [badge, badge, badge]);
    }
    expect(service.statements.length).toBeLessThan(10);
  });

  it('nothing at all where only references are asked for', async ({ service, auth }) => {
    service.statements.clear();
    auth.calls.clear();
    const { data } = await service.graphql(ENTITIES(''), references(people(50)));
    expect(data._entities).toHaveLength(50);
    expect([...service.statements, ...auth.calls]).toEqual([]);
  });

  it('one statement more for each other set of arguments, and none for the same set again', async ({ service, db }) => {
    const ids = people(40);
    await furnish(db, ids);
    service.statements.clear();
    const aliases = 'two: badges(first: 2) { id } one: badges(first: 1) { id } again: badges(first: 2) { name }';
    const { data } = await service.graphql(ENTITIES(aliases), references(ids));
    expect(data._entities[0]).toMatchObject({ two: [{}, {}], one: [{}], again: [{}, {}] });
    expect(service.statements).toHaveLength(2);
  });

  it('as much for duplicates as for the person once', async ({ service, db }) => {
    const [id = ''] = people(1);
    await furnish(db, [id]);
    service.statements.clear();
    const { data } = await service.graphql(ENTITIES('badges { id }'), references(Array(20).fill(id)));
    expect(data._entities).toHaveLength(20);
    expect(service.statements).toHaveLength(1);
  });

  it('one statement for each level, from people to badges, to their owners, to the owners’ goals', async ({
    service,
    db,
  }) => {
    const ids = people(25);
    await furnish(db, ids);
    service.statements.clear();
    const levels = 'badges(first: 10) { user { goals(first: 10) { user { id } } } }';
    const { data } = await service.graphql(ENTITIES(levels), references(ids));
    expect(data._entities[0].badges[0].user.goals[0]).toEqual({ user: { id: ids[0] } });
    expect(service.statements).toHaveLength(2);
  });
});

describe('badges and goals by reference cost', () => {
  it.for([1, 20, 200])('one statement for each type: %i', async (count, { service, db, auth }) => {
    const [owner = ''] = await furnish(db, people(1), count);
    const badges = await db.sql`select id from badges where auth_user_id = ${owner}`;
    const goals = await db.sql`select id from learning_goals where auth_user_id = ${owner}`;
    const representations = [
      ...badges.map(({ id }) => ({ __typename: 'Badge', id })),
      ...goals.map(({ id }) => ({ __typename: 'LearningGoal', id })),
    ];
    service.statements.clear();
    auth.calls.clear();
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Badge { name user { id } } ... on LearningGoal { title user { id } }
    } }`;
    const { data, errors } = await service.graphql(query, { representations });
    expect(errors).toBeUndefined();
    expect(data._entities.map(({ user }: Json) => user.id)).toEqual(Array(count * 2).fill(owner));
    expect(service.statements).toHaveLength(2);
    expect(auth.calls).toEqual([]);
  });

  it('one statement where the query asks for them one by one', async ({ service, db }) => {
    const [owner = ''] = await furnish(db, people(1), 10);
    const badges = await db.sql`select id from badges where auth_user_id = ${owner}`;
    service.statements.clear();
    const aliases = badges.map(({ id }, place) => `b${place}: badge(id: "${id}") { name }`);
    const { data } = await service.graphql(`{ ${aliases.join(' ')} }`);
    expect(Object.values(data)).toEqual(badges.map(() => ({ name: 'A badge' })));
    expect(service.statements).toHaveLength(1);
  });
});

describe('looking people up costs', () => {
  const learners = (ids: string[]) => ids.map((id, place) => `p${place}: learner(id: "${id}") { id }`).join(' ');

  it.for([
    [1, 1],
    [100, 1],
    [101, 2],
    [250, 3],
  ] as const)('one call of the auth-service for every hundred: %i', async ([count, calls], { service, auth }) => {
    const ids = people(count);
    for (const id of ids) auth.add({ id });
    auth.calls.clear();
    service.statements.clear();
    const { data, errors } = await service.graphql(`{ ${learners(ids)} }`);
    expect(errors).toBeUndefined();
    expect(Object.values(data)).toEqual(ids.map((id) => ({ id })));
    const asked = auth.callsTo('graphql').map(({ body }) => body.variables.representations.map(({ id }: Json) => id));
    expect(asked).toHaveLength(calls);
    expect(Math.max(...asked.map((batch) => batch.length))).toBeLessThanOrEqual(100);
    expect(asked.flat().sort()).toEqual(ids.toSorted());
    expect(service.statements).toEqual([]);
  });

  it('nothing twice: neither within a request nor in the next', async ({ service, auth }) => {
    const [id = ''] = people(1);
    auth.add({ id });
    auth.calls.clear();
    await service.graphql(`{ ${learners([id, id, id])} }`);
    expect(auth.callsTo('graphql').map(({ body }) => body.variables.representations)).toEqual([
      [{ __typename: 'User', id }],
    ]);
    await service.graphql(`{ ${learners([id])} }`);
    expect(auth.callsTo('graphql')).toHaveLength(1);
  });

  it('nothing for the caller, whom the token vouches for', async ({ service, auth, createUser }) => {
    const { id, token } = await createUser();
    auth.calls.clear();
    const { data } = await service.graphql('{ viewer { id badges { id } statistics { level } } }', {}, { token });
    expect(data.viewer).toEqual({ id, badges: [], statistics: { level: 1 } });
    expect(auth.callsTo('graphql')).toEqual([]);
  });
});
