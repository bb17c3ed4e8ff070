import { badgeInput, describe, expect, goalInput } from '../support/fixtures.ts';
import { believing, gateways, it } from './supergraph.ts';

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
  it('one query has who I am and what I have earned and work towards', async ({ supergraph, learner }) => {
    const { id, username, token } = await learner();
    const gateway = await supergraph(name);
    const badge = await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const goal = await gateway.graphql(CREATE_GOAL, { input: goalInput({ streakCount: 4 }) }, { token });
    expect(badge.errors ?? goal.errors).toBeUndefined();
    const { user: owner, ...myBadge } = badge.data.createBadge.badge;
    const { user: _, ...myGoal } = goal.data.createGoal.goal;
    const { data, errors } = await gateway.graphql(ME, {}, { token });
    expect({ data, errors }).toEqual({
      data: { me: { id, username, badges: [myBadge], goals: [myGoal] } },
      errors: undefined,
    });
    expect(owner).toEqual({ id, username, statistics: { totalBadges: 1, level: 1 } });
    expect(myBadge).toMatchObject(badgeInput());
    expect(myGoal).toMatchObject({ ...goalInput(), description: null, status: 'IN_PROGRESS', streakCount: 4 });
  });

  it('a goal is created, changed and deleted', async ({ supergraph, learner }) => {
    const { username, token } = await learner();
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

  it('anybody may look at people, who have nothing at first, whichever side they come from', async ({
    supergraph,
    learner,
  }) => {
    const [ada, bob] = [await learner(), await learner()];
    const gateway = await supergraph(name);
    const { data, errors } = await gateway.graphql(
      `query ($ada: ID!, $bob: ID!) {
        me { id } viewer { id }
        ada: user(id: $ada) { username email badges { id } statistics { level } }
        bob: learner(id: $bob) { username email goals { id } }
        nobody: learner(id: "nobody-at-all") { username }
      }`,
      { ada: ada.id, bob: bob.id },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      me: null,
      viewer: null,
      ada: { username: ada.username, email: null, badges: [], statistics: { level: 1 } },
      bob: { username: bob.username, email: null, goals: [] },
      nobody: null,
    });
  });

  it('the people of a list cost the service one statement for each of their lists', async ({
    supergraph,
    subgraph,
    learner,
  }) => {
    const { token, username } = await learner();
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

  it('a refusal keeps its code and its words, and changes nothing', async ({ supergraph, db, learner }) => {
    const [ada, eve] = [await learner(), await learner()];
    const gateway = await supergraph(name);
    for (const _ of [1, 2]) await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token: ada.token });
    const before = await db.snapshot();
    const refusals = {
      UNAUTHENTICATED: await gateway.graphql(CREATE_BADGE, { input: badgeInput() }),
      FORBIDDEN: await gateway.graphql(CREATE_BADGE, { input: badgeInput({ userId: ada.id }) }, { token: eve.token }),
      BAD_USER_INPUT: await gateway.graphql(CREATE_BADGE, { input: badgeInput({ name: '' }) }, { token: ada.token }),
      LIMIT_REACHED: await gateway.graphql(CREATE_BADGE, { input: badgeInput() }, { token: ada.token }),
      NOT_FOUND: await gateway.graphql(DELETE_GOAL, { input: { id: '987654321' } }, { token: ada.token }),
    };
    const told = Object.values(refusals).map(({ errors }) =>
      errors?.map(({ message, extensions: { code } }) => [code, message]),
    );
    expect(told).toEqual([
      [['UNAUTHENTICATED', 'Not authenticated']],
      [['FORBIDDEN', 'Not authorized to create a badge for this user']],
      [['BAD_USER_INPUT', 'name must have at least 1 character']],
      [['LIMIT_REACHED', 'Maximum number of badges (2) reached']],
      [['NOT_FOUND', 'Learning goal not found']],
    ]);
    expect(refusals.BAD_USER_INPUT.errors?.[0].extensions.field).toBe('name');
    expect(await db.snapshot()).toEqual(before);
  });

  it.for([
    ['nonsense', () => 'not-a-token'],
    ['a token that somebody has changed', (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
  ] as const)('a bad token is refused, and not taken for none: %s', async ([, make], { supergraph, db, learner }) => {
    const { token } = await learner();
    const gateway = await supergraph(name);
    const before = await db.snapshot();
    for (const operation of ['{ viewer { id } }', ME, 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }']) {
      const { data, errors } = await gateway.graphql(operation, {}, { token: make(token) });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
      expect(Object.values(data ?? {}).filter(Boolean)).toEqual([]);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('an unavailable auth-service is no reason to be without badges', async ({
    supergraph,
    learner,
    serve,
    authority,
  }) => {
    const { id, token } = await learner();
    const service = await serve(believing(authority, { AUTH_SERVICE_URL: 'http://127.0.0.1:1' }));
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

  it('a service with a GATEWAY_SECRET answers the gateway that sends it', async ({
    supergraph,
    learner,
    serve,
    authority,
  }) => {
    const { id, username, token } = await learner();
    const gatewaySecret = 'between-the-gateway-and-the-service';
    const service = await serve(believing(authority, { GATEWAY_SECRET: gatewaySecret }));
    const gateway = await supergraph(name, { service, gatewaySecret });
    const { body } = await gateway.graphql('{ me { id username badges { id } } }', {}, { token });
    expect(body).toEqual({ data: { me: { id, username, badges: [] } } });
    const past = await service.graphql('{ viewer { id } }', {}, { token });
    expect(past).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  });
});

describe('a gateway that does not send the GATEWAY_SECRET', () => {
  it('is UNAUTHENTICATED in Hive Gateway, whoever asks', async ({ supergraph, db, learner, serve, authority }) => {
    const { token } = await learner();
    const service = await serve(believing(authority, { GATEWAY_SECRET: 'between-the-gateway-and-the-service' }));
    const gateway = await supergraph('Hive Gateway', { service });
    const before = await db.snapshot();
    for (const operation of ['{ viewer { id } }', 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }']) {
      const { data, errors } = await gateway.graphql(operation, {}, { token });
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      expect(Object.values(data ?? {}).filter(Boolean)).toEqual([]);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('does not start in @apollo/gateway: it cannot learn what the subgraph is', async ({
    supergraph,
    serve,
    authority,
  }) => {
    const service = await serve(believing(authority, { GATEWAY_SECRET: 'between-the-gateway-and-the-service' }));
    await expect(supergraph('@apollo/gateway', { service })).rejects.toThrow(/users/);
  });
});
