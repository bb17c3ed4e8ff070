import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../support/app.ts';
import { badgeInput, describe, expect, goalInput, it, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

/** Time in which the fields that remain would write, once the lock is free. */
const SETTLE_MS = 500;

const BADGE =
  '{ badge { __typename id name description iconUrl dateAchieved user { __typename id statistics { totalBadges } } } }';
const GOAL = '{ goal { __typename id title description status streakCount createdAt updatedAt version user { id } } }';
const CREATE_BADGE = `mutation ($input: CreateBadgeInput!) { createBadge(input: $input) ${BADGE} }`;
const CREATE_GOAL = `mutation ($input: CreateGoalInput!) { createGoal(input: $input) ${GOAL} }`;
const UPDATE_GOAL = `mutation ($input: UpdateGoalInput!) { updateGoal(input: $input) ${GOAL} }`;
const DELETE_GOAL =
  'mutation ($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId user { id goals { id } statistics { totalGoals } } } }';

const STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'PAUSED', 'COMPLETED', 'ARCHIVED'] as const;
const anId = expect.stringMatching(/^[1-9]\d*$/);
const anInstant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);

async function newGoal(
  service: Service,
  { token }: SignedIn,
  given: Parameters<typeof goalInput>[0] = {},
): Promise<Json> {
  const { data, errors } = await service.graphql(CREATE_GOAL, { input: goalInput(given) }, { token });
  expect(errors).toBeUndefined();
  return data.createGoal.goal;
}

describe('createBadge', () => {
  it('returns the badge and its user with updated statistics', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { body } = await service.graphql(CREATE_BADGE, { input: badgeInput({ name: 'Pioneer' }) }, { token });
    expect(body).toEqual({
      data: {
        createBadge: {
          badge: {
            ...badgeInput({ name: 'Pioneer' }),
            __typename: 'Badge',
            id: anId,
            dateAchieved: anInstant,
            user: { __typename: 'User', id, statistics: { totalBadges: 1 } },
          },
        },
      },
    });
  });

  it('creates a badge that can be read by its id, in the list of its user and as an entity', async ({
    service,
    createUser,
  }) => {
    const { token, id } = await createUser();
    const created = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const { user: _, __typename, ...badge } = created.data.createBadge.badge;
    const fields = '{ id name description iconUrl dateAchieved }';
    const { data } = await service.graphql(
      `query ($id: ID!, $refs: [_Any!]!) { badge(id: $id) ${fields} viewer { badges ${fields} }
        _entities(representations: $refs) { ... on Badge ${fields} ... on User { badges ${fields} } } }`,
      {
        id: badge.id,
        refs: [
          { __typename, id: badge.id },
          { __typename: 'User', id },
        ],
      },
      { token },
    );
    expect(data).toEqual({ badge, viewer: { badges: [badge] }, _entities: [badge, { badges: [badge] }] });
  });

  it.for([
    ['absent', {}],
    ['null', { userId: null }],
  ] as const)('creates a badge for the viewer when userId is %s', async ([, user], { service, createUser }) => {
    const { id, token } = await createUser();
    const { data } = await service.graphql(CREATE_BADGE, { input: { ...badgeInput(), ...user } }, { token });
    expect(data.createBadge.badge.user.id).toBe(id);
  });

  it('creates a badge for the viewer when userId is the id of the viewer', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { data } = await service.graphql(CREATE_BADGE, { input: badgeInput({ userId: id }) }, { token });
    expect(data.createBadge.badge.user.id).toBe(id);
  });

  it('accepts a number as userId, as for every GraphQL ID', async ({ service, createUser }) => {
    const { token } = await createUser({ id: '4217' });
    const input = { ...badgeInput(), userId: 4217 };
    expect((await service.graphql(CREATE_BADGE, { input }, { token })).data.createBadge.badge.user.id).toBe('4217');
  });

  it('rejects any userId other than the exact id of the viewer, and stores nothing', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const before = await db.snapshot();
    for (const userId of ['another-user', id.toUpperCase(), `${id} `, '', 'me', '..']) {
      const { data, errors } = await service.graphql(CREATE_BADGE, { input: badgeInput({ userId }) }, { token });
      expect
        .soft({ data, code: errors?.[0].extensions.code }, userId)
        .toEqual({ data: { createBadge: null }, code: 'FORBIDDEN' });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['name', 'description', 'iconUrl'])(
    'requires a value for %s and stores nothing without it',
    async (field, { service, db, createUser }) => {
      const { token } = await createUser();
      const before = await db.snapshot();
      const { [field]: _, ...without }: Record<string, unknown> = { ...badgeInput() };
      for (const input of [without, { ...without, [field]: null }]) {
        const { status, errors } = await service.graphql(CREATE_BADGE, { input }, { token });
        expect({ status, errors }).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('rejects fields that the service sets: id, dateAchieved and source', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const before = await db.snapshot();
    for (const extra of [{ id: '1' }, { dateAchieved: '1970-01-01T00:00:00Z' }, { source: 'import' }]) {
      const { status } = await service.graphql(CREATE_BADGE, { input: { ...badgeInput(), ...extra } }, { token });
      expect.soft(status).toBe(400);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('runs serially in the order of the document', async ({ service, createUser }) => {
    const { token } = await createUser();
    const create = (name: string) =>
      `${name}: createBadge(input: { name: "${name}", description: "x", iconUrl: "/x.svg" })`;
    const { data } = await service.graphql(
      `mutation { ${['first', 'second', 'third'].map((name) => `${create(name)} { badge { id } }`).join(' ')} }`,
      {},
      { token },
    );
    const ids = Object.values(data).map((payload) => Number((payload as Json).badge.id));
    expect(Object.keys(data)).toEqual(['first', 'second', 'third']);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('that fails is null, and the other mutations of the operation are executed and returned', async ({
    service,
    createUser,
  }) => {
    const { token } = await createUser();
    const create = (alias: string, name: string) =>
      `${alias}: createGoal(input: { title: "${name}" }) { goal { title } }`;
    const { data, errors } = await service.graphql(
      `mutation { ${create('first', 'Swim')} ${create('invalid', '')} ${create('last', 'Run')} }`,
      {},
      { token },
    );
    expect(errors).toMatchObject([{ path: ['invalid'], extensions: { code: 'BAD_USER_INPUT', field: 'title' } }]);
    expect(data).toEqual({ first: { goal: { title: 'Swim' } }, invalid: null, last: { goal: { title: 'Run' } } });
    const { data: after } = await service.graphql('{ viewer { goals { title } } }', {}, { token });
    expect(after.viewer.goals).toEqual([{ title: 'Run' }, { title: 'Swim' }]);
  });
});

describe('createGoal', () => {
  it('creates a goal in progress at version 1, without a description and with a streak count of 0', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const goal = await newGoal(service, ada, { title: 'Swim' });
    expect(goal).toEqual({
      __typename: 'LearningGoal',
      id: anId,
      title: 'Swim',
      description: null,
      status: 'IN_PROGRESS',
      streakCount: 0,
      createdAt: anInstant,
      updatedAt: goal.createdAt,
      version: 1,
      user: { id: ada.id },
    });
  });

  it.for(STATUSES)('creates a goal with the status %s', async (status, { service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada, { status });
    const { data } = await service.graphql(
      'query ($id: ID!, $in: [GoalStatus!]) { goal(id: $id) { status } viewer { goals(status: $in) { id status } } }',
      { id, in: [status] },
      { token: ada.token },
    );
    expect(data).toEqual({ goal: { status }, viewer: { goals: [{ id, status }] } });
  });

  it.for(['in-progress', 'in_progress', 'Paused', '', 'LOST', 1])(
    'rejects %j, which is not the name of a status, and stores nothing',
    async (status, { service, db, createUser }) => {
      const { token } = await createUser();
      const before = await db.snapshot();
      const { errors } = await service.graphql(CREATE_GOAL, { input: { ...goalInput(), status } }, { token });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('accepts null for the description only', async ({ service, db, createUser }) => {
    const ada = await createUser();
    expect((await newGoal(service, ada, { description: null })).description).toBeNull();
    const before = await db.snapshot();
    for (const field of ['title', 'status', 'streakCount']) {
      const { errors } = await service.graphql(CREATE_GOAL, { input: { ...goalInput(), [field]: null } }, ada);
      expect.soft(errors, field).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('updateGoal', () => {
  it('changes the fields that are present and keeps the absent ones', async ({ service, createUser }) => {
    const ada = await createUser();
    const goal = await newGoal(service, ada, { description: 'Every day', streakCount: 3 });
    const input = { id: goal.id, title: 'Swim more', status: 'PAUSED' };
    const { data } = await service.graphql(UPDATE_GOAL, { input }, { token: ada.token });
    expect(data.updateGoal.goal).toEqual({ ...goal, ...input, version: 2, updatedAt: anInstant });
  });

  it('clears the description with null and keeps it when it is absent', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada, { description: 'Every day' });
    const update = async (fields: object) =>
      (await service.graphql(UPDATE_GOAL, { input: { id, ...fields } }, { token: ada.token })).data.updateGoal.goal;
    expect((await update({ streakCount: 1 })).description).toBe('Every day');
    expect((await update({ description: null })).description).toBeNull();
  });

  it.for(['title', 'status', 'streakCount'])(
    'rejects null for %s, names the field and changes nothing',
    async (field, { service, db, createUser }) => {
      const ada = await createUser();
      const { id } = await newGoal(service, ada);
      const before = await db.snapshot();
      const { errors } = await service.graphql(UPDATE_GOAL, { input: { id, [field]: null } }, { token: ada.token });
      expect(errors).toMatchObject([{ path: ['updateGoal'], extensions: { code: 'BAD_USER_INPUT', field } }]);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('checks expectedVersion unless it is absent or null', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada);
    const update = (fields: object) => service.graphql(UPDATE_GOAL, { input: { id, ...fields } }, { token: ada.token });
    expect((await update({ title: 'One', expectedVersion: 1 })).data.updateGoal.goal.version).toBe(2);
    expect((await update({ title: 'Two', expectedVersion: null })).data.updateGoal.goal.version).toBe(3);
    expect((await update({ title: 'Three', expectedVersion: 2 })).errors).toMatchObject([
      { extensions: { code: 'CONFLICT' } },
    ]);
    expect((await update({ title: 'Four' })).data.updateGoal.goal).toMatchObject({ title: 'Four', version: 4 });
  });
});

describe('deleteGoal', () => {
  it('returns the id of the deleted goal and its user without the goal', async ({ service, createUser }) => {
    const ada = await createUser();
    const [deleted, kept] = [await newGoal(service, ada), await newGoal(service, ada)];
    const { body } = await service.graphql(DELETE_GOAL, { input: { id: deleted.id } }, { token: ada.token });
    expect(body).toEqual({
      data: {
        deleteGoal: {
          deletedId: deleted.id,
          user: { id: ada.id, goals: [{ id: kept.id }], statistics: { totalGoals: 1 } },
        },
      },
    });
  });

  it('returns NOT_FOUND when it is repeated', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada);
    await service.graphql(DELETE_GOAL, { input: { id } }, { token: ada.token });
    const { data, errors } = await service.graphql(DELETE_GOAL, { input: { id } }, { token: ada.token });
    expect({ data, errors }).toMatchObject({
      data: { deleteGoal: null },
      errors: [{ extensions: { code: 'NOT_FOUND' } }],
    });
  });

  it('sees the changes of an earlier mutation in the request', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada);
    const { data } = await service.graphql(
      `mutation { updateGoal(input: { id: "${id}", title: "Last words" }) { goal { title user { goals { title } } } }
        deleteGoal(input: { id: "${id}" }) { deletedId user { goals { title } statistics { totalGoals } } } }`,
      {},
      { token: ada.token },
    );
    expect(data).toEqual({
      updateGoal: { goal: { title: 'Last words', user: { goals: [{ title: 'Last words' }] } } },
      deleteGoal: { deletedId: id, user: { goals: [], statistics: { totalGoals: 0 } } },
    });
  });
});

describe('a mutation of several fields', () => {
  it('starts none of them after the 503 of a request that timed out', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const field = 'createBadge(input: { name: "Late", description: "x", iconUrl: "/x.svg" }) { badge { id } }';
    const fields = Array.from({ length: 10 }, (_, n) => `field${n}: ${field}`);
    const { status } = await db.sql.begin(async (sql) => {
      await sql`select from auth_users where id = ${id} for update`;
      return service.graphql(`mutation { ${fields.join(' ')} }`, {}, { token });
    });
    expect(status).toBe(503);
    await delay(SETTLE_MS);
    const late = await db.sql`select from badges where auth_user_id = ${id} and name = 'Late'`;
    expect(late.length, 'the field that waited for the lock').toBeLessThanOrEqual(1);
  });
});
