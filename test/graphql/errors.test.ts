import type { Service } from '../support/app.ts';
import type { AuthService } from '../support/auth-service.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, describe, expect, goalInput, it, type SignedIn } from '../support/fixtures.ts';
import type { GraphqlResponse } from '../support/http-client.ts';
import { expectNoLeak } from './leaks.ts';

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const CREATE_GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
const UPDATE_GOAL = 'mutation ($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { id } } }';
const DELETE_GOAL = 'mutation ($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId } }';

interface Given {
  service: Service;
  auth: AuthService;
  db: TestDatabase;
  /** Has one badge and one goal, in progress. */
  ada: SignedIn & { goalId: string };
  eve: SignedIn;
}

interface Refusal {
  code: string;
  field?: string;
  act: (given: Given) => Promise<GraphqlResponse>;
}

const asAda =
  (mutation: string, input: object) =>
  ({ service, ada }: Given) =>
    service.graphql(mutation, { input }, { token: ada.token });
/** Of ada's goal, by her. */
const change = (fields: object) => (given: Given) => asAda(UPDATE_GOAL, { id: given.ada.goalId, ...fields })(given);
const anonymously = (query: string) => (given: Given) => given.service.graphql(query);

const REFUSALS: Record<string, Refusal> = {
  'a mutation of somebody anonymous': {
    code: 'UNAUTHENTICATED',
    act: ({ service }) => service.graphql(CREATE_BADGE, { input: badgeInput() }),
  },
  'a goal deleted by somebody anonymous': {
    code: 'UNAUTHENTICATED',
    act: ({ service, ada }) => service.graphql(DELETE_GOAL, { input: { id: ada.goalId } }),
  },
  'a badge for somebody else': {
    code: 'FORBIDDEN',
    act: ({ service, ada, eve }) =>
      service.graphql(CREATE_BADGE, { input: badgeInput({ userId: ada.id }) }, { token: eve.token }),
  },
  'a goal for somebody else': {
    code: 'FORBIDDEN',
    act: ({ service, ada, eve }) =>
      service.graphql(CREATE_GOAL, { input: goalInput({ userId: ada.id }) }, { token: eve.token }),
  },
  'a change of a goal that there is not': {
    code: 'NOT_FOUND',
    act: asAda(UPDATE_GOAL, { id: '987654321', title: 'x' }),
  },
  'a change of somebody else’s goal': {
    code: 'NOT_FOUND',
    act: ({ service, ada, eve }) =>
      service.graphql(UPDATE_GOAL, { input: { id: ada.goalId, title: 'Mine' } }, { token: eve.token }),
  },
  'the deletion of somebody else’s goal': {
    code: 'NOT_FOUND',
    act: ({ service, ada, eve }) => service.graphql(DELETE_GOAL, { input: { id: ada.goalId } }, { token: eve.token }),
  },
  'a badge without a name': {
    code: 'BAD_USER_INPUT',
    field: 'name',
    act: asAda(CREATE_BADGE, badgeInput({ name: '' })),
  },
  'an icon from nowhere': {
    code: 'BAD_USER_INPUT',
    field: 'iconUrl',
    act: asAda(CREATE_BADGE, badgeInput({ iconUrl: 'javascript:alert(1)' })),
  },
  'a title that is too long': {
    code: 'BAD_USER_INPUT',
    field: 'title',
    act: asAda(CREATE_GOAL, { title: 'x'.repeat(201) }),
  },
  'a streak below nothing': {
    code: 'BAD_USER_INPUT',
    field: 'streakCount',
    act: asAda(CREATE_GOAL, { title: 'x', streakCount: -1 }),
  },
  'a step that goals do not take': { code: 'BAD_USER_INPUT', field: 'status', act: change({ status: 'NOT_STARTED' }) },
  'an id that is no number': { code: 'BAD_USER_INPUT', field: 'id', act: change({ id: 'mine' }) },
  'an empty page': { code: 'BAD_USER_INPUT', field: 'first', act: page('badges(first: 0)') },
  'a page of less than nothing': { code: 'BAD_USER_INPUT', field: 'first', act: page('goals(first: -1)') },
  'a page that is too long': {
    code: 'BAD_USER_INPUT',
    field: 'first',
    act: page('badgesConnection(first: 501) { totalCount } goals'),
  },
  'a cursor of somebody’s own making': {
    code: 'BAD_USER_INPUT',
    field: 'after',
    act: page('goals(after: "MjAyNg")'),
  },
  'a person by what is no id': {
    code: 'BAD_USER_INPUT',
    field: 'id',
    act: anonymously('{ learner(id: "../admin") { id } }'),
  },
  'a badge by what is no id': {
    code: 'BAD_USER_INPUT',
    field: 'id',
    act: anonymously('{ badge(id: "first") { id } }'),
  },
  'a change of a version that is past': { code: 'CONFLICT', act: change({ title: 'New', expectedVersion: 7 }) },
};

function page(field: string) {
  return anonymously(
    `{ _entities(representations: [{ __typename: "User", id: "x" }]) { ... on User { ${field} { id } } } }`,
  );
}

async function given({
  service,
  auth,
  db,
  createUser,
}: Omit<Given, 'ada' | 'eve'> & { createUser: () => Promise<SignedIn> }) {
  const [ada, eve] = [await createUser(), await createUser()];
  await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token: ada.token });
  const { data } = await service.graphql(CREATE_GOAL, { input: goalInput() }, { token: ada.token });
  return { service, auth, db, ada: { ...ada, goalId: data.createGoal.goal.id }, eve };
}

describe('a refusal has a code, names the field at fault and changes nothing', () => {
  it.for(Object.entries(REFUSALS))('%s', async ([, { code, field, act }], { service, auth, db, createUser }) => {
    const situation = await given({ service, auth, db, createUser });
    const before = await db.snapshot();
    service.logs.clear();
    const { status, errors, text } = await act(situation);
    expect(status).toBeLessThan(500);
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/^[A-Z]|^[a-z]\w+ (must|is|has)/),
        path: expect.any(Array),
        locations: expect.any(Array),
        extensions: { code, ...(field !== undefined && { field }) },
      },
    ]);
    expectNoLeak(text);
    expect(await db.snapshot()).toEqual(before);
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.for([
    ['badges', 'MAX_BADGES_PER_USER', CREATE_BADGE, badgeInput()],
    ['goals', 'MAX_GOALS_PER_USER', CREATE_GOAL, goalInput()],
  ] as const)('one more than the limit, of %s', async ([, setting, mutation, input], { serve, db, createUser }) => {
    const service = await serve({ [setting]: '1' });
    const { token } = await createUser();
    expect((await service.graphql(mutation, { input }, { token })).errors).toBeUndefined();
    const before = await db.snapshot();
    const { status, errors } = await service.graphql(mutation, { input }, { token });
    expect({ status, errors }).toMatchObject({ status: 200, errors: [{ extensions: { code: 'LIMIT_REACHED' } }] });
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('a failure of what the service depends on', () => {
  it('is AUTH_SERVICE_UNAVAILABLE where a person must be looked up, and the rest answers', async ({ serve, auth }) => {
    const service = await serve();
    await auth.down();
    const { status, data, errors, text } = await service.graphql(
      '{ learner(id: "ada") { id } viewer { id } _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { badges { id } } } }',
    );
    expect(status).toBe(200);
    expect(data).toEqual({ learner: null, viewer: null, _entities: [{ badges: [] }] });
    expect(errors).toEqual([
      {
        message: 'The auth-service is temporarily unavailable',
        path: ['learner'],
        locations: expect.any(Array),
        extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' },
      },
    ]);
    expectNoLeak(text);
    expect(service.logs).toContainEqual(expect.objectContaining({ level: 'warn', code: 'AUTH_SERVICE_UNAVAILABLE' }));
  });

  it('does not keep a person from what is theirs', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const { id, token } = await createUser();
    await service.graphql('{ viewer { id } }', {}, { token });
    await auth.down();
    const created = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(created.errors).toBeUndefined();
    const { data } = await service.graphql('{ viewer { id badges { id } } }', {}, { token });
    expect(data.viewer).toEqual({ id, badges: [created.data.createBadge.badge] });
  });

  it('is SERVICE_UNAVAILABLE where the database does not get to it', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const before = await db.snapshot();
    const { errors, text } = await db.sql.begin(async (sql) => {
      await sql`select from auth_users where id = ${id} for update`;
      return service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    });
    expect(errors).toMatchObject([
      { message: 'The service is temporarily unavailable', extensions: { code: 'SERVICE_UNAVAILABLE' } },
    ]);
    expectNoLeak(text);
    expect(await db.snapshot()).toEqual(before);
  });
});
