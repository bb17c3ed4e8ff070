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

/** Requests entities without a token, as a gateway does for a client without one. */
function requestEntities(service: Service, representations: unknown) {
  return service.graphql(QUERY, { representations });
}

const userReference = (id: unknown) => ({ __typename: 'User', id });
const emptyUser = (id: string) => ({
  __typename: 'User',
  id,
  badges: [],
  goals: [],
  statistics: { totalBadges: 0, totalGoals: 0, level: 1 },
});

/** Inserts a user with badges and goals, oldest first, and returns the ids. */
async function insertUser(db: TestDatabase, { id, badges = [], goals = [] }: UserData): Promise<InsertedUser> {
  await db.sql`insert into auth_users (id) values (${id})`;
  const badgeRows = await db.sql<{ id: string }[]>`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select ${id}, name, 'x', '/x.svg', '2026-01-01'::timestamptz + position * interval '1 day'
    from unnest(${badges}::text[]) with ordinality as badge (name, position) returning id`;
  const goalRows = await db.sql<{ id: string }[]>`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
    select ${id}, title, 'paused', 0, '2026-01-01'::timestamptz + position * interval '1 day', now()
    from unnest(${goals}::text[]) with ordinality as goal (title, position) returning id`;
  return { id, badgeIds: badgeRows.map((row) => row.id), goalIds: goalRows.map((row) => row.id) };
}

interface UserData {
  id: string;
  badges?: string[];
  goals?: string[];
}

interface InsertedUser {
  id: string;
  badgeIds: string[];
  goalIds: string[];
}

const newId = () => `user-${crypto.randomUUID()}`;

describe('user entities', () => {
  it('have badges, goals and statistics, also without a token', async ({ service, db }) => {
    const ada = await insertUser(db, { id: newId(), badges: ['First', 'Second'], goals: ['Swim'] });
    const { status, data, errors } = await requestEntities(service, [userReference(ada.id)]);
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

  it('are returned in the order of the representations', async ({ service, db }) => {
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await insertUser(db, { id, badges: [`of ${id}`] });
    for (const order of [ids, ids.toReversed()]) {
      const { data } = await requestEntities(service, order.map(userReference));
      expect(data._entities.map((user: Json) => [user.id, user.badges])).toEqual(
        order.map((id) => [id, [{ name: `of ${id}` }]]),
      );
    }
  });

  it('are returned once for each representation', async ({ service, db }) => {
    const [one, two] = [await insertUser(db, { id: newId(), badges: ['One'] }), { id: newId() }];
    const { data, errors } = await requestEntities(
      service,
      [one, two, one, one].map(({ id }) => userReference(id)),
    );
    expect(errors).toBeUndefined();
    expect(data._entities.map(({ id, badges }: Json) => [id, badges.length])).toEqual([
      [one.id, 1],
      [two.id, 0],
      [one.id, 1],
      [one.id, 1],
    ]);
  });

  it('are empty, not null, for an unknown user, without a call to the auth-service', async ({ service, auth }) => {
    const id = newId();
    auth.calls.clear();
    const { data, errors } = await requestEntities(service, [userReference(id)]);
    expect({ data, errors }).toEqual({ data: { _entities: [emptyUser(id)] }, errors: undefined });
    expect(auth.calls).toEqual([]);
  });

  it('add no row when they are read', async ({ service, db }) => {
    const before = await db.snapshot();
    await requestEntities(service, [userReference(newId()), userReference(newId())]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('have case-sensitive ids', async ({ service, db }) => {
    const { id } = await insertUser(db, { id: newId(), badges: ['Mine'] });
    const { data } = await requestEntities(service, [userReference(id), userReference(id.toUpperCase())]);
    expect(data._entities.map(({ badges }: Json) => badges.length)).toEqual([1, 0]);
  });

  it('are the same in one request and in separate requests', async ({ service, db }) => {
    const ids = [newId(), newId(), newId(), newId()];
    for (const [index, id] of ids.entries()) {
      await insertUser(db, { id, badges: Array(index).fill('A badge'), goals: Array(index * 2).fill('A goal') });
    }
    const together = await requestEntities(service, ids.map(userReference));
    const alone = await Promise.all(ids.map((id) => requestEntities(service, [userReference(id)])));
    expect(together.data._entities).toEqual(alone.flatMap(({ data }) => data._entities));
  });

  it('are the same without a token and with the token of another user', async ({ service, db, createUser }) => {
    const { id } = await insertUser(db, { id: newId(), badges: ['Mine'], goals: ['My own'] });
    const { token } = await createUser();
    const withoutToken = await requestEntities(service, [userReference(id)]);
    const withToken = await service.graphql(QUERY, { representations: [userReference(id)] }, { token });
    expect(withToken.body).toEqual(withoutToken.body);
  });
});

describe('badge and goal entities', () => {
  it('have their user and are returned in the order of the representations, beside user entities', async ({
    service,
    db,
  }) => {
    const { id, badgeIds, goalIds } = await insertUser(db, {
      id: newId(),
      badges: ['First', 'Second'],
      goals: ['Swim'],
    });
    const { data, errors } = await requestEntities(service, [
      { __typename: 'LearningGoal', id: goalIds[0] },
      { __typename: 'Badge', id: badgeIds[1] },
      userReference(id),
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

  it.for(['Badge', 'LearningGoal'])(
    'are null with NOT_FOUND when they do not exist, beside valid entities: %s',
    async (__typename, { service }) => {
      const { status, data, errors } = await requestEntities(service, [
        userReference('ada'),
        { __typename, id: '987654321' },
        userReference('bob'),
      ]);
      expect(status).toBe(200);
      expect(data._entities).toEqual([emptyUser('ada'), null, emptyUser('bob')]);
      expect(errors).toEqual([
        {
          message: `${__typename} not found`,
          path: ['_entities', 1],
          locations: expect.anything(),
          extensions: { code: 'NOT_FOUND', requestId: expect.any(String) },
        },
      ]);
    },
  );

  it.for(['0', '-1', '1.5', '01', '1e3', 'x', '', '9007199254740992', '1\u0000', ' 1'])(
    'are null with BAD_USER_INPUT for an invalid id, beside valid entities: %j',
    async (id, { service }) => {
      const { data, errors } = await requestEntities(service, [userReference('ada'), { __typename: 'Badge', id }]);
      expect(data._entities).toEqual([emptyUser('ada'), null]);
      expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT', field: 'id' } }]);
    },
  );
});

const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

const INVALID: [string, unknown][] = [
  ['a type of another subgraph', { __typename: 'Course', id: 'ada' }],
  ['a type that is not an entity', { __typename: 'BadgeConnection', id: 'ada' }],
  ['the query type', { __typename: 'Query', id: 'ada' }],
  ['a type named constructor', { __typename: 'constructor', id: 'ada' }],
  ['no type', { id: 'ada' }],
  ['a type that is not a string', { __typename: ['User'], id: 'ada' }],
  ['no id', { __typename: 'User' }],
  ['a field that is not the key', { __typename: 'User', username: 'ada' }],
  ['a null id', userReference(null)],
  ['an object as id', userReference({ a: 1 })],
  ['a list as id', userReference(['ada'])],
  ['a boolean as id', userReference(true)],
  ['a number as id', userReference(7)],
  ['a fraction as id', userReference(1.5)],
  ['an empty id', userReference('')],
  ['a parent directory as id', userReference('..')],
  ['a path as id', userReference('../admin')],
  ['an encoded path as id', userReference('%2e%2e')],
  ['a NUL character in the id', userReference('a\u0000b')],
  ['a line break in the id', userReference('a\r\nX-Admin: 1')],
  ['a quote in the id', userReference('a"},{"b')],
  ['an unpaired surrogate in the id', userReference('a\ud800')],
  ['an id that is too long', userReference('a'.repeat(129))],
  ['the reserved id "me"', userReference('me')],
  ['an object of two thousand levels as id', userReference(deep(2000))],
  ['a string', 'ada'],
  ['a number', 1],
  ['a boolean', true],
  ['a list', ['User', 'ada']],
  ['an empty object', {}],
];

describe('an invalid representation', () => {
  it.for(INVALID)('is null with BAD_USER_INPUT beside valid entities: %s', async ([, invalid], { service }) => {
    const { status, data, errors } = await requestEntities(service, [
      userReference('ada'),
      invalid,
      userReference('bob'),
    ]);
    expect(status).toBe(200);
    expect(data._entities).toEqual([emptyUser('ada'), null, emptyUser('bob')]);
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it.for([
    [{ __typename: 'Foo' }, 'The __typename is "Foo"'],
    [{ __typename: 'F'.repeat(1000) }, `The __typename is "${'F'.repeat(100)}"`],
    [{ __typename: ['User'] }, 'The __typename is a list'],
    [{ __typename: null }, 'The __typename is null'],
    [{ id: 'ada' }, 'The representation has no __typename'],
    ['ada', 'The representation is "ada" and no object'],
    [7, 'The representation is 7 and no object'],
  ])('has a message with its type and those that it can have: %j', async ([invalid, problem], { service }) => {
    const { errors } = await requestEntities(service, [invalid]);
    const types = ['Activity', 'Badge', 'BadgeDefinition', 'LearningGoal', 'User'];
    const [text, list = ''] = String(errors?.[0].message).split(': expected the entity type ');
    expect([text, list.split(/, | or /).sort()]).toEqual([problem, types]);
  });

  it('takes no statement and no call to the auth-service', async ({ service, auth }) => {
    service.statements.clear();
    auth.calls.clear();
    const all = INVALID.map(([, invalid]) => invalid);
    const { data, errors } = await requestEntities(service, all);
    expect(data._entities).toEqual(all.map(() => null));
    expect(errors?.map(({ path }) => path)).toEqual(all.map((_, index) => ['_entities', index]));
    expect([...service.statements, ...auth.calls]).toEqual([]);
  });

  it('fails the request when it is null, which the type of the argument forbids', async ({ service }) => {
    const { status, errors } = await requestEntities(service, [userReference('ada'), null]);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('is null with BAD_USER_INPUT when it is a literal in the query', async ({ service }) => {
    const { data, errors } = await service.graphql(
      '{ _entities(representations: [{ __typename: "User", id: 5 }, { __typename: "User", id: "ada" }]) { ... on User { id } } }',
    );
    expect(data._entities).toEqual([null, { id: 'ada' }]);
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('the maximum number of representations', () => {
  it('is 1,000 by default: 1,001 get one error without a statement', async ({ service }) => {
    const users = Array.from({ length: 1001 }, (_, index) => userReference(`user-${index}`));
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { badges { id } } } }';
    const most = await service.graphql(query, { of: users.slice(0, 1000) });
    expect(most.errors).toBeUndefined();
    expect(most.data._entities).toHaveLength(1000);
    service.statements.clear();
    const tooMany = await service.graphql(query, { of: users });
    expect(tooMany.status).toBeLessThan(500);
    expect(tooMany.data).toBeNull();
    expect(tooMany.errors).toMatchObject([
      {
        message: 'The operation has 1001 representations: expected at most 1000 in all _entities together',
        path: ['_entities'],
        extensions: { code: 'BAD_USER_INPUT', field: 'representations' },
      },
    ]);
    expect(service.statements).toEqual([]);
  });

  it('is the value of MAX_ENTITIES', async ({ serve }) => {
    const service = await serve({ MAX_ENTITIES: '2' });
    expect((await requestEntities(service, [userReference('a'), userReference('b')])).errors).toBeUndefined();
    expect(
      (await requestEntities(service, [userReference('a'), userReference('a'), userReference('a')])).errors,
    ).toHaveLength(1);
  });

  it('is one of the whole operation, whose number the error names', async ({ serve }) => {
    const service = await serve({ MAX_ENTITIES: '2' });
    const query =
      'query ($of: [_Any!]!) { a: _entities(representations: $of) { __typename } b: _entities(representations: $of) { __typename } }';
    const { errors } = await service.graphql(query, { of: [userReference('a'), userReference('b')] });
    expect(errors?.[0].message).toBe(
      'The operation has 4 representations: expected at most 2 in all _entities together',
    );
  });

  it('does not reject an empty list', async ({ service }) => {
    expect((await requestEntities(service, [])).body).toEqual({ data: { _entities: [] } });
  });
});
