import { hasScope } from '../../auth/scopes.ts';
import type { Actor, Viewer } from '../../auth/viewer.ts';
import { AppError, invalidField } from '../../errors.ts';
import { alternatives } from '../../lib/alternatives.ts';
import { dateAt, HOUR_MS, isTimeZone } from '../../lib/local-date.ts';
import { zoneAt } from '../streaks/zones.ts';
import { type Activity, MAX_AHEAD_MS } from '../tracking/activity.ts';
import type { StoredActivity } from '../tracking/state.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';
import type { ActivityContent } from './activity-input.ts';

/** The permission to record activities of a user one by one: the user's own, or with the scope. */
export const RECORD_ACTIVITY = { action: 'record an activity for this user', scope: 'activity:write' } as const;
export type Recorder = Actor<typeof RECORD_ACTIVITY.scope>;

export interface RecordedActivity {
  activity: Activity;
  /** Whether the activity was recorded earlier. */
  isReplay: boolean;
}

/** Maximum age of an activity without the scope `activity:import`. */
export const MAX_AGE_MS = 72 * HOUR_MS;
const EPOCH = '1970-01-01T00:00:00Z';

/**
 * Adds an activity to the draft; at most once for each event id.
 * @throws CONFLICT for the event id of an activity with other content. BAD_USER_INPUT for a time outside the limits and
 * for a goal that the user does not have
 */
export function addActivity(draft: TrackingDraft, viewer: Viewer, content: ActivityContent): RecordedActivity {
  const stored = draft.user.activitiesByEventId.get(content.eventId);
  if (stored !== undefined) return replay(stored, content);
  const occurredAt = content.occurredAt ?? draft.now;
  requireTimely(occurredAt, draft.now, viewer);
  if (content.goalId !== null && !draft.user.goals.has(content.goalId)) {
    throw invalidField('goalId', 'goalId is not a goal of the user');
  }
  const firstZone = firstZoneOf(draft, viewer);
  if (firstZone !== undefined && !draft.hasActivities) {
    draft.addZone({ effectiveFrom: EPOCH, timeZone: firstZone, isFromToken: true });
  }
  const timeZone = zoneAt(draft.user.zones, occurredAt);
  const activity = {
    ...content,
    id: draft.takeId(),
    userId: draft.user.id,
    occurredAt,
    isOccurredAtDefault: content.occurredAt === null,
    localDate: dateAt(occurredAt, timeZone),
    timeZone,
    recordedAt: draft.now,
    voidedAt: null,
  };
  if (firstZone !== undefined && draft.hasActivities) {
    draft.addZone({ effectiveFrom: draft.now, timeZone: firstZone, isFromToken: true });
  }
  draft.record(activity);
  draft.user.activitiesByEventId.set(content.eventId, { ...activity, isGoalDeleted: false });
  return { activity, isReplay: false };
}

/**
 * Returns the stored activity as a replay. A goal that is deleted since is not compared.
 * @throws CONFLICT when it has other content
 */
function replay(stored: StoredActivity, content: ActivityContent): RecordedActivity {
  const isSame =
    stored.verb === content.verb &&
    stored.objectId === content.objectId &&
    stored.quantity === content.quantity &&
    (stored.isGoalDeleted || stored.goalId === content.goalId) &&
    (content.occurredAt === null ? stored.isOccurredAtDefault : isSameInstant(stored, content.occurredAt));
  if (isSame) return { activity: stored, isReplay: true };
  throw new AppError('CONFLICT', 'An activity with this event id and other content exists', { field: 'eventId' });
}

function isSameInstant({ isOccurredAtDefault, occurredAt }: StoredActivity, given: string): boolean {
  return !isOccurredAtDefault && occurredAt === given;
}

function requireTimely(occurredAt: string, now: string, viewer: Viewer): void {
  const age = Date.parse(now) - Date.parse(occurredAt);
  if (age < -MAX_AHEAD_MS) throw invalidField('occurredAt', 'occurredAt must be at most 5 minutes ahead');
  if (age > MAX_AGE_MS && !hasScope(viewer, 'activity:import')) {
    throw invalidField('occurredAt', 'occurredAt must be at most 72 hours ago');
  }
}

/** Returns the zone of the user's own token, if the user has none yet. */
function firstZoneOf({ user }: TrackingDraft, viewer: Viewer): string | undefined {
  return user.zones.length === 0 ? ownZoneOf(viewer, user.id) : undefined;
}

/** Returns the zone that a token of the user names; undefined for another token, and for one that names none. */
export function ownZoneOf(viewer: Viewer | null, userId: string): string | undefined {
  const zone = viewer?.id === userId ? viewer.zoneinfo : undefined;
  return zone !== undefined && isTimeZone(zone) ? zone : undefined;
}

/**
 * Requires that a recorder may record activities with the verb: without the scope, users report only some verbs
 * themselves.
 * @throws FORBIDDEN
 */
export function requireRecordableVerb(recorder: Recorder, verb: string, selfReportedVerbs: readonly string[]): void {
  if (hasScope(recorder, 'activity:write') || selfReportedVerbs.includes(verb)) return;
  const expected = selfReportedVerbs.length === 0 ? 'no verb' : alternatives(selfReportedVerbs);
  throw new AppError('FORBIDDEN', `Not authorized to record activities with the verb ${verb}: expected ${expected}`, {
    field: 'verb',
  });
}
