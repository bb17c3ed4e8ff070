import type { Owner } from '../../auth/viewer.ts';
import { AppError, invalidField } from '../../errors.ts';
import { DAY_MS, instantMs, isTimeZone } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';

/** Completes "Not authorized to ...". */
export const SET_TIME_ZONE = 'set the time zone of this user';

/** Changes of a user's zone in the period; a zone of the claim `zoneinfo` is none. */
const MAX_CHANGES = 4;
const PERIOD_MS = 7 * DAY_MS;

/**
 * Sets the owner's time zone from now on; nothing changes for the zone in force.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `changeTracking`
 */
export async function setTimeZone(context: RequestContext, owner: Owner, timeZone: string): Promise<string> {
  if (!isTimeZone(timeZone)) {
    throw invalidField('timeZone', 'timeZone must be an IANA name that the service knows, such as Europe/Berlin');
  }
  await changeTracking(context, {
    request: { userId: owner.id, goalIds: 'all' },
    apply: (draft) => {
      if (draft.timeZone === timeZone) return;
      requireFewChanges(draft);
      draft.addZone({ effectiveFrom: draft.now, timeZone, isFromToken: false });
    },
  });
  return timeZone;
}

function requireFewChanges({ user, now }: TrackingDraft): void {
  const since = instantMs(now) - PERIOD_MS;
  const recent = user.zones.filter((zone) => !zone.isFromToken && instantMs(zone.effectiveFrom) > since);
  if (recent.length < MAX_CHANGES) return;
  throw new AppError('LIMIT_REACHED', `The time zone may change at most ${MAX_CHANGES} times in 7 days`);
}
