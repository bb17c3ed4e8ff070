import { readerOf, requireScope } from '../../auth/scopes.ts';
import { requireActor, requireViewer } from '../../auth/viewer.ts';
import { HIDDEN } from '../../lib/hidden.ts';
import { pageEdges, pageInfo } from '../../lib/page.ts';
import { requireRowId } from '../../lib/row-id.ts';
import { MAX_BYTES_PER_CHARACTER } from '../../lib/text.ts';
import { MAX_VERB_LENGTH } from '../../lib/verb.ts';
import { viewGoal } from '../goals/view-goal.ts';
import type { RecordActivityInput, Resolvers } from '../resolvers.generated.ts';
import { MAX_EVENT_ID_LENGTH, OBJECT_ID, withGoalId } from './activity-input.ts';
import { RECORD_ACTIVITY } from './add-activity.ts';
import { RECORD_ACTIVITIES, recordActivities } from './record-activities.ts';
import { recordActivity } from './record-activity.ts';
import { activityCursorKey, viewActivities, viewActivity, viewCalendar } from './view-activities.ts';
import { voidActivity } from './void-activity.ts';

/** See `textLengths` in the registry. JSON escapes quotes and backslashes. */
export const activitiesTextLengths = {
  'Activity.eventId': 2 * MAX_EVENT_ID_LENGTH,
  'Activity.objectId': MAX_BYTES_PER_CHARACTER * OBJECT_ID.max,
  'Activity.timeZone': 64,
  'Activity.verb': MAX_VERB_LENGTH,
  'RecordActivityResult.code': 30,
  'RecordActivityResult.message': 400,
};

export const activitiesResolvers = {
  Query: {
    activity: (_, { id }, context) => viewActivity(context, requireRowId('id', id)),
  },
  Mutation: {
    recordActivity: async (_, { input: { userId, ...input } }, context) => {
      const recorder = requireActor(context.viewer, userId, RECORD_ACTIVITY);
      const { activity, isReplay, badges } = await recordActivity(context, recorder, withGoalId(input));
      return { activity, replayed: isReplay, user: { id: recorder.userId }, badges };
    },
    recordActivities: async (_, { input: { activities: items } }, context) => {
      const recorder = requireScope(context.viewer, 'activity:write', RECORD_ACTIVITIES);
      const toItem = (item: RecordActivityInput) => ({ ...withGoalId(item), userId: item.userId ?? recorder.id });
      return { results: await recordActivities(context, recorder, { items, toItem }) };
    },
    voidActivity: async (_, { input: { id } }, context) => {
      const viewer = requireViewer(context.viewer);
      const activity = await voidActivity(context, viewer, requireRowId('id', id));
      return { activity, user: { id: activity.userId } };
    },
  },
  User: {
    activities: (user, args, context) =>
      viewActivities(context, readerOf(context.viewer, user.id, 'activity:read'), args),
    activityCalendar: (user, range, context) =>
      viewCalendar(context, readerOf(context.viewer, user.id, 'activity:read'), range),
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
