import { type ApolloClient, CombinedGraphQLErrors, gql } from '@apollo/client';
import { it as base, describe, expect, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { createApolloClient } from './apollo-client.ts';
import { createGoals, titlesOf } from './goals.ts';

const CREATE_GOAL = gql`
  mutation ($input: CreateGoalInput!) {
    createGoal(input: $input) {
      goal { id title }
      user { id statistics { id totalGoals } goalsConnection(first: 2) { edges { cursor node { id title } } pageInfo { hasNextPage endCursor } } }
    }
  }
`;
const DELETE_GOAL = gql`
  mutation ($input: DeleteGoalInput!) {
    deleteGoal(input: $input) { deletedId user { id statistics { id totalGoals } } }
  }
`;
const GOALS = gql`
  query ($after: String, $status: [GoalStatus!]) {
    viewer {
      id
      statistics { id totalGoals }
      goalsConnection(first: 2, after: $after, status: $status) {
        edges { cursor node { id title } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;

const it = base.extend('connect', async ({ service }) => ({ token }: SignedIn, fetch?: typeof globalThis.fetch) => {
  return createApolloClient({ uri: `${service.url}/graphql`, getToken: () => token, ...(fetch && { fetch }) });
});

const cached = (client: ApolloClient, query = GOALS): Json => client.readQuery({ query });

describe('Apollo Client', () => {
  it('joins the pages of a connection to one list', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a', 'b', 'c', 'd', 'e']);
    const client = await connect(user);
    const goals = client.watchQuery<Json>({ query: GOALS });
    goals.subscribe(() => undefined);
    let { data }: Json = await client.query({ query: GOALS });
    while (data.viewer.goalsConnection.pageInfo.hasNextPage) {
      await goals.fetchMore({ variables: { after: data.viewer.goalsConnection.pageInfo.endCursor } });
      data = cached(client);
    }
    expect(titlesOf(data)).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('keeps lists with different filters apart', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a']);
    const client = await connect(user);
    await client.query({ query: GOALS });
    const paused: Json = (await client.query({ query: GOALS, variables: { status: ['PAUSED'] } })).data;
    expect([titlesOf(paused), titlesOf(cached(client))]).toEqual([[], ['a']]);
  });

  it('shows a new goal and new totals by the user in the payload, without another request', async ({
    service,
    connect,
    createUser,
  }) => {
    const user = await createUser();
    await createGoals(service, user, ['a']);
    const client = await connect(user);
    await client.query({ query: GOALS });
    await client.mutate({ mutation: CREATE_GOAL, variables: { input: { title: 'b' } } });
    expect(titlesOf(cached(client))).toEqual(['b', 'a']);
    expect(cached(client).viewer.statistics.totalGoals).toBe(2);
  });

  it('hides a deleted goal after it was evicted by its deletedId', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a', 'b']);
    const client = await connect(user);
    const { data } = await client.query<Json>({ query: GOALS });
    const { id } = data.viewer.goalsConnection.edges[0].node;
    await client.mutate<Json>({
      mutation: DELETE_GOAL,
      variables: { input: { id } },
      update: (cache, { data: deleted }) => {
        const { deletedId } = deleted.deleteGoal;
        cache.evict({ id: cache.identify({ __typename: 'LearningGoal', id: deletedId }) ?? '' });
      },
    });
    expect(titlesOf(cached(client))).toEqual(['a']);
    expect(cached(client).viewer.statistics.totalGoals).toBe(1);
  });

  it('keeps the totals of users apart, and joins parts of a streak', async ({ service, connect, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    await createGoals(service, ada, ['a']);
    const client = await connect(ada);
    const totals = (id: string) => ({ query: gql`{ learner(id: "${id}") { id statistics { id totalGoals } } }` });
    const readTotals = async (id: string): Promise<Json> => (await client.query(totals(id))).data;
    expect((await readTotals(ada.id)).learner.statistics.totalGoals).toBe(1);
    expect((await readTotals(eve.id)).learner.statistics.totalGoals).toBe(0);
    expect((client.readQuery(totals(ada.id)) as Json).learner.statistics.totalGoals).toBe(1);
    const [current, status] = [gql`{ viewer { id streak { current } } }`, gql`{ viewer { id streak { status } } }`];
    await client.query({ query: current });
    await client.query({ query: status });
    expect(cached(client, current).viewer.streak.current).toBe(0);
  });

  it('repeats a create with its key after a lost response, and one goal exists', async ({
    service,
    connect,
    createUser,
  }) => {
    const user = await createUser();
    let requests = 0;
    const client = await connect(user, async (...call) => {
      const response = await fetch(...call);
      if (++requests === 1) throw new TypeError('the connection was lost');
      return response;
    });
    const input = { title: 'a', idempotencyKey: crypto.randomUUID() };
    const { data } = await client.mutate<Json>({ mutation: CREATE_GOAL, variables: { input } });
    expect([requests, data.createGoal.user.statistics.totalGoals]).toEqual([2, 1]);
    expect((await service.rest(`/users/${user.id}/goals`)).body).toHaveLength(1);
  });

  it('gives the fields of an invalid input', async ({ connect, createUser }) => {
    const client = await connect(await createUser());
    const input = { title: '', streakCount: -1 };
    const error = await client.mutate({ mutation: CREATE_GOAL, variables: { input } }).catch((reason) => reason);
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    const { code, fields } = error.errors[0].extensions;
    expect([code, fields.map(({ field }: Json) => field)]).toEqual(['BAD_USER_INPUT', ['title', 'streakCount']]);
  });
});
