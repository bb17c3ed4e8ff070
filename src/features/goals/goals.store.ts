import type { Db } from '../../db/client.ts';
import { and, eq, sql } from '../../db/driver/drizzle.ts';
import { countPerUser } from '../../db/query/count-per-user.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { preparedQuery, single, textArray } from '../../db/query/prepared-query.ts';
import { learningGoals } from '../../db/schema/goals.ts';
import type { Filter } from '../../lib/page.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { GOAL_STATUSES, type Goal, type GoalStatus } from './goal.ts';

const columns = {
  id: learningGoals.id,
  userId: learningGoals.authUserId,
  title: learningGoals.title,
  description: learningGoals.description,
  status: learningGoals.status,
  streakCount: learningGoals.streakCount,
  createdAt: learningGoals.createdAt,
  updatedAt: learningGoals.updatedAt,
  completedAt: learningGoals.completedAt,
  version: learningGoals.version,
};

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
export const countGoalsByUsers = countPerUser(learningGoals, hasStatus);
export const findGoalsByIds = findByIds(columns, learningGoals);

const insertQuery = preparedQuery(columns, (tx) =>
  tx
    .insert(learningGoals)
    .values({
      authUserId: sql.placeholder('userId'),
      title: sql.placeholder('title'),
      description: sql.placeholder('description'),
      status: sql.placeholder('status'),
      streakCount: sql.placeholder('streakCount'),
      createdAt: sql.placeholder('createdAt'),
      updatedAt: sql.placeholder('updatedAt'),
      completedAt: sql.placeholder('completedAt'),
    })
    .returning(columns),
);

export async function insertGoal(tx: Db, goal: Omit<Goal, 'id' | 'version'>): Promise<Goal> {
  return single(await insertQuery(tx, { ...goal }));
}

const isGoal = and(
  eq(learningGoals.authUserId, sql.placeholder('userId')),
  eq(learningGoals.id, sql.placeholder('id')),
);

const lockQuery = preparedQuery(columns, (tx) => tx.select(columns).from(learningGoals).where(isGoal).for('update'));

/** Locks the goal until the transaction ends; returns null when the user has no such goal. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<Goal | null> {
  const rows = await lockQuery(tx, { userId, id });
  return rows[0] ?? null;
}

const updateQuery = preparedQuery(columns, (tx) =>
  tx
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
    .where(isGoal)
    .returning(columns),
);

/** Saves all columns of a goal that the transaction has locked. */
export async function saveGoal(tx: Db, goal: Goal): Promise<Goal> {
  return single(await updateQuery(tx, { ...goal }));
}

const deleteQuery = preparedQuery({ id: learningGoals.id }, (db) =>
  db.delete(learningGoals).where(isGoal).returning({ id: learningGoals.id }),
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
