import { requireOwner } from '../../auth/viewer.ts';
import { pageEdges, pageInfo } from '../../lib/page.ts';
import { requireRowId } from '../../lib/row-id.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import { CREATE_GOAL, DELETE_GOAL, goalCursorKey, hasVersion, UPDATE_GOAL } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { updateGoal } from './update-goal.ts';

export const goalsResolvers = {
  Query: {
    goal: (_, { id }, context) => goalLoaders(context).byId.load(requireRowId('id', id)),
  },
  Mutation: {
    createGoal: async (_, { input }, context) => {
      const owner = requireOwner(context.viewer, input.userId, CREATE_GOAL);
      const { result: goal } = await createGoal(context, owner, input);
      return { goal, user: owner };
    },
    updateGoal: async (_, { input: { id, expectedVersion, ...change } }, context) => {
      const owner = requireOwner(context.viewer, undefined, UPDATE_GOAL);
      const isExpected = hasVersion(expectedVersion);
      const goal = await updateGoal(context, owner, { id: requireRowId('id', id), change, isExpected });
      return { goal, user: owner };
    },
    deleteGoal: async (_, { input: { id } }, context) => {
      const owner = requireOwner(context.viewer, undefined, DELETE_GOAL);
      await deleteGoal(context, owner, requireRowId('id', id));
      return { deletedId: id, user: owner };
    },
  },
  User: {
    goals: (user, args, context) => goalLoaders(context).list(args).load(user.id),
    goalsConnection: (user, args, context) => goalLoaders(context).page(args).load(user.id),
  },
  LearningGoal: {
    __resolveReference: ({ id }, context) => goalLoaders(context).byId.load(requireRowId('id', id)),
    user: (goal) => ({ id: goal.userId }),
  },
  LearningGoalConnection: {
    edges: (page) => pageEdges(page, goalCursorKey),
    pageInfo: (page) => pageInfo(page, goalCursorKey),
    totalCount: (page, _, context) => goalLoaders(context).count(page.filter).load(page.userId),
  },
} satisfies Resolvers;
