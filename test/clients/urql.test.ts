import { Client, fetchExchange, gql } from '@urql/core';
import { vi } from 'vitest';
import { it as base, describe, expect, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { createGoals, titlesOf } from './goals.ts';
import { graphcache } from './urql-cache.ts';

const PAGE = 'edges { cursor node { id title } } pageInfo { hasNextPage endCursor }';
const GOALS = gql`query ($after: String) {
  viewer { id statistics { id totalGoals } goalsConnection(first: 2, after: $after) { ${PAGE} } }
}`;
const CREATE_GOAL = gql`mutation ($input: CreateGoalInput!) {
  createGoal(input: $input) {
    goal { id title }
    user { id statistics { id totalGoals } goalsConnection(first: 2) { ${PAGE} } }
  }
}`;
const DELETE_GOAL = gql`mutation ($input: DeleteGoalInput!) {
  deleteGoal(input: $input) { deletedId user { id statistics { id totalGoals } } }
}`;

/**
 * `connect` returns a client of a user. Graphcache reports missing keys and resolvers as warnings, which fail the test.
 */
const it = base.extend('connect', async ({ service }, { onCleanup }) => {
  const warn = vi.spyOn(console, 'warn');
  onCleanup(() => {
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });
  return ({ token }: SignedIn) =>
    new Client({
      url: `${service.url}/graphql`,
      exchanges: [graphcache, fetchExchange],
      preferGetMethod: false,
      fetchOptions: () => ({ headers: { authorization: `Bearer ${token}` } }),
    });
});

async function read(client: Client, variables: Record<string, unknown> = {}): Promise<Json> {
  const { data, error } = await client.query<Json>(GOALS, variables).toPromise();
  expect(error).toBeUndefined();
  return data;
}

async function cached(client: Client, query = GOALS): Promise<Json> {
  const { data } = await client.query<Json>(query, {}, { requestPolicy: 'cache-only' }).toPromise();
  return data;
}

describe('urql with Graphcache', () => {
  it('joins the pages of a connection to one list', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a', 'b', 'c', 'd', 'e']);
    const client = connect(user);
    let data = await read(client);
    while (data.viewer.goalsConnection.pageInfo.hasNextPage) {
      data = await read(client, { after: data.viewer.goalsConnection.pageInfo.endCursor });
    }
    expect(titlesOf(await cached(client))).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('shows a new goal and new totals by the user in the payload', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a']);
    const client = connect(user);
    await read(client);
    await client.mutation(CREATE_GOAL, { input: { title: 'b' } }).toPromise();
    const data = await cached(client);
    expect([titlesOf(data), data.viewer.statistics.totalGoals]).toEqual([['b', 'a'], 2]);
  });

  it('reads a deleted goal again from the service, where it is gone', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a', 'b']);
    const client = connect(user);
    const { id } = (await read(client)).viewer.goalsConnection.edges[0].node;
    await client.mutation(DELETE_GOAL, { input: { id } }).toPromise();
    expect(titlesOf(await read(client))).toEqual(['a']);
  });

  it('needs no other keys for what a profile page shows, and joins parts of a streak', async ({
    service,
    connect,
    createUser,
  }) => {
    const user = await createUser();
    await createGoals(service, user, ['a']);
    const client = connect(user);
    const profile = gql`{ viewer {
      id
      streak { current longest status }
      badges { id name definition { key name } evidence { digest } }
      goals { id title streak { current } progress { ratio } }
      activities(first: 5) { edges { cursor node { id verb } } pageInfo { hasNextPage endCursor } }
      activityCalendar(from: "2026-03-01", to: "2026-03-07") { date count }
      badgeProgress { current target definition { key } }
      excusedDates { id from to }
    } }`;
    const { error } = await client.query(profile, {}).toPromise();
    expect(error).toBeUndefined();
    await client.query(gql`{ viewer { id streak { startedOn } } }`, {}).toPromise();
    expect((await cached(client, profile)).viewer.streak.current).toBe(0);
  });

  it('finds a goal of a list by its id, without a request', async ({ service, connect, createUser }) => {
    const user = await createUser();
    await createGoals(service, user, ['a']);
    const client = connect(user);
    const { id } = (await read(client)).viewer.goalsConnection.edges[0].node;
    const found = await cached(client, gql`{ goal(id: "${id}") { id title } }`);
    expect(found.goal).toMatchObject({ id, title: 'a' });
  });
});
