import type { Service } from '../support/app.ts';
import type { AuthService } from '../support/auth-service.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, describe, expect, goalInput, it, type SignedIn } from '../support/fixtures.ts';
import type { GraphqlResponse } from '../support/http-client.ts';
import { expectNoLeak } from './expect-no-leak.ts';

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const CREATE_GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
const UPDATE_GOAL = 'mutation ($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { id } } }';
const DELETE_GOAL = 'mutation ($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId } }';

interface Given {
  service: Service;
  auth: AuthService;
  db: TestDatabase;
  /** A user with a badge and a goal in progress. */
  ada: SignedIn & { goalId: string };
  eve: SignedIn;
}

interface ErrorCase {
  code: string;
  field?: string;
  send: (given: Given) => Promise<GraphqlResponse>;
}

const asAda =
  (mutation: string, input: object) =>
  ({ service, ada }: Given) =>
    service.graphql(mutation, { input }, { token: ada.token });
/** Updates the goal of `ada` with her token. */
const updateGoal = (fields: object) => (given: Given) => asAda(UPDATE_GOAL, { id: given.ada.goalId, ...fields })(given);
const withoutToken = (query: string) => (given: Given) => given.service.graphql(query);

const CASES: Record<string, ErrorCase> = {
  'a badge created without a token': {
    code: 'UNAUTHENTICATED',
    send: ({ service }) => service.graphql(CREATE_BADGE, { input: badgeInput() }),
  },
  'a goal deleted without a token': {
    code: 'UNAUTHENTICATED',
    send: ({ service, ada }) => service.graphql(DELETE_GOAL, { input: { id: ada.goalId } }),
  },
  'a badge for another user': {
    code: 'FORBIDDEN',
    field: 'userId',
    send: ({ service, ada, eve }) =>
      service.graphql(CREATE_BADGE, { input: badgeInput({ userId: ada.id }) }, { token: eve.token }),
  },
  'a goal for another user': {
    code: 'FORBIDDEN',
    field: 'userId',
    send: ({ service, ada, eve }) =>
      service.graphql(CREATE_GOAL, { input: goalInput({ userId: ada.id }) }, { token: eve.token }),
  },
  'an update of an unknown goal': {
    code: 'NOT_FOUND',
    send: asAda(UPDATE_GOAL, { id: '987654321', title: 'x' }),
  },
  'an update of another user’s goal': {
    code: 'NOT_FOUND',
    send: ({ service, ada, eve }) =>
      service.graphql(UPDATE_GOAL, { input: { id: ada.goalId, title: 'Mine' } }, { token: eve.token }),
  },
  'a deletion of another user’s goal': {
    code: 'NOT_FOUND',
    send: ({ service, ada, eve }) => service.graphql(DELETE_GOAL, { input: { id: ada.goalId } }, { token: eve.token }),
  },
  'an empty badge name': {
    code: 'BAD_USER_INPUT',
    field: 'name',
    send: asAda(CREATE_BADGE, badgeInput({ name: '' })),
  },
  'an icon URL with another scheme': {
    code: 'BAD_USER_INPUT',
    field: 'iconUrl',
    send: asAda(CREATE_BADGE, badgeInput({ iconUrl: 'javascript:alert(1)' })),
  },
  'a badge whose name and description are too long': {
    code: 'BAD_USER_INPUT',
    field: 'name',
    send: asAda(CREATE_BADGE, badgeInput({ description: 'x'.repeat(501), name: 'x'.repeat(101) })),
  },
  'a goal title that is too long': {
    code: 'BAD_USER_INPUT',
    field: 'title',
    send: asAda(CREATE_GOAL, { title: 'x'.repeat(201) }),
  },
  'a negative streak count': {
    code: 'BAD_USER_INPUT',
    field: 'streakCount',
    send: asAda(CREATE_GOAL, { title: 'x', streakCount: -1 }),
  },
  'an invalid status transition': {
    code: 'BAD_USER_INPUT',
    field: 'status',
    send: updateGoal({ status: 'NOT_STARTED' }),
  },
  'a goal id that is not a number': { code: 'BAD_USER_INPUT', field: 'id', send: updateGoal({ id: 'mine' }) },
  'a page size of 0': { code: 'BAD_USER_INPUT', field: 'first', send: page('badges(first: 0)') },
  'a negative page size': { code: 'BAD_USER_INPUT', field: 'first', send: page('goals(first: -1)') },
  'a page size over the maximum': {
    code: 'BAD_USER_INPUT',
    field: 'first',
    send: page('badgesConnection(first: 501) { totalCount } goals'),
  },
  'an invalid cursor': {
    code: 'BAD_USER_INPUT',
    field: 'after',
    send: page('goals(after: "MjAyNg")'),
  },
  'an invalid user id': {
    code: 'BAD_USER_INPUT',
    field: 'id',
    send: withoutToken('{ learner(id: "../admin") { id } }'),
  },
  'an invalid badge id': {
    code: 'BAD_USER_INPUT',
    field: 'id',
    send: withoutToken('{ badge(id: "first") { id } }'),
  },
  'an update of a stale version': {
    code: 'CONFLICT',
    field: 'expectedVersion',
    send: updateGoal({ title: 'New', expectedVersion: 7 }),
  },
};

function page(field: string) {
  return withoutToken(
    `{ _entities(representations: [{ __typename: "User", id: "x" }]) { ... on User { ${field} { id } } } }`,
  );
}

async function withUsers({
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

describe('a GraphQL error', () => {
  it.for(Object.entries(CASES))(
    'has a code, names the invalid field and changes nothing for %s',
    async ([, { code, field, send }], { service, auth, db, createUser }) => {
      const users = await withUsers({ service, auth, db, createUser });
      const before = await db.snapshot();
      service.logs.clear();
      const { status, headers, errors, text } = await send(users);
      expect(status).toBeLessThan(500);
      expect(errors).toEqual([
        {
          message: expect.stringMatching(/^[A-Z]|^[a-z]\w+ (must|is|has)/),
          path: expect.any(Array),
          locations: expect.any(Array),
          extensions: {
            code,
            ...(field !== undefined && { field }),
            ...(code === 'BAD_USER_INPUT' && {
              fields: expect.arrayContaining([{ field, message: errors?.[0].message }]),
            }),
            requestId: headers['x-request-id'],
          },
        },
      ]);
      expectNoLeak(text);
      expect(await db.snapshot()).toEqual(before);
      expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    },
  );

  it.for([
    ['badges', 'MAX_BADGES_PER_USER', CREATE_BADGE, badgeInput()],
    ['goals', 'MAX_GOALS_PER_USER', CREATE_GOAL, goalInput()],
  ] as const)(
    'has the code LIMIT_REACHED over the limit of %s',
    async ([, setting, mutation, input], { serve, db, createUser }) => {
      const service = await serve({ [setting]: '1' });
      const { token } = await createUser();
      expect((await service.graphql(mutation, { input }, { token })).errors).toBeUndefined();
      const before = await db.snapshot();
      const { status, errors } = await service.graphql(mutation, { input }, { token });
      expect({ status, errors }).toMatchObject({ status: 200, errors: [{ extensions: { code: 'LIMIT_REACHED' } }] });
      expect(await db.snapshot()).toEqual(before);
    },
  );
});

describe('a failed dependency', () => {
  it('gives AUTH_SERVICE_UNAVAILABLE for a lookup, and the other fields have data', async ({ serve, auth }) => {
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
        extensions: { code: 'AUTH_SERVICE_UNAVAILABLE', requestId: expect.any(String) },
      },
    ]);
    expectNoLeak(text);
    expect(service.logs).toContainEqual(expect.objectContaining({ level: 'warn', code: 'AUTH_SERVICE_UNAVAILABLE' }));
  });

  it('does not affect the viewer’s own data when it is the auth-service', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const { id, token } = await createUser();
    await service.graphql('{ viewer { id } }', {}, { token });
    await auth.down();
    const created = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(created.errors).toBeUndefined();
    const { data } = await service.graphql('{ viewer { id badges { id } } }', {}, { token });
    expect(data.viewer).toEqual({ id, badges: [created.data.createBadge.badge] });
  });

  it('gives SERVICE_UNAVAILABLE when the database does not finish a statement in time', async ({
    service,
    db,
    createUser,
  }) => {
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
