import type { Db } from '../../db/client.ts';
import { FIRST_DATE } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeTrackingLocked } from './change-tracking.ts';

interface TimesPerWeek {
  userId: string;
  goalId: number;
  timesPerWeek: number | null;
}

/**
 * Recomputes the streak of a goal whose `timesPerWeek` has changed, in the transaction that has changed it and has
 * locked the user's row.
 */
export async function changeTimesPerWeek(
  tx: Db,
  context: RequestContext,
  { userId, goalId, timesPerWeek }: TimesPerWeek,
): Promise<void> {
  await changeTrackingLocked(tx, context, {
    request: { userId, goalIds: [goalId], since: FIRST_DATE },
    isSavedAlways: true,
    apply: (draft) => draft.changeTimesPerWeek(goalId, timesPerWeek),
  });
}
