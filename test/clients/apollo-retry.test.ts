import { CombinedGraphQLErrors, gql } from '@apollo/client';
import { it as base, describe, expect, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { createApolloClient } from './apollo-client.ts';

type Fetch = typeof globalThis.fetch;

const CREATE_GOALS = gql`
  mutation ($input: CreateGoalInput!, $second: CreateGoalInput!) {
    createGoal(input: $input) { goal { id } }
    second: createGoal(input: $second) { goal { id } }
  }
`;
const CREATE_GOAL = gql`mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }`;
const DELETE_GOAL = gql`mutation ($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId } }`;
const LEARNER = gql`query ($id: ID!) { viewer { id } learner(id: $id) { id } }`;

/** `connect` returns a client whose requests are counted; `first` answers its first request after the service has. */
const it = base.extend('connect', async ({ service }) => ({ token }: SignedIn, first?: () => Response) => {
  const sent: number[] = [];
  const fetchCounted: Fetch = async (...call) => {
    const response = await fetch(...call);
    sent.push(performance.now());
    return sent.length === 1 && first !== undefined ? first() : response;
  };
  const client = createApolloClient({ uri: `${service.url}/graphql`, getToken: () => token, fetch: fetchCounted });
  return { client, sent };
});

function loseConnection(): never {
  throw new TypeError('the connection was lost');
}

function unavailable(type: string, retryAfter: string) {
  const body = JSON.stringify({ errors: [{ message: 'overloaded' }] });
  return () => new Response(body, { status: 503, headers: { 'content-type': type, 'retry-after': retryAfter } });
}

describe('the retries of the Apollo client', () => {
  it('repeat a query of which a field has failed temporarily, with status 200', async ({
    auth,
    connect,
    createUser,
  }) => {
    const user = await createUser();
    const { client, sent } = await connect(user);
    auth.fail('graphql', 503, { times: 2 });
    const { data } = await client.query<Json>({ query: LEARNER, variables: { id: user.id } });
    expect([data.learner.id, sent.length]).toEqual([user.id, 2]);
  });

  it('return the data of the last attempt', async ({ auth, connect, createUser }) => {
    const user = await createUser();
    const { client, sent } = await connect(user);
    auth.fail('graphql', 503, { times: 6 });
    const result = await client.query<Json>({ query: LEARNER, variables: { id: user.id }, errorPolicy: 'all' });
    expect(result.data).toMatchObject({ viewer: { id: user.id }, learner: null });
    expect(CombinedGraphQLErrors.is(result.error)).toBe(true);
    expect(sent).toHaveLength(3);
  });

  it.for(['application/json', 'application/graphql-response+json'])(
    'repeat a 503 of type %s after the seconds of Retry-After',
    async (type, { connect, createUser }) => {
      const user = await createUser();
      const { client, sent } = await connect(user, unavailable(type, '1'));
      const { data } = await client.query<Json>({ query: LEARNER, variables: { id: user.id } });
      expect([data.learner.id, sent.length]).toEqual([user.id, 2]);
      expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThanOrEqual(1000);
    },
  );

  it('leave a wait of a minute to the user', async ({ connect, createUser }) => {
    const user = await createUser();
    const { client, sent } = await connect(user, unavailable('application/graphql-response+json', '60'));
    await expect(client.query({ query: LEARNER, variables: { id: user.id } })).rejects.toThrow('overloaded');
    expect(sent).toHaveLength(1);
  });

  it('repeat creates with a key each', async ({ service, connect, createUser }) => {
    const user = await createUser();
    const { client, sent } = await connect(user, loseConnection);
    const input = (title: string) => ({ title, idempotencyKey: title });
    await client.mutate({ mutation: CREATE_GOALS, variables: { input: input('a'), second: input('b') } });
    expect(sent).toHaveLength(2);
    expect((await service.rest(`/users/${user.id}/goals`)).body).toHaveLength(2);
  });

  it.for<[string, () => Response]>([
    ['a lost connection', loseConnection],
    ['a 503', unavailable('application/json', '1')],
    ['a 503 in the format of GraphQL over HTTP', unavailable('application/graphql-response+json', '1')],
  ])('do not repeat a create without a key, after %s', async ([, first], { service, connect, createUser }) => {
    const user = await createUser();
    const { client, sent } = await connect(user, first);
    await expect(client.mutate({ mutation: CREATE_GOAL, variables: { input: { title: 'a' } } })).rejects.toThrow();
    expect(sent).toHaveLength(1);
    expect((await service.rest(`/users/${user.id}/goals`)).body).toHaveLength(1);
  });

  it('do not repeat two creates of which one has no key', async ({ service, connect, createUser }) => {
    const user = await createUser();
    const { client } = await connect(user, loseConnection);
    const variables = { input: { title: 'a', idempotencyKey: 'a' }, second: { title: 'b' } };
    await expect(client.mutate({ mutation: CREATE_GOALS, variables })).rejects.toThrow('lost');
    expect((await service.rest(`/users/${user.id}/goals`)).body).toHaveLength(2);
  });

  it('do not repeat a deletion, which would report NOT_FOUND', async ({ service, connect, createUser }) => {
    const user = await createUser();
    const { client, sent } = await connect(user, loseConnection);
    const { body } = await service.rest(`/users/${user.id}/goals`, {
      method: 'POST',
      token: user.token,
      body: { title: 'a' },
    });
    const variables = { input: { id: String(body.id) } };
    await expect(client.mutate({ mutation: DELETE_GOAL, variables })).rejects.toThrow('lost');
    expect(sent).toHaveLength(1);
  });
});
