import { hasScope, maySee } from '../../auth/scopes.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Activity } from '../tracking/activity.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import { findActivitiesByIds } from './activities.store.ts';

/**
 * Excludes an activity from every computation; a second time nothing changes.
 * @throws NOT_FOUND (also for an activity that the viewer may neither see nor void), FORBIDDEN, and the errors of
 * `changeTracking`
 */
export async function voidActivity(context: RequestContext, viewer: Viewer, id: number): Promise<Activity> {
  const activity = await requireVoidable(context, viewer, id);
  const { userId, eventId, verb, objectId, goalId, localDate } = activity;
  const { result } = await changeTracking(context, {
    request: {
      userId,
      eventIds: [eventId],
      goalIds: goalId === null ? [] : [goalId],
      verbs: [verb],
      objects: objectId === null ? [] : [{ verb, objectId }],
      since: localDate,
    },
    apply: (draft) => {
      const stored = draft.user.activitiesByEventId.get(eventId);
      if (stored === undefined) throw activityNotFound();
      if (stored.voidedAt !== null) return stored;
      draft.voidActivity(stored);
      return { ...stored, voidedAt: draft.now };
    },
  });
  return result;
}

async function requireVoidable(context: RequestContext, viewer: Viewer, id: number): Promise<Activity> {
  const [activity = null] = await findActivitiesByIds(context.db, [id]);
  const mayVoidAny = hasScope(viewer, 'activity:write');
  if (activity === null) throw activityNotFound();
  if (mayVoidAny) return activity;
  if (!maySee(viewer, activity.userId, 'activity:read')) throw activityNotFound();
  const isOwn = activity.userId === viewer.id;
  if (isOwn && context.limits.selfReportedVerbs.includes(activity.verb)) return activity;
  throw new AppError('FORBIDDEN', 'Not authorized to void this activity');
}

function activityNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Activity not found');
}
