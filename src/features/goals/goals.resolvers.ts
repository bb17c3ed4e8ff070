import { requireOwner } from '../../auth/viewer.ts';
import { readWithOthers } from '../../lib/field-reader.ts';
import { pageEdges, pageInfo } from '../../lib/page.ts';
import { requireRowId } from '../../lib/row-id.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { viewGoalStreak } from '../streaks/view-streak.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import { CREATE_GOAL, DELETE_GOAL, goalCursorKey, readGoalChange, UPDATE_GOAL, versionTest } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { updateGoal } from './update-goal.ts';
import { viewGoal } from './view-goal.ts';
import { viewGoalProgress, viewIsOverdue } from './view-goal-progress.ts';
import { withStreakCounts } from './with-streak-counts.ts';

export const goalsResolvers = {
  Query: {
    goal: (_, { id }, context) => viewGoal(context, requireRowId('id', id)),
  },
  Mutation: {
    createGoal: async (_, { input }, context) => {
      const owner = requireOwner(context.viewer, input.userId, CREATE_GOAL);
      const { result: goal } = await createGoal(context, owner, input);
      return { goal, user: owner };
    },
    updateGoal: async (_, { input: { id, expectedVersion, ...change } }, context) => {
      const owner = requireOwner(context.viewer, undefined, UPDATE_GOAL);
      const isExpected = versionTest(expectedVersion);
      const goalId = readWithOthers(
        () => requireRowId('id', id),
        () => readGoalChange(change, null),
      );
      const { goal } = await updateGoal(context, owner, { id: goalId, change, isExpected });
      return { goal, user: owner };
    },
    deleteGoal: async (_, { input: { id } }, context) => {
      const owner = requireOwner(context.viewer, undefined, DELETE_GOAL);
      await deleteGoal(context, owner, { id: requireRowId('id', id) });
      return { deletedId: id, user: owner };
    },
  },
  User: {
    goals: (user, args, context) =>
      goalLoaders(context)
        .list(args)
        .load(user.id)
        .then((goals) => withStreakCounts(context, goals)),
    goalsConnection: async (user, args, context) => {
      const page = await goalLoaders(context).page(args).load(user.id);
      return { ...page, nodes: await withStreakCounts(context, page.nodes) };
    },
  },
  LearningGoal: {
    __resolveReference: ({ id }, context) => viewGoal(context, requireRowId('id', id)),
    user: (goal) => ({ id: goal.userId }),
    streak: (goal, _, context) => viewGoalStreak(context, goal),
    progress: (goal, _, context) => viewGoalProgress(context, goal),
    isOverdue: (goal, _, context) => viewIsOverdue(context, goal),
  },
  LearningGoalConnection: {
    edges: (page) => pageEdges(page, goalCursorKey),
    pageInfo: (page) => pageInfo(page, goalCursorKey),
    totalCount: (page, _, context) => goalLoaders(context).count(page.filter).load(page.userId),
  },
} satisfies Resolvers;
