import type { Owner } from '../../auth/viewer.ts';
import type { Db } from '../../db/client.ts';
import { runStatement } from '../../db/write-retries.ts';
import { instantText } from '../../lib/instant.ts';
import { FIRST_DATE } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Series } from '../streaks/series.ts';
import type { StreakForecast } from '../streaks/streak.ts';
import { cacheStreaks } from '../streaks/view-streak.ts';
import { changeTrackingLocked } from '../tracking/change-tracking.ts';
import { changeUser } from '../tracking/change-user.ts';
import { awardCompletedGoal, revisionWithoutGoalRules } from '../tracking/complete-goal.ts';
import { type EditableGoal, editGoal, type GoalEdit } from './edit.ts';
import { type Goal, type GoalInput, readGoalChange, requireExpected } from './goal.ts';
import { findGoal, lockGoal, saveGoal } from './goals.store.ts';
import { cacheStoredStreak, withStreakCount } from './with-streak-counts.ts';

interface GoalUpdate {
  id: number;
  change: GoalInput;
  /** Whether the update applies to this version of the goal; without it, to any version. */
  isExpected?: ((goal: Goal) => boolean) | undefined;
}

interface SavedEdit extends GoalEdit {
  /** The user's streaks, if the edit has changed that of the goal. */
  streaks?: ReadonlyMap<Series, StreakForecast>;
}

interface UpdatedGoal {
  goal: Goal;
  /** Whether the goal has activities, so that the `streakCount` of the update is ignored. */
  isStreakCountIgnored: boolean;
}

/**
 * Updates one of the owner's goals: reads it, and saves it if it still has that version. After two attempts that lost
 * against other updates, the user and the goal are locked. They are locked at once when the update concerns badges or
 * the goal's streak. Saves wait for earlier changes of the user. An update that changes nothing leaves the goal as it
 * is, its version included.
 * @throws BAD_USER_INPUT, NOT_FOUND (also for another user's goal), STALE_VERSION, INVALID_TRANSITION,
 * RATE_LIMITED
 */
export async function updateGoal(
  context: RequestContext,
  owner: Owner,
  { id, change, isExpected }: GoalUpdate,
): Promise<UpdatedGoal> {
  const edit = (found: EditableGoal | null): GoalEdit => {
    const fields = readGoalChange(change, found);
    const goal = requireExpected(found, isExpected);
    // NOTE: the response then needs no query after the save, whose failure would look like that of the save
    cacheStoredStreak(context, goal);
    return editGoal(goal, fields, instantText(context.now()));
  };
  const read = async () => edit(await findGoal(context.db, owner.id, id));
  const first = await read();
  const saved: SavedEdit = isUnchanged(first)
    ? first
    : await changeUser(context, owner.id, {
        attempt: async (count) => saveUnlocked(context, count === 1 ? first : await read()),
        locked: async (tx) => saveLocked(tx, context, edit(await lockGoal(tx, owner.id, id))),
      });
  if (!isUnchanged(saved)) context.countWrites('goal_updated');
  if (saved.streaks !== undefined) cacheStreaks(context, owner.id, saved.streaks);
  return { goal: await withStreakCount(context, saved.after), isStreakCountIgnored: saved.isStreakCountIgnored };
}

/** Returns undefined when the goal or the badge definitions have changed meanwhile. */
async function saveUnlocked(context: RequestContext, edit: GoalEdit): Promise<SavedEdit | 'needs lock' | undefined> {
  if (isUnchanged(edit)) return edit;
  const revision = await requiredRevision(context, edit);
  if (revision === undefined) return 'needs lock';
  const isSaved = await runStatement(context.db, () => saveGoal(context.db, edit, revision));
  return isSaved ? edit : undefined;
}

/**
 * Returns the revision of the badge definitions with which the edit needs no lock; null for any, undefined for none.
 */
async function requiredRevision(context: RequestContext, edit: GoalEdit): Promise<number | null | undefined> {
  if (edit.isStreakChanged) return undefined;
  return edit.isCompleted ? revisionWithoutGoalRules(context) : null;
}

async function saveLocked(tx: Db, context: RequestContext, edit: GoalEdit): Promise<SavedEdit> {
  if (isUnchanged(edit)) return edit;
  const { id, userId, timesPerWeek } = edit.after;
  const saved: SavedEdit = { ...edit };
  await saveGoal(tx, edit);
  if (edit.isStreakChanged) {
    const { draft } = await changeTrackingLocked(tx, context, {
      request: { userId, goalIds: [id], since: FIRST_DATE },
      isSavedAlways: true,
      apply: (change) => change.changeTimesPerWeek(id, timesPerWeek),
    });
    saved.streaks = draft.user.streaks;
  }
  if (edit.isCompleted) await awardCompletedGoal(tx, context, userId);
  return saved;
}

function isUnchanged({ before, after, streakWrittenAt }: GoalEdit): boolean {
  return after === before && streakWrittenAt === null;
}
