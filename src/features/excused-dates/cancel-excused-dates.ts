import { hasScope, maySee } from '../../auth/scopes.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { AppError } from '../../errors.ts';
import { addDays, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';
import { findExcusedDatesByIds } from './excused-dates.store.ts';
import type { ExcusedDates } from './range.ts';

/**
 * Cancels a range: its user ends it yesterday, and the scope `streaks:write` voids it.
 * @throws NOT_FOUND (also for a range that the viewer may neither see nor cancel), FORBIDDEN, and the errors of
 * `changeTracking`
 */
export async function cancelExcusedDates(context: RequestContext, viewer: Viewer, id: number): Promise<ExcusedDates> {
  const range = await requireCancellable(context, viewer, id);
  const voids = hasScope(viewer, 'streaks:write');
  const { result: to } = await changeTracking(context, {
    request: { userId: range.userId, goalIds: 'all', since: voids ? range.from : null },
    apply: (draft) => cancel(draft, range, voids),
  });
  return { ...range, to };
}

/** Returns the last date of the range afterwards. A range that the draft does not have is void. */
function cancel(draft: TrackingDraft, { id, to }: ExcusedDates, voids: boolean): LocalDate {
  const range = draft.user.excused.find((candidate) => candidate.id === id);
  if (range === undefined) return to;
  const yesterday = addDays(draft.today, -1);
  const last = voids || range.from > yesterday ? null : yesterday;
  const isOver = last !== null && range.to <= last;
  if (range.isCancelled || isOver) return range.to;
  draft.cancelExcused(range, last);
  return last ?? range.to;
}

async function requireCancellable({ db }: RequestContext, viewer: Viewer, id: number): Promise<ExcusedDates> {
  const [range = null] = await findExcusedDatesByIds(db, [id]);
  if (range === null || !isVisible(viewer, range)) throw new AppError('NOT_FOUND', 'Excused dates not found');
  if (mayCancel(viewer, range)) return range;
  throw new AppError('FORBIDDEN', 'Not authorized to cancel these excused dates');
}

function isVisible(viewer: Viewer, range: ExcusedDates): boolean {
  return mayCancel(viewer, range) || maySee(viewer, range.userId, 'activity:read');
}

function mayCancel(viewer: Viewer, { userId, createdBy }: ExcusedDates): boolean {
  return hasScope(viewer, 'streaks:write') || (userId === viewer.id && createdBy === 'user');
}
