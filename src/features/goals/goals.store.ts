import type { SQL } from 'drizzle-orm';
import { currentRevision } from '../../db/badge-definition-revision.ts';
import { batchedRowCreator } from '../../db/batched-creates.ts';
import type { Db } from '../../db/client.ts';
import { goalCounter, totalPerUser } from '../../db/counters.ts';
import { conditionalRowCreator, typedPlaceholder } from '../../db/create-row.ts';
import { and, eq, sql } from '../../db/driver/drizzle.ts';
import { type CountPerUser, countPerUser } from '../../db/query/count-per-user.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { preparedQuery, textArray, WRITE } from '../../db/query/prepared-query.ts';
import type { RowOf } from '../../db/query/row-decoder.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import { learningGoals } from '../../db/schema/goals.ts';
import { streaks } from '../../db/schema/streaks.ts';
import type { Filter } from '../../lib/page.ts';
import type { EditableGoal, GoalEdit } from './edit.ts';
import { GOAL_STATUSES, type GoalStatus } from './goal.ts';

const contentColumns = {
  title: learningGoals.title,
  description: learningGoals.description,
  status: learningGoals.status,
  streakCount: learningGoals.streakCount,
  createdAt: learningGoals.createdAt,
  updatedAt: learningGoals.updatedAt,
  completedAt: learningGoals.completedAt,
  version: learningGoals.version,
  timesPerWeek: learningGoals.timesPerWeek,
  targetQuantity: learningGoals.targetQuantity,
  dueOn: learningGoals.dueOn,
};
const columns = {
  id: learningGoals.id,
  userId: learningGoals.authUserId,
  ...contentColumns,
  firstActivityOn: learningGoals.firstActivityOn,
  streakBase: learningGoals.streakBase,
};
const editableColumns = {
  ...columns,
  streakWrittenAt: learningGoals.streakWrittenAt,
  streakTimeZone: streaks.timeZone,
  streakForecast: streaks.forecast,
};

const hasStatus = sql`${learningGoals.status} = any(${sql.placeholder('statuses')}::text[])`;

/**
 * Returns the filter that lists and counts of goals require: the same for the same statuses in any order and number.
 */
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
const ALL_STATUSES_TEXT = statusFilter().statuses;

/** Counts each user's goals; those of all statuses from the users' counters. */
export const countGoalsByUsers: CountPerUser = (db, userIds, filter) =>
  filter?.statuses === ALL_STATUSES_TEXT ? countAll(db, userIds) : countByStatus(db, userIds, filter);

export const findGoalsByIds = findByIds(columns, learningGoals);

const revisionParam = sql`${sql.placeholder('revision')}::bigint`;
const isRevision = sql`${currentRevision} = ${revisionParam}`;

const creation = {
  into: learningGoals,
  counter: goalCounter,
  values: { ...contentColumns, streakWrittenAt: learningGoals.streakWrittenAt },
  plural: 'learning goals',
};

/** Creates a goal within the limit. */
export const insertGoal = batchedRowCreator(creation);

/**
 * Creates a goal within the limit if the badge definitions have the `revision` of its values; see
 * `conditionalRowCreator`.
 */
export const insertGoalAtRevision = conditionalRowCreator({ ...creation, condition: isRevision });

const isGoal = and(
  eq(learningGoals.authUserId, sql.placeholder('userId')),
  eq(learningGoals.id, sql.placeholder('id')),
);

const isStreakOfGoal = and(
  eq(streaks.authUserId, learningGoals.authUserId),
  eq(streaks.series, sql`'goal:' || ${learningGoals.id}`),
);
const selectEditable = (db: Db) =>
  db.select(editableColumns).from(learningGoals).leftJoin(streaks, isStreakOfGoal).where(isGoal);
const findQuery = preparedQuery(editableColumns, selectEditable);
const lockQuery = preparedQuery(editableColumns, (tx) => selectEditable(tx).for('update', { of: learningGoals }));

/** Returns null when the user has no such goal. */
export async function findGoal(db: Db, userId: string, id: number): Promise<EditableGoal | null> {
  return toEditableGoal((await findQuery(db, { userId, id }))[0]);
}

/** Locks the goal until the transaction ends; returns null when the user has no such goal. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<EditableGoal | null> {
  return toEditableGoal((await lockQuery(tx, { userId, id }))[0]);
}

/** Returns the goal of a row. Without activities it has no streak, whose columns the outer join leaves null. */
function toEditableGoal(row: RowOf<typeof editableColumns> | undefined): EditableGoal | null {
  if (row === undefined) return null;
  const { streakTimeZone, streakForecast, ...goal } = row;
  const hasStreak = streakForecast !== null;
  return { ...goal, storedStreak: hasStreak ? { timeZone: streakTimeZone, forecast: streakForecast } : null };
}

const updateQuery = updateStatement(false);
/** For updates that write `streak_count` or require a revision of the badge definitions. Others read the goal only. */
const conditionalUpdateQuery = updateStatement(true);

/**
 * Returns the update. Version 2.0.0 stores no time of the latest write to `streak_count`: `updated_at`, which is no
 * earlier, replaces it.
 */
function updateStatement(isConditional: boolean) {
  const { createdAt: _, ...changedColumns } = contentColumns;
  const streakWrittenAt = typedPlaceholder('streakWrittenAt', learningGoals.streakWrittenAt);
  const values = {
    ...Object.fromEntries(
      Object.entries(changedColumns).map(([name, column]) => [name, typedPlaceholder(name, column)]),
    ),
    streakWrittenAt: sql`coalesce(${streakWrittenAt}, ${learningGoals.streakWrittenAt}, ${learningGoals.updatedAt})`,
  };
  const isPrevious = eq(learningGoals.version, sql.placeholder('previousVersion'));
  const firstActivityOn = typedPlaceholder('firstActivityOn', learningGoals.firstActivityOn);
  const isUnchanged = sql`${learningGoals.firstActivityOn} is not distinct from ${firstActivityOn}`;
  const where = and(isGoal, isPrevious, isUnchanged);
  const returning = { id: learningGoals.id };
  return preparedQuery(
    returning,
    (db) => {
      if (!isConditional) return db.update(learningGoals).set(values).where(where).returning(returning);
      const owner = changedOwner(db, sql`${streakWrittenAt} is not null`);
      const isOwned = sql`(${streakWrittenAt} is null or exists (select from ${owner}))`;
      const isAtRevision = sql`(${revisionParam} is null or ${isRevision})`;
      const update = db.with(owner).update(learningGoals).set(values);
      return update.where(and(where, isOwned, isAtRevision)).returning(returning);
    },
    WRITE,
  );
}

/**
 * Locks the user's row, before that of the goal, and increments the tracking version. An activity that is recorded at
 * the same time has then not read an older count of the client.
 */
function changedOwner(db: Db, isChanged: SQL) {
  const update = db
    .update(authUsers)
    .set({ trackingVersion: sql`${authUsers.trackingVersion} + 1` })
    .where(and(eq(authUsers.id, sql.placeholder('userId')), isChanged));
  return db.$with('owner').as(update.returning({ id: authUsers.id }));
}

/**
 * Saves an update. Returns false when the goal is deleted, or has another version or its first activity meanwhile. Also
 * returns false when the badge definitions do not have the revision, if one is given.
 */
export async function saveGoal(
  db: Db,
  { before, after, streakWrittenAt }: GoalEdit,
  revision: number | null = null,
): Promise<boolean> {
  const save = streakWrittenAt === null && revision === null ? updateQuery : conditionalUpdateQuery;
  const rows = await save(db, { ...after, streakWrittenAt, previousVersion: before.version, revision });
  return rows.length > 0;
}
