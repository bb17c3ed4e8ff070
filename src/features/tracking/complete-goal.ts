import type { Db } from '../../db/client.ts';
import type { RequestContext } from '../../request-context.ts';
import { recentDefinitions } from '../badge-definitions/active-definitions.ts';
import { changeTrackingLocked } from './change-tracking.ts';

/**
 * Returns the revision of the badge definitions in memory if none of them counts completed goals; undefined otherwise.
 * A statement that completes a goal needs no more than this revision to be the present one.
 */
export async function revisionWithoutGoalRules({ db }: RequestContext): Promise<number | undefined> {
  const { revision, countsGoals } = await recentDefinitions(db);
  return countsGoals ? undefined : revision;
}

/**
 * Awards the badges that the completion of a goal earns, in the transaction that has completed it and has locked the
 * user's row.
 * @throws SERVICE_UNAVAILABLE
 */
export async function awardCompletedGoal(tx: Db, context: RequestContext, userId: string): Promise<void> {
  await changeTrackingLocked(tx, context, {
    request: { userId },
    completesGoal: true,
    isSavedAlways: true,
    apply: () => undefined,
  });
}
