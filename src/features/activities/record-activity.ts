import { hasScope } from '../../auth/scopes.ts';
import { earliestDateAt, FIRST_DATE, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Badge } from '../badges/badge.ts';
import type { StreakValue } from '../streaks/streak.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import type { TrackingRequest } from '../tracking/state.ts';
import { type ActivityContent, type ActivityInput, readActivity } from './activity-input.ts';
import {
  addActivity,
  MAX_AGE_MS,
  ownZoneOf,
  type RecordedActivity,
  type Recorder,
  requireRecordableVerb,
} from './add-activity.ts';

export interface RecordingResult extends RecordedActivity {
  /** The overall streak after the activity, and the zone in which it expires. */
  streak: StreakValue;
  timeZone: string;
  /** The badges that the activity has earned; empty for a replay. */
  badges: Badge[];
}

/**
 * Records an activity of the user, at most once for each event id, with its effects on streaks and badges.
 * @throws BAD_USER_INPUT, FORBIDDEN for the verb, CONFLICT, and the errors of `changeTracking`
 */
export async function recordActivity(
  context: RequestContext,
  recorder: Recorder,
  input: ActivityInput,
): Promise<RecordingResult> {
  const { userId } = recorder;
  const content = readActivity(userId, input);
  requireRecordableVerb(recorder, content.verb, context.limits.selfReportedVerbs);
  const { result, draft: saved } = await changeTracking(context, {
    request: activityRequest(context, userId, [content]),
    recordedVerbs: [content.verb],
    apply: (draft) => addActivity(draft, recorder, content),
  });
  const { streak, timeZone, awardedBadges: badges } = saved;
  return { ...result, streak, timeZone, badges };
}

/**
 * Returns the data that recording these activities of a user needs. Activities before the limit of time are rejected,
 * so that they need none of their dates.
 */
export function activityRequest(
  { viewer, now }: Pick<RequestContext, 'viewer' | 'now'>,
  userId: string,
  contents: readonly ActivityContent[],
): TrackingRequest {
  const requestedAt = now();
  const instants = contents.map(({ occurredAt }) => occurredAt ?? requestedAt.toISOString());
  const oldest = new Date(requestedAt.getTime() - MAX_AGE_MS).toISOString();
  const earliest = hasScope(viewer, 'activity:import') ? FIRST_DATE : firstDate([oldest]);
  return {
    userId,
    eventIds: contents.map(({ eventId }) => eventId),
    newIds: contents.length,
    goalIds: contents.flatMap(({ goalId }) => goalId ?? []),
    objects: contents.flatMap(({ verb, objectId }) => (objectId === null ? [] : { verb, objectId })),
    since: later(firstDate(instants), earliest),
    mayAddFirstZone: ownZoneOf(viewer, userId) !== undefined,
  };
}

/** Returns a date that is not after the local date of any of the instants. */
function firstDate(instants: readonly string[]): LocalDate {
  return instants.map(earliestDateAt).reduce((a, b) => (a < b ? a : b));
}

function later(a: LocalDate, b: LocalDate): LocalDate {
  return a > b ? a : b;
}
