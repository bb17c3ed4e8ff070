import type { Owner } from '../../auth/viewer.ts';
import { type CreateResult, type NewRow, toKeyUsed } from '../../db/create-row.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createWithKey } from '../../idempotency/create-with-key.ts';
import {
  type KeyedInput,
  type KeyedOperation,
  type KeyedResult,
  readKeyedContent,
} from '../../idempotency/with-idempotency-key.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { awardCompletedGoal, revisionWithoutGoalRules } from '../tracking/complete-goal.ts';
import { inUserQueue } from '../tracking/user-queue.ts';
import { type Goal, type GoalContent, type GoalInput, keyedContent, readNewGoal } from './goal.ts';
import { insertGoal, insertGoalAtRevision } from './goals.store.ts';
import { fromGoalResponse, toGoalResponse } from './response.ts';

const operation: KeyedOperation<Partial<GoalContent>, Goal> = {
  name: 'POST /:auth_user_id/goals',
  contentOf: keyedContent,
  codec: { encode: toGoalResponse, decode: fromGoalResponse },
};

type UnsavedGoal = Omit<Goal, 'id'>;

/**
 * Creates a goal for the owner; at most once per idempotency key.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `createWithKey`
 */
export async function createGoal(
  context: RequestContext,
  owner: Owner,
  input: GoalInput & KeyedInput & { title: string },
): Promise<KeyedResult<Goal>> {
  const content = readKeyedContent(input, () => readNewGoal(input));
  const unsaved = newGoal(owner, content, instantText(context.now()));
  const row = newRow(context, unsaved);
  const insert = (goal: NewRow) =>
    unsaved.completedAt === null
      ? insertGoal(context.db, goal)
      : inUserQueue(context, owner.id, () => insertCompleted(context, goal));
  const created = await createWithKey(context, {
    operation,
    owner,
    input,
    content: keyedContent(content),
    unsaved,
    create: (response) => insert({ ...row, response }),
  });
  if (!created.isReplay) context.countWrites('goal_created');
  return created;
}

/**
 * Creates a completed goal: with one statement if no rule counts goals, or else in a transaction with the earned
 * badges.
 */
async function insertCompleted(context: RequestContext, row: NewRow): Promise<CreateResult> {
  const { db } = context;
  const revision = await revisionWithoutGoalRules(context);
  if (revision !== undefined) {
    const created = await insertGoalAtRevision(db, { ...row, values: { ...row.values, revision } });
    if (created !== undefined) return created;
  }
  // NOTE: a failed statement also fails its transaction, though `insertGoal` returns the reason
  return inTransaction(db, async (tx) => {
    const created = await insertGoal(tx, row);
    if (typeof created !== 'string') await awardCompletedGoal(tx, context, row.userId);
    return created;
  }).catch(toKeyUsed);
}

function newGoal({ id: userId }: Owner, content: GoalContent, now: string): UnsavedGoal {
  const completedAt = content.status === 'completed' ? now : null;
  const tracked = { firstActivityOn: null, streakBase: null };
  return { ...content, ...tracked, userId, createdAt: now, updatedAt: now, completedAt, version: 1 };
}

function newRow({ limits, excludeWait }: RequestContext, unsaved: UnsavedGoal): NewRow {
  const values = { ...unsaved, streakWrittenAt: unsaved.createdAt };
  return { userId: unsaved.userId, values, limit: limits.goalsPerUser, excludeWait };
}
