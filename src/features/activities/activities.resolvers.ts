import { requireViewer } from '../../auth/viewer.ts';
import { HIDDEN } from '../../lib/hidden.ts';
import { pageEdges, pageInfo } from '../../lib/page.ts';
import { requireRowId } from '../../lib/row-id.ts';
import { viewGoal } from '../goals/view-goal.ts';
import type { RecordActivityInput, Resolvers } from '../resolvers.generated.ts';
import { withGoalId } from './activity-input.ts';
import { recordActivities } from './record-activities.ts';
import { recordActivity } from './record-activity.ts';
import { activityCursorKey, viewActivities, viewActivity, viewCalendar } from './view-activities.ts';
import { voidActivity } from './void-activity.ts';

export const activitiesResolvers = {
  Query: {
    activity: (_, { id }, context) => viewActivity(context, requireRowId('id', id)),
  },
  Mutation: {
    recordActivity: async (_, { input: { userId, ...input } }, context) => {
      const { id } = requireViewer(context.viewer);
      const user = { id: userId ?? id };
      const { activity, isReplay, badges } = await recordActivity(context, user.id, withGoalId(input));
      return { activity, replayed: isReplay, user, badges };
    },
    recordActivities: async (_, { input: { activities } }, context) => {
      const { id } = requireViewer(context.viewer);
      const toItem = (item: RecordActivityInput) => ({ ...withGoalId(item), userId: item.userId ?? id });
      return { results: await recordActivities(context, activities, toItem) };
    },
    voidActivity: async (_, { input: { id } }, context) => {
      const viewer = requireViewer(context.viewer);
      const activity = await voidActivity(context, viewer, requireRowId('id', id));
      return { activity, user: { id: activity.userId } };
    },
  },
  User: {
    activities: (user, args, context) => viewActivities(context, user.id, args),
    activityCalendar: (user, range, context) => viewCalendar(context, user.id, range),
  },
  Activity: {
    __resolveReference: async ({ id }, context) => (await viewActivity(context, requireRowId('id', id))) ?? HIDDEN,
    user: (activity) => ({ id: activity.userId }),
    goal: ({ goalId }, _, context) => (goalId === null ? null : viewGoal(context, goalId)),
  },
  ActivityConnection: {
    edges: (page) => pageEdges(page, activityCursorKey),
    pageInfo: (page) => pageInfo(page, activityCursorKey),
  },
} satisfies Resolvers;
