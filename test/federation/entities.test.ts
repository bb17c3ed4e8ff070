import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

const QUERY = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on User { id badges { name } goals { title } statistics { totalBadges totalGoals level } }
    ... on Badge { id name user { id badges { name } } }
    ... on LearningGoal { id title status user { id } }
  }
}`;

/** No token: gateways ask for people on behalf of anybody. */
function ask(service: Service, representations: unknown) {
  return service.graphql(QUERY, { representations });
}

const user = (id: unknown) => ({ __typename: 'User', id });
const withNothing = (id: string) => ({
  __typename: 'User',
  id,
  badges: [],
  goals: [],
  statistics: { totalBadges: 0, totalGoals: 0, level: 1 },
});

/** A person with these badges and goals, newest last. */
async function furnish(db: TestDatabase, { id, badges = [], goals = [] }: Furniture): Promise<Furnished> {
  await db.sql`insert into auth_users (id) values (${id})`;
  const madeBadges = await db.sql<{ id: string }[]>`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select ${id}, name, 'x', '/x.svg', '2026-01-01'::timestamptz + place * interval '1 day'
    from unnest(${badges}::text[]) with ordinality as made (name, place) returning id`;
  const madeGoals = await db.sql<{ id: string }[]>`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
    select ${id}, title, 'paused', 0, '2026-01-01'::timestamptz + place * interval '1 day', now()
    from unnest(${goals}::text[]) with ordinality as made (title, place) returning id`;
  return { id, badgeIds: madeBadges.map((row) => row.id), goalIds: madeGoals.map((row) => row.id) };
}

interface Furniture {
  id: string;
  badges?: string[];
  goals?: string[];
}

interface Furnished {
  id: string;
  badgeIds: string[];
  goalIds: string[];
}

const freshId = () => `someone-${crypto.randomUUID()}`;

describe('people by reference', () => {
  it('come with what they earned and work towards, to anybody who asks', async ({ service, db }) => {
    const ada = await furnish(db, { id: freshId(), badges: ['First', 'Second'], goals: ['Swim'] });
    const { status, data, errors } = await ask(service, [user(ada.id)]);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data._entities).toEqual([
      {
        __typename: 'User',
        id: ada.id,
        badges: [{ name: 'Second' }, { name: 'First' }],
        goals: [{ title: 'Swim' }],
        statistics: { totalBadges: 2, totalGoals: 1, level: 1 },
      },
    ]);
  });

  it('come in the order in which they were asked for', async ({ service, db }) => {
    const ids = [freshId(), freshId(), freshId()];
    for (const id of ids) await furnish(db, { id, badges: [`of ${id}`] });
    for (const order of [ids, ids.toReversed()]) {
      const { data } = await ask(service, order.map(user));
      expect(data._entities.map((user: Json) => [user.id, user.badges])).toEqual(
        order.map((id) => [id, [{ name: `of ${id}` }]]),
      );
    }
  });

  it('come as often as they were asked for', async ({ service, db }) => {
    const [one, two] = [await furnish(db, { id: freshId(), badges: ['One'] }), { id: freshId() }];
    const { data, errors } = await ask(
      service,
      [one, two, one, one].map(({ id }) => user(id)),
    );
    expect(errors).toBeUndefined();
    expect(data._entities.map(({ id, badges }: Json) => [id, badges.length])).toEqual([
      [one.id, 1],
      [two.id, 0],
      [one.id, 1],
      [one.id, 1],
    ]);
  });

  it('whom nobody has heard of come with nothing, and are never null', async ({ service, auth }) => {
    const id = freshId();
    auth.calls.clear();
    const { data, errors } = await ask(service, [user(id)]);
    expect({ data, errors }).toEqual({ data: { _entities: [withNothing(id)] }, errors: undefined });
    expect(auth.calls).toEqual([]);
  });

  it('leave no trace when they are read', async ({ service, db }) => {
    const before = await db.snapshot();
    await ask(service, [user(freshId()), user(freshId())]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('are told apart by the case of their ids', async ({ service, db }) => {
    const { id } = await furnish(db, { id: freshId(), badges: ['Mine'] });
    const { data } = await ask(service, [user(id), user(id.toUpperCase())]);
    expect(data._entities.map(({ badges }: Json) => badges.length)).toEqual([1, 0]);
  });

  it('answer together what each would answer alone', async ({ service, db }) => {
    const people = [freshId(), freshId(), freshId(), freshId()];
    for (const [place, id] of people.entries()) {
      await furnish(db, { id, badges: Array(place).fill('A badge'), goals: Array(place * 2).fill('A goal') });
    }
    const together = await ask(service, people.map(user));
    const alone = await Promise.all(people.map((id) => ask(service, [user(id)])));
    expect(together.data._entities).toEqual(alone.flatMap(({ data }) => data._entities));
  });

  it('are the same whether or not the request has a token, and whoever’s it is', async ({
    service,
    db,
    createUser,
  }) => {
    const { id } = await furnish(db, { id: freshId(), badges: ['Mine'], goals: ['My own'] });
    const { token } = await createUser();
    const anonymous = await ask(service, [user(id)]);
    const signedIn = await service.graphql(QUERY, { representations: [user(id)] }, { token });
    expect(signedIn.body).toEqual(anonymous.body);
  });
});

describe('badges and goals by reference', () => {
  it('come with their owner, in the order asked, beside people', async ({ service, db }) => {
    const { id, badgeIds, goalIds } = await furnish(db, {
      id: freshId(),
      badges: ['First', 'Second'],
      goals: ['Swim'],
    });
    const { data, errors } = await ask(service, [
      { __typename: 'LearningGoal', id: goalIds[0] },
      { __typename: 'Badge', id: badgeIds[1] },
      user(id),
      { __typename: 'Badge', id: badgeIds[0] },
      { __typename: 'Badge', id: badgeIds[1] },
    ]);
    const badges = [{ name: 'Second' }, { name: 'First' }];
    const second = { __typename: 'Badge', id: badgeIds[1], name: 'Second', user: { id, badges } };
    expect(errors).toBeUndefined();
    expect(data._entities).toMatchObject([
      { __typename: 'LearningGoal', id: goalIds[0], title: 'Swim', status: 'PAUSED', user: { id } },
      second,
      { __typename: 'User', id },
      { ...second, id: badgeIds[0], name: 'First' },
      second,
    ]);
  });

  it.for(['Badge', 'LearningGoal'])('that do not exist cost only themselves: %s', async (__typename, { service }) => {
    const { status, data, errors } = await ask(service, [user('ada'), { __typename, id: '987654321' }, user('bob')]);
    expect(status).toBe(200);
    expect(data._entities).toEqual([withNothing('ada'), null, withNothing('bob')]);
    expect(errors).toEqual([
      {
        message: `${__typename} not found`,
        path: ['_entities', 1],
        locations: expect.anything(),
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
  });

  it.for(['0', '-1', '1.5', '01', '1e3', 'x', '', '9007199254740992', '1\u0000', ' 1'])(
    'have whole numbers as ids: %j costs only itself',
    async (id, { service }) => {
      const { data, errors } = await ask(service, [user('ada'), { __typename: 'Badge', id }]);
      expect(data._entities).toEqual([withNothing('ada'), null]);
      expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT', field: 'id' } }]);
    },
  );
});

const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

const MALFORMED: [string, unknown][] = [
  ['a type of another subgraph', { __typename: 'Course', id: 'ada' }],
  ['a type that is no entity', { __typename: 'BadgeConnection', id: 'ada' }],
  ['the query itself', { __typename: 'Query', id: 'ada' }],
  ['a name that every object has', { __typename: 'constructor', id: 'ada' }],
  ['no type', { id: 'ada' }],
  ['a type that is no string', { __typename: ['User'], id: 'ada' }],
  ['no id', { __typename: 'User' }],
  ['another key', { __typename: 'User', username: 'ada' }],
  ['a null id', user(null)],
  ['an object as id', user({ a: 1 })],
  ['a list as id', user(['ada'])],
  ['a truth as id', user(true)],
  ['a number as id', user(7)],
  ['a fraction as id', user(1.5)],
  ['an empty id', user('')],
  ['a way up as id', user('..')],
  ['a path as id', user('../admin')],
  ['an encoded path as id', user('%2e%2e')],
  ['a NUL in the id', user('a\u0000b')],
  ['a line break in the id', user('a\r\nX-Admin: 1')],
  ['a quote in the id', user('a"},{"b')],
  ['half a surrogate pair as id', user('a\ud800')],
  ['an id that is too long', user('a'.repeat(129))],
  ['the word that REST has for the caller', user('me')],
  ['an id of two thousand levels', user(deep(2000))],
  ['a text', 'ada'],
  ['a number', 1],
  ['a truth', true],
  ['a list', ['User', 'ada']],
  ['an empty object', {}],
];

describe('a representation that is no reference costs only its own item', () => {
  it.for(MALFORMED)('%s', async ([, malformed], { service }) => {
    const { status, data, errors } = await ask(service, [user('ada'), malformed, user('bob')]);
    expect(status).toBe(200);
    expect(data._entities).toEqual([withNothing('ada'), null, withNothing('bob')]);
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('and asks nobody about it', async ({ service, auth }) => {
    service.statements.clear();
    auth.calls.clear();
    const all = MALFORMED.map(([, malformed]) => malformed);
    const { data, errors } = await ask(service, all);
    expect(data._entities).toEqual(all.map(() => null));
    expect(errors?.map(({ path }) => path)).toEqual(all.map((_, place) => ['_entities', place]));
    expect([...service.statements, ...auth.calls]).toEqual([]);
  });

  it('but null, which no list of representations may have, costs the request', async ({ service }) => {
    const { status, errors } = await ask(service, [user('ada'), null]);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('also where it is written into the query', async ({ service }) => {
    const { data, errors } = await service.graphql(
      '{ _entities(representations: [{ __typename: "User", id: 5 }, { __typename: "User", id: "ada" }]) { ... on User { id } } }',
    );
    expect(data._entities).toEqual([null, { id: 'ada' }]);
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('how many representations one request may have', () => {
  it('is 1,000 by default, and one more is one clear error before any work', async ({ service }) => {
    const people = Array.from({ length: 1001 }, (_, place) => user(`person-${place}`));
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { badges { id } } } }';
    const most = await service.graphql(query, { of: people.slice(0, 1000) });
    expect(most.errors).toBeUndefined();
    expect(most.data._entities).toHaveLength(1000);
    service.statements.clear();
    const tooMany = await service.graphql(query, { of: people });
    expect(tooMany.status).toBeLessThan(500);
    expect(tooMany.data).toBeNull();
    expect(tooMany.errors).toMatchObject([
      {
        message: 'representations must have at most 1000 items',
        path: ['_entities'],
        extensions: { code: 'BAD_USER_INPUT', field: 'representations' },
      },
    ]);
    expect(service.statements).toEqual([]);
  });

  it('is what MAX_ENTITIES says', async ({ serve }) => {
    const service = await serve({ MAX_ENTITIES: '2' });
    expect((await ask(service, [user('a'), user('b')])).errors).toBeUndefined();
    expect((await ask(service, [user('a'), user('a'), user('a')])).errors).toHaveLength(1);
  });

  it('may be none', async ({ service }) => {
    expect((await ask(service, [])).body).toEqual({ data: { _entities: [] } });
  });
});
