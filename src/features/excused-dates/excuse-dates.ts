import { hasScope } from '../../auth/scopes.ts';
import type { Actor, Viewer } from '../../auth/viewer.ts';
import { AppError, invalidField } from '../../errors.ts';
import type { DateRange } from '../../lib/date-ranges.ts';
import { DAY_MS } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import type { NewExcusedRange } from '../tracking/change.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import type { ExcuserRole } from '../tracking/state.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';
import {
  type ExcusedDates,
  type ExcusedDatesContent,
  exceedsYear,
  MAX_DATES_IN_YEAR,
  readExcusedDates,
  requireCapacity,
} from './range.ts';

/** Ranges that a user creates in the period, cancelled ones included: each recomputes the streaks of all goals. */
const MAX_CREATIONS = 100;
const CREATION_PERIOD_MS = DAY_MS;

/** The permission to excuse dates of a user: the user's own, or with the scope. */
export const EXCUSE_DATES = { action: 'excuse dates of this user', scope: 'streaks:write' } as const;
type Excuser = Actor<typeof EXCUSE_DATES.scope>;

/** Returns the role in which the viewer excuses dates. */
export function roleOf(viewer: Viewer): ExcuserRole {
  return hasScope(viewer, EXCUSE_DATES.scope) ? 'service' : 'user';
}

/**
 * Excuses the dates of a range, with the effects on streaks and badges.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `changeTracking`
 */
export async function excuseDates(
  context: RequestContext,
  excuser: Excuser,
  input: ExcusedDatesContent,
): Promise<ExcusedDates> {
  const { userId } = excuser;
  const createdBy = roleOf(excuser);
  const content = readExcusedDates(input, createdBy);
  const periodStart = new Date(context.now().getTime() - CREATION_PERIOD_MS).toISOString();
  const { result } = await changeTracking(context, {
    request: {
      userId,
      goalIds: 'all',
      since: createdBy === 'service' ? content.from : null,
      ownRangesSince: createdBy === 'service' ? null : periodStart,
    },
    apply: (draft): NewExcusedRange => {
      requireWithinLimits(draft, content, createdBy);
      const range = { ...content, createdBy, createdAt: draft.now };
      draft.excuse(range);
      return range;
    },
  });
  const { id = 0 } = result;
  return { id, userId, ...content, createdBy };
}

function requireWithinLimits({ user, today }: TrackingDraft, range: DateRange, role: ExcuserRole): void {
  if (role === 'user' && range.from < today) throw invalidField('from', `from must not be earlier than ${today}`);
  const ofRole = user.excused.filter(({ createdBy }) => createdBy === role);
  requireCapacity(ofRole, range);
  if (user.ownRanges >= MAX_CREATIONS) {
    throw new AppError('LIMIT_REACHED', `At most ${MAX_CREATIONS} ranges may be excused in 24 hours`);
  }
  if (role === 'service' || !exceedsYear(ofRole, range)) return;
  throw new AppError('LIMIT_REACHED', `At most ${MAX_DATES_IN_YEAR} of any 365 consecutive dates may be excused`);
}
