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

const RECORD = `mutation ($activities: [RecordActivityInput!]!) {
  recordActivities(input: { activities: $activities }) { results { status } }
}`;

const newIds = (count: number) => Array.from({ length: count }, () => `user-${crypto.randomUUID()}`);
const references = (ids: string[]) => ({ representations: ids.map((id) => ({ __typename: 'User', id })) });

/** Inserts `per` badges and goals for each user but every fifth, and returns the users that have them. */
async function insertLists({ sql }: TestDatabase, ids: string[], per = 3) {
  const usersWithLists = ids.filter((_, index) => index % 5 !== 4);
  await sql`insert into auth_users (id) select unnest(${usersWithLists}::text[])`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select user_id, 'A badge', 'x', '/x.svg', now() from unnest(${usersWithLists}::text[]) user_id, generate_series(1, ${per}::int)`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
    select user_id, 'A goal', 'paused', 0, now(), now() from unnest(${usersWithLists}::text[]) user_id, generate_series(1, ${per}::int)`;
  return usersWithLists;
}

describe('the entities of many users', () => {
  it.for([1, 20, 200])(
    'take one statement for each list, for any number of users: %i',
    async (count, { service, db, auth }) => {
      const ids = newIds(count);
      await insertLists(db, ids);
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
      // Two lists of badges, two lists of goals, and a count of each.
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
  ] as const)(
    'take, for %s %s, this number of statements: %i',
    async ([field, selection, statements], { service, db }) => {
      const ids = newIds(30);
      await insertLists(db, ids);
      service.statements.clear();
      await service.graphql(ENTITIES(field + selection), references(ids));
      expect(service.statements).toHaveLength(statements);
    },
  );

  it.for([
    ['streak { totalDays }', { streak: { totalDays: 1 } }],
    [
      'activityCalendar(from: "2026-03-01", to: "2026-03-02") { count }',
      { activityCalendar: [{ count: 2 }, { count: 0 }] },
    ],
    ['activities(first: 1) { nodes { verb } }', { activities: { nodes: [{ verb: 'practice' }] } }],
    ['activities(first: 5, verb: "read") { nodes { verb } }', { activities: { nodes: [{ verb: 'read' }] } }],
  ] as const)(
    'take one statement for the activities of 30 users: %s',
    async ([selection, expected], { service, auth }) => {
      const ids = newIds(30);
      const token = await auth.token('tracker', { scope: 'activity:write activity:import activity:read' });
      const activities = ids.slice(0, 20).flatMap((userId) => [
        { userId, eventId: 'older', verb: 'read', occurredAt: '2026-03-01T09:30:00Z' },
        { userId, eventId: 'newer', verb: 'practice', occurredAt: '2026-03-01T10:30:00Z' },
      ]);
      expect((await service.graphql(RECORD, { activities }, { token })).errors).toBeUndefined();
      service.statements.clear();
      const { data } = await service.graphql(ENTITIES(selection), references(ids), { token });
      expect(service.statements).toHaveLength(1);
      expect(data._entities.slice(0, 20)).toEqual(ids.slice(0, 20).map((id) => ({ id, ...expected })));
      expect(data._entities).toHaveLength(30);
    },
  );

  it('share statements between concurrent requests', async ({ service, db }) => {
    const ids = newIds(20);
    await insertLists(db, ids);
    const requestAll = () =>
      Promise.all(ids.map((id) => service.graphql(ENTITIES('badges { name user { id } }'), references([id]))));
    // Opens the connections, so that the next requests arrive together.
    await requestAll();
    service.statements.clear();
    const responses = await requestAll();
    expect(responses.map(({ data }) => data._entities[0].id)).toEqual(ids);
    for (const [index, { data }] of responses.entries()) {
      const badge = { name: 'A badge', user: { id: ids[index] } };
      expect(data._entities[0].badges).toEqual(index % 5 === 4 ? [] : [badge, badge, badge]);
    }
    expect(service.statements.length).toBeLessThan(10);
  });

  it('take no statement when only references are selected', async ({ service, auth }) => {
    service.statements.clear();
    auth.calls.clear();
    const { data } = await service.graphql(ENTITIES(''), references(newIds(50)));
    expect(data._entities).toHaveLength(50);
    expect([...service.statements, ...auth.calls]).toEqual([]);
  });

  it('take one statement for each distinct set of arguments', async ({ service, db }) => {
    const ids = newIds(40);
    await insertLists(db, ids);
    service.statements.clear();
    const aliases = 'two: badges(first: 2) { id } one: badges(first: 1) { id } again: badges(first: 2) { name }';
    const { data } = await service.graphql(ENTITIES(aliases), references(ids));
    expect(data._entities[0]).toMatchObject({ two: [{}, {}], one: [{}], again: [{}, {}] });
    expect(service.statements).toHaveLength(2);
  });

  it('take one statement for duplicate representations', async ({ service, db }) => {
    const [id = ''] = newIds(1);
    await insertLists(db, [id]);
    service.statements.clear();
    const { data } = await service.graphql(ENTITIES('badges { id }'), references(Array(20).fill(id)));
    expect(data._entities).toHaveLength(20);
    expect(service.statements).toHaveLength(1);
  });

  it('take one statement for each level: users, their badges, the users of these and their goals', async ({
    service,
    db,
  }) => {
    const ids = newIds(25);
    await insertLists(db, ids);
    service.statements.clear();
    const levels = 'badges(first: 10) { user { goals(first: 10) { user { id } } } }';
    const { data } = await service.graphql(ENTITIES(levels), references(ids));
    expect(data._entities[0].badges[0].user.goals[0]).toEqual({ user: { id: ids[0] } });
    expect(service.statements).toHaveLength(2);
  });
});

describe('the entities of badges and goals', () => {
  it.for([1, 20, 200])('take one statement for each type: %i', async (count, { service, db, auth }) => {
    const [userId = ''] = await insertLists(db, newIds(1), count);
    const badges = await db.sql`select id from badges where auth_user_id = ${userId}`;
    const goals = await db.sql`select id from learning_goals where auth_user_id = ${userId}`;
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
    expect(data._entities.map(({ user }: Json) => user.id)).toEqual(Array(count * 2).fill(userId));
    expect(service.statements).toHaveLength(2);
    expect(auth.calls).toEqual([]);
  });

  it('take one statement for any number of aliases', async ({ service, db }) => {
    const [userId = ''] = await insertLists(db, newIds(1), 10);
    const badges = await db.sql`select id from badges where auth_user_id = ${userId}`;
    service.statements.clear();
    const aliases = badges.map(({ id }, index) => `b${index}: badge(id: "${id}") { name }`);
    const { data } = await service.graphql(`{ ${aliases.join(' ')} }`);
    expect(Object.values(data)).toEqual(badges.map(() => ({ name: 'A badge' })));
    expect(service.statements).toHaveLength(1);
  });
});

describe('the lookup of users', () => {
  const learnerFields = (ids: string[]) => ids.map((id, index) => `u${index}: learner(id: "${id}") { id }`).join(' ');

  it.for([
    [1, 1],
    [100, 1],
    [101, 2],
    [200, 2],
  ] as const)(
    'takes one call of the auth-service for each 100 users: %i',
    async ([count, calls], { service, auth }) => {
      const ids = newIds(count);
      for (const id of ids) auth.add({ id });
      auth.calls.clear();
      service.statements.clear();
      const { data, errors } = await service.graphql(`{ ${learnerFields(ids)} }`);
      expect(errors).toBeUndefined();
      expect(Object.values(data)).toEqual(ids.map((id) => ({ id })));
      const batches = auth
        .callsTo('graphql')
        .map(({ body }) => body.variables.representations.map(({ id }: Json) => id));
      expect(batches).toHaveLength(calls);
      expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(100);
      expect(batches.flat().sort()).toEqual(ids.toSorted());
      expect(service.statements).toEqual([]);
    },
  );

  it('takes one call for a user, in one request and in later requests', async ({ service, auth }) => {
    const [id = ''] = newIds(1);
    auth.add({ id });
    auth.calls.clear();
    await service.graphql(`{ ${learnerFields([id, id, id])} }`);
    expect(auth.callsTo('graphql').map(({ body }) => body.variables.representations)).toEqual([
      [{ __typename: 'User', id }],
    ]);
    await service.graphql(`{ ${learnerFields([id])} }`);
    expect(auth.callsTo('graphql')).toHaveLength(1);
  });

  it('takes no call for the viewer, whose id is in the token', async ({ service, auth, createUser }) => {
    const { id, token } = await createUser();
    auth.calls.clear();
    const { data } = await service.graphql('{ viewer { id badges { id } statistics { level } } }', {}, { token });
    expect(data.viewer).toEqual({ id, badges: [], statistics: { level: 1 } });
    expect(auth.callsTo('graphql')).toEqual([]);
  });
});
