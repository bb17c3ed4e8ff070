import type { Service } from '../support/app.ts';
import { badgeInput, describe, expect, goalInput, it, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

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
  it('answers with the badge, its owner and the owner as they are now', async ({ service, createUser }) => {
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

  it('gives a badge that can then be read by its id, by its owner and as an entity', async ({
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
  ] as const)('is for the caller where userId is %s', async ([, user], { service, createUser }) => {
    const { id, token } = await createUser();
    const { data } = await service.graphql(CREATE_BADGE, { input: { ...badgeInput(), ...user } }, { token });
    expect(data.createBadge.badge.user.id).toBe(id);
  });

  it('is for the caller where userId is theirs', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { data } = await service.graphql(CREATE_BADGE, { input: badgeInput({ userId: id }) }, { token });
    expect(data.createBadge.badge.user.id).toBe(id);
  });

  it('takes a number for a userId, as GraphQL’s ids do', async ({ service, createUser }) => {
    const { token } = await createUser({ id: '4217' });
    const input = { ...badgeInput(), userId: 4217 };
    expect((await service.graphql(CREATE_BADGE, { input }, { token })).data.createBadge.badge.user.id).toBe('4217');
  });

  it('is refused for anybody else, nearly the same or not, and nothing is stored', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const before = await db.snapshot();
    for (const userId of ['somebody-else', id.toUpperCase(), `${id} `, '', 'me', '..']) {
      const { data, errors } = await service.graphql(CREATE_BADGE, { input: badgeInput({ userId }) }, { token });
      expect.soft({ data, code: errors?.[0].extensions.code }, userId).toEqual({ data: null, code: 'FORBIDDEN' });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['name', 'description', 'iconUrl'])(
    'needs a value for %s, and stores nothing without',
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

  it('has no field for what the service decides', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const before = await db.snapshot();
    for (const extra of [{ id: '1' }, { dateAchieved: '1970-01-01T00:00:00Z' }, { source: 'import' }]) {
      const { status } = await service.graphql(CREATE_BADGE, { input: { ...badgeInput(), ...extra } }, { token });
      expect.soft(status).toBe(400);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('runs one after another within a request, in the order of the document', async ({ service, createUser }) => {
    const { token } = await createUser();
    const one = (name: string) =>
      `${name}: createBadge(input: { name: "${name}", description: "x", iconUrl: "/x.svg" })`;
    const { data } = await service.graphql(
      `mutation { ${['first', 'second', 'third'].map((name) => `${one(name)} { badge { id } }`).join(' ')} }`,
      {},
      { token },
    );
    const ids = Object.values(data).map((payload) => Number((payload as Json).badge.id));
    expect(Object.keys(data)).toEqual(['first', 'second', 'third']);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('that fails stops what comes after it, and what came before it stays done', async ({ service, createUser }) => {
    const { token } = await createUser();
    const one = (alias: string, name: string) => `${alias}: createGoal(input: { title: "${name}" }) { goal { title } }`;
    const { data, errors } = await service.graphql(
      `mutation { ${one('first', 'Swim')} ${one('bad', '')} ${one('last', 'Run')} }`,
      {},
      { token },
    );
    expect(errors).toMatchObject([{ path: ['bad'], extensions: { code: 'BAD_USER_INPUT', field: 'title' } }]);
    expect(data).toBeNull();
    const { data: after } = await service.graphql('{ viewer { goals { title } } }', {}, { token });
    expect(after.viewer.goals).toEqual([{ title: 'Swim' }]);
  });
});

describe('createGoal', () => {
  it('starts in progress, with no description and no streak, at version 1', async ({ service, createUser }) => {
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

  it.for(STATUSES)('starts where it is told to: %s', async (status, { service, createUser }) => {
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
    'knows its states by their names alone: %j is refused, and nothing is stored',
    async (status, { service, db, createUser }) => {
      const { token } = await createUser();
      const before = await db.snapshot();
      const { errors } = await service.graphql(CREATE_GOAL, { input: { ...goalInput(), status } }, { token });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('takes null for a description, and for nothing else', async ({ service, db, createUser }) => {
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
  it('changes what is there and leaves what is absent', async ({ service, createUser }) => {
    const ada = await createUser();
    const goal = await newGoal(service, ada, { description: 'Every day', streakCount: 3 });
    const input = { id: goal.id, title: 'Swim more', status: 'PAUSED' };
    const { data } = await service.graphql(UPDATE_GOAL, { input }, { token: ada.token });
    expect(data.updateGoal.goal).toEqual({ ...goal, ...input, version: 2, updatedAt: anInstant });
  });

  it('empties a description by null, and leaves it when it is absent', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada, { description: 'Every day' });
    const update = async (fields: object) =>
      (await service.graphql(UPDATE_GOAL, { input: { id, ...fields } }, { token: ada.token })).data.updateGoal.goal;
    expect((await update({ streakCount: 1 })).description).toBe('Every day');
    expect((await update({ description: null })).description).toBeNull();
  });

  it.for(['title', 'status', 'streakCount'])(
    'refuses null for %s, naming it, and changes nothing',
    async (field, { service, db, createUser }) => {
      const ada = await createUser();
      const { id } = await newGoal(service, ada);
      const before = await db.snapshot();
      const { errors } = await service.graphql(UPDATE_GOAL, { input: { id, [field]: null } }, { token: ada.token });
      expect(errors).toMatchObject([{ path: ['updateGoal'], extensions: { code: 'BAD_USER_INPUT', field } }]);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('takes the version that it expects, absent and null meaning any', async ({ service, createUser }) => {
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
  it('answers with the id that is gone and the person without it', async ({ service, createUser }) => {
    const ada = await createUser();
    const [gone, kept] = [await newGoal(service, ada), await newGoal(service, ada)];
    const { body } = await service.graphql(DELETE_GOAL, { input: { id: gone.id } }, { token: ada.token });
    expect(body).toEqual({
      data: {
        deleteGoal: {
          deletedId: gone.id,
          user: { id: ada.id, goals: [{ id: kept.id }], statistics: { totalGoals: 1 } },
        },
      },
    });
  });

  it('is NOT_FOUND the second time', async ({ service, createUser }) => {
    const ada = await createUser();
    const { id } = await newGoal(service, ada);
    await service.graphql(DELETE_GOAL, { input: { id } }, { token: ada.token });
    const { data, errors } = await service.graphql(DELETE_GOAL, { input: { id } }, { token: ada.token });
    expect({ data, errors }).toMatchObject({ data: null, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  it('within one request sees what the mutation before it made', async ({ service, createUser }) => {
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
