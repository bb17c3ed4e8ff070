import { badgeInput, describe, expect, goalInput } from '../support/fixtures.ts';
import { envFor, gateways, it } from './supergraph.ts';

const ME = `{ me {
  id username
  badges { id name description iconUrl dateAchieved }
  goals { id title description status streakCount }
} }`;
const CREATE_BADGE = `mutation ($input: CreateBadgeInput!) { createBadge(input: $input) {
  badge { id name description iconUrl dateAchieved user { id username statistics { totalBadges level } } }
} }`;
const CREATE_GOAL = `mutation ($input: CreateGoalInput!) { createGoal(input: $input) {
  goal { id title description status streakCount user { username } }
} }`;
const UPDATE_GOAL = `mutation ($input: UpdateGoalInput!) { updateGoal(input: $input) {
  goal { id title status streakCount version }
} }`;
const DELETE_GOAL = `mutation ($input: DeleteGoalInput!) { deleteGoal(input: $input) {
  deletedId user { username goals { id } }
} }`;

describe.each(Object.keys(gateways))('through %s', (name) => {
  it('one query returns the viewer from the auth-service with badges and goals from the service', async ({
    supergraph,
    signUpUser,
  }) => {
    const { id, username, token } = await signUpUser();
    const gateway = await supergraph(name);
    const badge = await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const goal = await gateway.graphql(CREATE_GOAL, { input: goalInput({ streakCount: 4 }) }, { token });
    expect(badge.errors ?? goal.errors).toBeUndefined();
    const { user, ...myBadge } = badge.data.createBadge.badge;
    const { user: _, ...myGoal } = goal.data.createGoal.goal;
    const { data, errors } = await gateway.graphql(ME, {}, { token });
    expect({ data, errors }).toEqual({
      data: { me: { id, username, badges: [myBadge], goals: [myGoal] } },
      errors: undefined,
    });
    expect(user).toEqual({ id, username, statistics: { totalBadges: 1, level: 1 } });
    expect(myBadge).toMatchObject(badgeInput());
    expect(myGoal).toMatchObject({ ...goalInput(), description: null, status: 'IN_PROGRESS', streakCount: 4 });
  });

  it('a goal is created, updated and deleted', async ({ supergraph, signUpUser }) => {
    const { username, token } = await signUpUser();
    const gateway = await supergraph(name);
    const { data: created } = await gateway.graphql(CREATE_GOAL, { input: goalInput() }, { token });
    const { id, user } = created.createGoal.goal;
    expect(user).toEqual({ username });
    const input = { id, status: 'COMPLETED', streakCount: 7 };
    const { data: updated } = await gateway.graphql(UPDATE_GOAL, { input }, { token });
    expect(updated.updateGoal.goal).toMatchObject({ ...input, version: 2 });
    const { data: deleted } = await gateway.graphql(DELETE_GOAL, { input: { id } }, { token });
    expect(deleted.deleteGoal).toEqual({ deletedId: id, user: { username, goals: [] } });
  });

  it('a client without a token reads users through both subgraphs', async ({ supergraph, signUpUser }) => {
    const [ada, bob] = [await signUpUser(), await signUpUser()];
    const gateway = await supergraph(name);
    const { data, errors } = await gateway.graphql(
      `query ($ada: ID!, $bob: ID!) {
        me { id } viewer { id }
        ada: user(id: $ada) { username email badges { id } statistics { level } }
        bob: learner(id: $bob) { username email goals { id } }
        unknown: learner(id: "unknown-user") { username }
      }`,
      { ada: ada.id, bob: bob.id },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      me: null,
      viewer: null,
      ada: { username: ada.username, email: null, badges: [], statistics: { level: 1 } },
      bob: { username: bob.username, email: null, goals: [] },
      unknown: null,
    });
  });

  it('the users in a list take one statement for each of their lists', async ({ supergraph, subgraph, signUpUser }) => {
    const { token, username } = await signUpUser();
    const gateway = await supergraph(name);
    for (const title of ['Swim', 'Run', 'Rest']) await gateway.graphql(CREATE_GOAL, { input: { title } }, { token });
    subgraph.statements.clear();
    const { data } = await gateway.graphql(
      '{ me { goals { title user { username goals { title } badges { id } } } } }',
      {},
      { token },
    );
    expect(data.me.goals).toHaveLength(3);
    expect(data.me.goals[0].user).toMatchObject({ username, badges: [], goals: [{ title: 'Rest' }, {}, {}] });
    expect(subgraph.statements.length).toBeLessThanOrEqual(3);
  });

  it('an error keeps its code and its message, and changes nothing', async ({ supergraph, db, signUpUser }) => {
    const [ada, eve] = [await signUpUser(), await signUpUser()];
    const gateway = await supergraph(name);
    for (const _ of [1, 2]) await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token: ada.token });
    const before = await db.snapshot();
    const rejections = {
      UNAUTHENTICATED: await gateway.graphql(CREATE_BADGE, { input: badgeInput() }),
      FORBIDDEN: await gateway.graphql(CREATE_BADGE, { input: badgeInput({ userId: ada.id }) }, { token: eve.token }),
      BAD_USER_INPUT: await gateway.graphql(CREATE_BADGE, { input: badgeInput({ name: '' }) }, { token: ada.token }),
      LIMIT_REACHED: await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token: ada.token }),
      NOT_FOUND: await gateway.graphql(DELETE_GOAL, { input: { id: '987654321' } }, { token: ada.token }),
    };
    const reported = Object.values(rejections).map(({ errors }) =>
      errors?.map(({ message, extensions: { code } }) => [code, message]),
    );
    expect(reported).toEqual([
      [['UNAUTHENTICATED', 'Not authenticated']],
      [['FORBIDDEN', 'Not authorized to create a badge for this user']],
      [['BAD_USER_INPUT', 'name must have at least 1 character']],
      [['LIMIT_REACHED', 'Maximum number of badges (2) reached']],
      [['NOT_FOUND', 'Learning goal not found']],
    ]);
    expect(rejections.BAD_USER_INPUT.errors?.[0].extensions.field).toBe('name');
    expect(await db.snapshot()).toEqual(before);
  });

  it('a variable that is no date costs its field, and the error names the field of the input', async ({
    supergraph,
    signUpUser,
  }) => {
    const { id, token } = await signUpUser();
    const gateway = await supergraph(name);
    const extensions = (field: string) => ({ code: 'BAD_USER_INPUT', field, fields: [{ field }] });
    const input = { title: 'x', dueOn: '2026-02-30' };
    const created = await gateway.graphql(CREATE_GOAL, { input }, { token });
    expect([created.status, created.data?.createGoal ?? null]).toEqual([200, null]);
    expect(created.errors).toMatchObject([{ extensions: extensions('dueOn') }]);
    const calendar = 'query ($from: Date!) { me { id activityCalendar(from: $from, to: "2026-03-01") { date } } }';
    const read = await gateway.graphql(calendar, { from: 'x' }, { token });
    expect(read).toMatchObject({ status: 200, data: { me: { id, activityCalendar: null } } });
    expect(read.errors).toMatchObject([{ extensions: extensions('from') }]);
  });

  it('a list that fails removes its user, and an operation of its own keeps the user', async ({
    supergraph,
    signUpUser,
  }) => {
    const { username, token } = await signUpUser();
    const gateway = await supergraph(name);
    const query = 'query ($more: Boolean!) { me { username badges(first: 0) @include(if: $more) { id } } }';
    const failed = await gateway.graphql(query, { more: true }, { token });
    expect([failed.data?.me ?? null, failed.errors?.[0].extensions.field]).toEqual([null, 'first']);
    const { data } = await gateway.graphql(query, { more: false }, { token });
    expect(data).toEqual({ me: { username } });
  });

  it.for([
    ['a token that is not a JWT', () => 'not-a-token'],
    ['a token with a changed signature', (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
  ] as const)('an invalid token is rejected and not ignored: %s', async ([, make], { supergraph, db, signUpUser }) => {
    const { token } = await signUpUser();
    const gateway = await supergraph(name);
    const before = await db.snapshot();
    for (const operation of ['{ viewer { id } }', ME, 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }']) {
      const { data, errors } = await gateway.graphql(operation, {}, { token: make(token) });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
      expect(Object.values(data ?? {}).filter(Boolean)).toEqual([]);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('the badges of the viewer are available when the service cannot reach the auth-service', async ({
    supergraph,
    signUpUser,
    serve,
    authority,
  }) => {
    const { id, token } = await signUpUser();
    const service = await serve(envFor(authority, { AUTH_SERVICE_URL: 'http://127.0.0.1:1' }));
    const gateway = await supergraph(name, { service });
    await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const { data, errors } = await gateway.graphql(
      '{ viewer { id badges { name } } learner(id: "x") { id } }',
      {},
      { token },
    );
    expect(data).toEqual({ viewer: { id, badges: [{ name: 'First steps' }] }, learner: null });
    expect(errors).toMatchObject([{ path: ['learner'], extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' } }]);
  });

  it('a request that the service rejects as a whole keeps its error, without the address of the service', async ({
    supergraph,
    signUpUser,
    serve,
    authority,
  }) => {
    const { token } = await signUpUser();
    const service = await serve(envFor(authority, { AUTH_JWKS_URL: 'http://127.0.0.1:1/jwks' }));
    const direct = await service.graphql('{ viewer { id } }', {}, { token });
    expect(direct).toMatchObject({ status: 503, errors: [{ extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' } }] });
    const gateway = await supergraph(name, { service });
    const { errors, text } = await gateway.graphql('{ viewer { id } }', {}, { token });
    const [{ message }] = direct.errors ?? [];
    const extensions = { code: 'AUTH_SERVICE_UNAVAILABLE', requestId: expect.stringMatching(/./) };
    expect(errors).toMatchObject([{ message, extensions }]);
    expect(text).not.toContain(new URL(service.url).host);
  });

  it('a service with a GATEWAY_SECRET accepts the gateway that sends it, and no direct request', async ({
    supergraph,
    signUpUser,
    serve,
    authority,
  }) => {
    const { id, username, token } = await signUpUser();
    const gatewaySecret = 'between-the-gateway-and-the-service';
    const service = await serve(envFor(authority, { GATEWAY_SECRET: gatewaySecret }));
    const gateway = await supergraph(name, { service, gatewaySecret });
    const { body } = await gateway.graphql('{ me { id username badges { id } } }', {}, { token });
    expect(body).toEqual({ data: { me: { id, username, badges: [] } } });
    const direct = await service.graphql('{ viewer { id } }', {}, { token });
    expect(direct).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  });
});

describe('a gateway that does not send the GATEWAY_SECRET', () => {
  it('gets UNAUTHENTICATED for every user in Hive Gateway', async ({
    supergraph,
    db,
    signUpUser,
    serve,
    authority,
  }) => {
    const { token } = await signUpUser();
    const service = await serve(envFor(authority, { GATEWAY_SECRET: 'between-the-gateway-and-the-service' }));
    const gateway = await supergraph('Hive Gateway', { service });
    const before = await db.snapshot();
    for (const operation of ['{ viewer { id } }', 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }']) {
      const { data, errors } = await gateway.graphql(operation, {}, { token });
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      expect(Object.values(data ?? {}).filter(Boolean)).toEqual([]);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('does not start in @apollo/gateway, which cannot read the SDL', async ({ supergraph, serve, authority }) => {
    const service = await serve(envFor(authority, { GATEWAY_SECRET: 'between-the-gateway-and-the-service' }));
    await expect(supergraph('@apollo/gateway', { service })).rejects.toThrow(/users/);
  });
});
