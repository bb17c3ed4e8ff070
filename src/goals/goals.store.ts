import type { Db } from '../db/client.ts';
import { and, desc, eq, sql } from '../db/drizzle.ts';
import { afterCursor, type Window, windowParams } from '../db/keyset.ts';
import { learningGoals } from '../db/schema.ts';
import { bigintArray, people, personId, single, statement, textArray } from '../db/statement.ts';
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

const inStatuses = sql`${learningGoals.status} = any(${sql.placeholder('statuses')}::text[])`;

const listByUsers = statement((db) => {
  const page = db
    .select(columns)
    .from(learningGoals)
    .where(
      and(eq(learningGoals.authUserId, personId), inStatuses, afterCursor(learningGoals.createdAt, learningGoals.id)),
    )
    .orderBy(desc(learningGoals.createdAt), desc(learningGoals.id))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .as('page');
  return db.select(page._.selectedFields).from(people).crossJoinLateral(page).prepare('list_goals_by_users');
});

/** Each person's window of goals, newest first, in one statement whatever the number of people. */
export async function listGoalsByUsers(
  db: Db,
  userIds: readonly string[],
  window: Window & { statuses?: readonly GoalStatus[] | undefined },
): Promise<Map<string, Goal[]>> {
  const statuses = textArray(window.statuses ?? GOAL_STATUSES);
  const rows = await listByUsers(db).execute({ userIds: textArray(userIds), statuses, ...windowParams(window) });
  return Map.groupBy(rows, (goal) => goal.userId);
}

const listByIds = statement((db) =>
  db
    .select(columns)
    .from(learningGoals)
    .where(sql`${learningGoals.id} = any(${sql.placeholder('ids')}::bigint[])`)
    .prepare('list_goals_by_ids'),
);

export async function listGoalsByIds(db: Db, ids: readonly number[]): Promise<Map<number, Goal>> {
  const rows = await listByIds(db).execute({ ids: bigintArray(ids) });
  return new Map(rows.map((goal) => [goal.id, goal]));
}

const countByUsers = statement((db) =>
  db
    .select({ userId: learningGoals.authUserId, count: sql<number>`count(*)`.mapWith(Number) })
    .from(learningGoals)
    .where(and(sql`${learningGoals.authUserId} = any(${sql.placeholder('userIds')}::text[])`, inStatuses))
    .groupBy(learningGoals.authUserId)
    .prepare('count_goals_by_users'),
);

/** People without such goals are absent. */
export async function countGoalsByUsers(
  db: Db,
  userIds: readonly string[],
  statuses: readonly GoalStatus[] = GOAL_STATUSES,
): Promise<Map<string, number>> {
  const rows = await countByUsers(db).execute({ userIds: textArray(userIds), statuses: textArray(statuses) });
  return new Map(rows.map(({ userId, count }) => [userId, count]));
}

const insert = statement((tx) =>
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
    .returning(columns)
    .prepare('insert_goal'),
);

export async function insertGoal(tx: Db, goal: Omit<Goal, 'id' | 'version'>): Promise<Goal> {
  return single(await insert(tx).execute({ ...goal }));
}

/** Null when this person has no such goal; otherwise nobody else changes it until the transaction ends. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<Goal | null> {
  const rows = await tx.select(columns).from(learningGoals).where(isGoal(userId, id)).for('update');
  return rows[0] ?? null;
}

export async function updateGoal(tx: Db, goal: Goal): Promise<Goal> {
  const { id, userId, createdAt: _, ...values } = goal;
  return single(await tx.update(learningGoals).set(values).where(isGoal(userId, id)).returning(columns));
}

/** False when this person has no such goal. */
export async function deleteGoal(db: Db, userId: string, id: number): Promise<boolean> {
  const rows = await db.delete(learningGoals).where(isGoal(userId, id)).returning({ id: learningGoals.id });
  return rows.length > 0;
}

function isGoal(userId: string, id: number) {
  return and(eq(learningGoals.authUserId, userId), eq(learningGoals.id, id));
}
