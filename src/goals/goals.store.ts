import type { Db } from '../db/client.ts';
import { and, desc, eq, sql } from '../db/drizzle.ts';
import { gathered } from '../db/gather.ts';
import { afterCursor, type Window, windowParams } from '../db/keyset.ts';
import { listing, personId } from '../db/listing.ts';
import { learningGoals } from '../db/schema.ts';
import { bigintArray, single, statement, textArray } from '../db/statement.ts';
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

const listByUsers = listing(columns, (db) =>
  db
    .select(columns)
    .from(learningGoals)
    .where(
      and(eq(learningGoals.authUserId, personId), inStatuses, afterCursor(learningGoals.createdAt, learningGoals.id)),
    )
    .orderBy(desc(learningGoals.createdAt), desc(learningGoals.id))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .as('page'),
);

/** Each person's window of goals, newest first, in the order of `userIds`: one statement whatever their number. */
export function listGoalsByUsers(
  db: Db,
  userIds: readonly string[],
  window: Window & { statuses?: readonly GoalStatus[] | undefined },
): Promise<Goal[][]> {
  const statuses = textArray(window.statuses ?? GOAL_STATUSES);
  return listByUsers(db, userIds, { statuses, ...windowParams(window) });
}

const listByIds = statement(columns, (db) =>
  db
    .select(columns)
    .from(learningGoals)
    .where(sql`${learningGoals.id} = any(${sql.placeholder('ids')}::bigint[])`),
);

/** The goals of these ids, in their order; null where there is none. */
export const findGoalsByIds = gathered(async (db: Db, ids: readonly number[]): Promise<(Goal | null)[]> => {
  const rows = await listByIds(db, { ids: bigintArray(ids) });
  const found = new Map(rows.map((goal) => [goal.id, goal]));
  return ids.map((id) => found.get(id) ?? null);
});

const counts = { userId: learningGoals.authUserId, count: sql<number>`count(*)`.mapWith(Number) };

const countRows = statement(counts, (db) =>
  db
    .select(counts)
    .from(learningGoals)
    .where(and(sql`${learningGoals.authUserId} = any(${sql.placeholder('userIds')}::text[])`, inStatuses))
    .groupBy(learningGoals.authUserId),
);

const countByUsers = gathered(async (db: Db, userIds: readonly string[], values): Promise<number[]> => {
  const rows = await countRows(db, { ...values, userIds: textArray(userIds) });
  const found = new Map(rows.map(({ userId, count }) => [userId, count]));
  return userIds.map((id) => found.get(id) ?? 0);
});

/** How many goals of these statuses each of these people has, in their order. */
export function countGoalsByUsers(
  db: Db,
  userIds: readonly string[],
  statuses: readonly GoalStatus[] = GOAL_STATUSES,
): Promise<number[]> {
  return countByUsers(db, userIds, { statuses: textArray(statuses) });
}

const insert = statement(columns, (tx) =>
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
  return single(await insert(tx, { ...goal }));
}

const isThisGoal = and(
  eq(learningGoals.authUserId, sql.placeholder('userId')),
  eq(learningGoals.id, sql.placeholder('id')),
);

const lock = statement(columns, (tx) => tx.select(columns).from(learningGoals).where(isThisGoal).for('update'));

/** Null when this person has no such goal; otherwise nobody else changes it until the transaction ends. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<Goal | null> {
  const rows = await lock(tx, { userId, id });
  return rows[0] ?? null;
}

const update = statement(columns, (tx) =>
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
    .where(isThisGoal)
    .returning(columns),
);

export async function updateGoal(tx: Db, goal: Goal): Promise<Goal> {
  return single(await update(tx, { ...goal }));
}

const deletion = statement({ id: learningGoals.id }, (db) =>
  db.delete(learningGoals).where(isThisGoal).returning({ id: learningGoals.id }),
);

/** False when this person has no such goal. */
export async function deleteGoal(db: Db, userId: string, id: number): Promise<boolean> {
  return (await deletion(db, { userId, id })).length > 0;
}
