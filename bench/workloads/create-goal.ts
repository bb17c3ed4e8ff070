import { withoutGeneratedValues } from './create-badge.ts';
import { CREATE_SERVERS, type Workload, writtenUser } from './workload.ts';

const MUTATION =
  'mutation CreateGoal($input:CreateGoalInput!){createGoal(input:$input){' +
  'goal{id title description status streakCount createdAt updatedAt}}}';
const GOAL = { title: 'Read Euler', description: 'A page a day, and a note on each' };
const REQUESTS = 2000;

export const goalMutation: Workload = {
  name: 'goal-mutation',
  title: 'GraphQL: the `createGoal` mutation',
  servers: CREATE_SERVERS,
  writes: true,
  normalize: withoutGeneratedValues,
  requests: ({ tokenFor }) =>
    Array.from({ length: REQUESTS }, (_, n) => {
      const userId = writtenUser(n);
      const body = { operationName: 'CreateGoal', query: MUTATION, variables: { input: { userId, ...GOAL } } };
      return { method: 'POST', path: '/graphql', body, token: tokenFor(userId) };
    }),
};
