import type { Resolvers } from '../graphql/generated.ts';
import { pageEdges, pageInfo } from '../lib/page.ts';
import { requireRowId } from '../lib/row-id.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import { goalPosition, hasVersion } from './goal.ts';
import { updateGoal } from './update-goal.ts';

export const goalsResolvers = {
  Query: {
    goal: (_, { id }, { loaders }) => loaders.goalById.load(requireRowId('id', id)),
  },
  Mutation: {
    createGoal: async (_, { input }, context) => ({ goal: await createGoal(context, input) }),
    updateGoal: async (_, { input: { id, expectedVersion, ...change } }, context) => ({
      goal: await updateGoal(context, { id, change, isExpected: hasVersion(expectedVersion) }),
    }),
    deleteGoal: async (_, { input: { id } }, context) => ({
      deletedId: id,
      user: await deleteGoal(context, { id }),
    }),
  },
  User: {
    goals: (user, page, { loaders }) => loaders.goalsOf(page).load(user.id),
    goalsConnection: (user, page, { loaders }) => loaders.goalPageOf(page).load(user.id),
  },
  LearningGoal: {
    __resolveReference: ({ id }, { loaders }) => loaders.goalById.load(requireRowId('id', id)),
    user: (goal) => ({ id: goal.userId }),
  },
  LearningGoalConnection: {
    edges: (page) => pageEdges(page, goalPosition),
    pageInfo: (page) => pageInfo(page, goalPosition),
    totalCount: (page, _, { loaders }) => loaders.goalCountOf(page.statuses).load(page.userId),
  },
  GoalStatus: {
    NOT_STARTED: 'not-started',
    IN_PROGRESS: 'in-progress',
    PAUSED: 'paused',
    COMPLETED: 'completed',
    ARCHIVED: 'archived',
  },
} satisfies Resolvers;
