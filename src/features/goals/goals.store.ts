import type { Db } from '../../db/client.ts';
import { goalCounter, marksAsCounting } from '../../db/counters.ts';
import { rowCreator } from '../../db/create-row.ts';
import { and, eq, sql } from '../../db/driver/drizzle.ts';
import { type CountPerUser, countPerUser } from '../../db/query/count-per-user.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { preparedQuery, textArray, WRITE } from '../../db/query/prepared-query.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import { learningGoals } from '../../db/schema/goals.ts';
import { totalPerUser } from '../../db/total-per-user.ts';
import type { Filter } from '../../lib/page.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { GOAL_STATUSES, type Goal, type GoalStatus } from './goal.ts';

const values = {
  title: learningGoals.title,
  description: learningGoals.description,
  status: learningGoals.status,
  streakCount: learningGoals.streakCount,
  createdAt: learningGoals.createdAt,
  updatedAt: learningGoals.updatedAt,
  completedAt: learningGoals.completedAt,
  version: learningGoals.version,
};
const columns = { id: learningGoals.id, userId: learningGoals.authUserId, ...values };

const hasStatus = sql`${learningGoals.status} = any(${sql.placeholder('statuses')}::text[])`;

/** Returns the filter that lists and counts of goals require: the same for the same statuses in any order and number. */
export function statusFilter(statuses: readonly GoalStatus[] = GOAL_STATUSES): Filter {
  return { statuses: textArray(GOAL_STATUSES.filter((status) => statuses.includes(status))) };
}

export const listGoalsByUsers = listPerUser(columns, {
  from: learningGoals,
  orderBy: learningGoals.createdAt,
  where: hasStatus,
});

const countByStatus = countPerUser(learningGoals, hasStatus);
const countAll = totalPerUser(goalCounter);
const ALL_STATUSES = statusFilter().statuses;

/** Counts each user's goals; those of all statuses from the users' counters. */
export const countGoalsByUsers: CountPerUser = (db, userIds, filter) =>
  filter?.statuses === ALL_STATUSES ? countAll(db, userIds) : countByStatus(db, userIds, filter);

export const findGoalsByIds = findByIds(columns, learningGoals);

/** Creates a goal within the limit. */
export const insertGoal = rowCreator({
  into: learningGoals,
  counter: goalCounter,
  values,
  plural: 'learning goals',
});

const isGoal = and(
  eq(learningGoals.authUserId, sql.placeholder('userId')),
  eq(learningGoals.id, sql.placeholder('id')),
);

const findQuery = preparedQuery(columns, (db) => db.select(columns).from(learningGoals).where(isGoal));
const lockQuery = preparedQuery(columns, (tx) => tx.select(columns).from(learningGoals).where(isGoal).for('update'));

/** Returns null when the user has no such goal. */
export async function findGoal(db: Db, userId: string, id: number): Promise<Goal | null> {
  return (await findQuery(db, { userId, id }))[0] ?? null;
}

/** Locks the goal until the transaction ends; returns null when the user has no such goal. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<Goal | null> {
  return (await lockQuery(tx, { userId, id }))[0] ?? null;
}

const updateQuery = preparedQuery(
  { id: learningGoals.id },
  (db) =>
    db
      .update(learningGoals)
      .set({
        title: sql`${sql.placeholder('title')}`,
        description: sql`${sql.placeholder('description')}`,
        status: sql`${sql.placeholder('status')}`,
        streakCount: sql`${sql.placeholder('streakCount')}`,
        updatedAt: sql`${sql.placeholder('updatedAt')}`,
        completedAt: sql`${sql.placeholder('completedAt')}`,
        version: sql`${sql.placeholder('version')}`,
      })
      .where(and(isGoal, eq(learningGoals.version, sql.placeholder('previousVersion'))))
      .returning({ id: learningGoals.id }),
  WRITE,
);

/** Saves all columns of a goal; returns false when the goal is deleted or has another version than `previousVersion`. */
export async function saveGoal(db: Db, goal: Goal, previousVersion: number): Promise<boolean> {
  return (await updateQuery(db, { ...goal, previousVersion })).length > 0;
}

/** The update locks the user's row after that of the goal. No statement locks them in the other order. */
const deleteQuery = preparedQuery(
  { id: authUsers.id },
  (db) => {
    const deleted = db
      .$with('deleted', { userId: learningGoals.authUserId })
      .as(sql`delete from ${learningGoals} where ${isGoal} and ${marksAsCounting} returning auth_user_id`);
    return db
      .with(deleted)
      .update(authUsers)
      .set({ goalCount: sql`${authUsers.goalCount} - 1` })
      .from(deleted)
      .where(sql`${authUsers.id} = deleted.auth_user_id`)
      .returning({ id: authUsers.id });
  },
  WRITE,
);

/** Returns false when the user has no such goal. */
export async function removeGoal(db: Db, userId: string, id: number): Promise<boolean> {
  return (await deleteQuery(db, { userId, id })).length > 0;
}

/** A created goal as it is stored with an idempotency key: REST's response, which replicas of version 2.0.0 send as it is. */
interface StoredGoal {
  id: number;
  title: string;
  description: string | null;
  status: GoalStatus;
  streak_count: number;
  auth_user_id: number | string;
  created_at: string;
  updated_at: string;
}

export function toStoredGoal(goal: Goal): StoredGoal {
  return {
    id: goal.id,
    title: goal.title,
    description: goal.description,
    status: goal.status,
    streak_count: goal.streakCount,
    auth_user_id: toUserIdResponse(goal.userId),
    created_at: goal.createdAt,
    updated_at: goal.updatedAt,
  };
}

export function fromStoredGoal(stored: object, { id: userId }: { id: string }): Goal {
  const { streak_count: streakCount, created_at: createdAt, updated_at: updatedAt, ...goal } = stored as StoredGoal;
  const { id, title, description, status } = goal;
  const completedAt = status === 'completed' ? createdAt : null;
  return { id, userId, title, description, status, streakCount, createdAt, updatedAt, completedAt, version: 1 };
}
