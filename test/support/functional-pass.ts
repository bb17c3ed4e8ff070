import { expect } from 'vitest';
import { badgeBody, badgeInput, goalInput } from './builders.ts';
import type { HttpClient } from './http-client.ts';

const EVERYTHING = `
  query ($ids: [_Any!]!, $badge: ID!, $goal: ID!) {
    badge(id: $badge) { id }
    goal(id: $goal) { id }
    _entities(representations: $ids) {
      ... on User {
        badges(first: 2) { id name }
        goals(first: 2, status: [PAUSED]) { id title }
        statistics { totalBadges totalGoals level }
      }
      ... on Badge { name }
      ... on LearningGoal { title }
    }
  }`;

/** Calls every operation of both APIs, and expects success. It leaves the user two badges and no goal. */
export async function functionalPass(service: HttpClient, { id, token }: { id: string; token: string }): Promise<void> {
  const call = async (text: string, variables: Record<string, unknown>) => {
    const { body } = await service.graphql(text, variables, { token });
    expect(body.errors).toBeUndefined();
    return body.data;
  };
  const { createBadge } = await call(
    'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }',
    { input: { ...badgeInput(), idempotencyKey: 'graphql-1' } },
  );
  const { createGoal } = await call(
    'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }',
    { input: goalInput() },
  );
  const { updateGoal } = await call(
    'mutation ($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { title } } }',
    { input: { id: createGoal.goal.id, title: 'another title' } },
  );
  expect(updateGoal.goal.title).toBe('another title');
  const references = [
    { __typename: 'User', id },
    { __typename: 'User', id: 'user-without-rows' },
    { __typename: 'Badge', id: createBadge.badge.id },
    { __typename: 'LearningGoal', id: createGoal.goal.id },
  ];
  const { _entities } = await call(EVERYTHING, {
    badge: createBadge.badge.id,
    goal: createGoal.goal.id,
    ids: references,
  });
  expect(_entities[0]).toMatchObject({ badges: [createBadge.badge], statistics: { totalBadges: 1, totalGoals: 1 } });
  expect(_entities[1]).toMatchObject({ badges: [], goals: [], statistics: { totalBadges: 0, totalGoals: 0 } });

  const keyed = { token, body: badgeBody(), headers: { 'idempotency-key': 'rest-1' } };
  const [created, replayed] = [
    await service.rest(`/users/${id}/badges`, keyed),
    await service.rest(`/users/${id}/badges`, keyed),
  ];
  expect([created.status, replayed.status, replayed.body]).toEqual([200, 200, created.body]);
  for (const [list, length] of [
    ['badges', 2],
    ['goals', 1],
  ] as const) {
    expect((await service.rest(`/users/${id}/${list}`, { token })).body).toHaveLength(length);
  }
  const removed = await service.rest(`/users/${id}/goals/${createGoal.goal.id}`, { method: 'DELETE', token });
  expect(removed.status).toBe(200);
}
