import type { SQL } from 'drizzle-orm';
import { currentRevision } from '../../db/badge-definition-revision.ts';
import { batchedRowCreator } from '../../db/batched-creates.ts';
import type { Db } from '../../db/client.ts';
import { goalCounter } from '../../db/counters.ts';
import { conditionalRowCreator } from '../../db/create-row.ts';
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
import type { EditableGoal, GoalEdit } from './edit.ts';
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
  timesPerWeek: learningGoals.timesPerWeek,
  targetQuantity: learningGoals.targetQuantity,
  dueOn: learningGoals.dueOn,
};
const columns = {
  id: learningGoals.id,
  userId: learningGoals.authUserId,
  ...values,
  firstActivityOn: learningGoals.firstActivityOn,
  streakBase: learningGoals.streakBase,
};
const editableColumns = { ...columns, streakWrittenAt: learningGoals.streakWrittenAt };

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
const ALL_STATUSES_TEXT = statusFilter().statuses;

/** Counts each user's goals; those of all statuses from the users' counters. */
export const countGoalsByUsers: CountPerUser = (db, userIds, filter) =>
  filter?.statuses === ALL_STATUSES_TEXT ? countAll(db, userIds) : countByStatus(db, userIds, filter);

export const findGoalsByIds = findByIds(columns, learningGoals);

const given = (name: string, type: string) => sql`${sql.placeholder(name)}::${sql.raw(type)}`;
const isRevision = sql`${currentRevision} = ${given('revision', 'bigint')}`;

const creation = {
  into: learningGoals,
  counter: goalCounter,
  values: { ...values, streakWrittenAt: learningGoals.streakWrittenAt },
  plural: 'learning goals',
};

/** Creates a goal within the limit. */
export const insertGoal = batchedRowCreator(creation);

/** Creates a goal within the limit if the badge definitions have the `revision` of its values; see `conditionalRowCreator`. */
export const insertGoalAtRevision = conditionalRowCreator({ ...creation, condition: isRevision });

const isGoal = and(
  eq(learningGoals.authUserId, sql.placeholder('userId')),
  eq(learningGoals.id, sql.placeholder('id')),
);

const findQuery = preparedQuery(editableColumns, (db) => db.select(editableColumns).from(learningGoals).where(isGoal));
const lockQuery = preparedQuery(editableColumns, (tx) =>
  tx.select(editableColumns).from(learningGoals).where(isGoal).for('update'),
);

/** Returns null when the user has no such goal. */
export async function findGoal(db: Db, userId: string, id: number): Promise<EditableGoal | null> {
  return (await findQuery(db, { userId, id }))[0] ?? null;
}

/** Locks the goal until the transaction ends; returns null when the user has no such goal. */
export async function lockGoal(tx: Db, userId: string, id: number): Promise<EditableGoal | null> {
  return (await lockQuery(tx, { userId, id }))[0] ?? null;
}

const updateQuery = updateStatement();
const updateAtRevisionQuery = updateStatement({ condition: isRevision });
const writeStreakQuery = updateStatement({ writesStreak: true });
const writeStreakAtRevisionQuery = updateStatement({ writesStreak: true, condition: isRevision });

/** Versions before 2.1 stored no time for `streak_count`. `updated_at` replaces it, because the write was not later. */
function updateStatement({ writesStreak = false, condition }: { writesStreak?: boolean; condition?: SQL } = {}) {
  const isUnchanged = sql`${learningGoals.firstActivityOn} is not distinct from ${given('firstActivityOn', 'date')}`;
  const isPrevious = eq(learningGoals.version, sql.placeholder('previousVersion'));
  const values = {
    title: given('title', 'text'),
    description: given('description', 'text'),
    status: given('status', 'text'),
    streakCount: given('streakCount', 'int'),
    updatedAt: given('updatedAt', 'timestamptz'),
    completedAt: given('completedAt', 'timestamptz'),
    version: given('version', 'int'),
    timesPerWeek: given('timesPerWeek', 'smallint'),
    targetQuantity: given('targetQuantity', 'int'),
    dueOn: given('dueOn', 'date'),
    streakWrittenAt: sql`coalesce(${given('streakWrittenAt', 'timestamptz')}, ${learningGoals.streakWrittenAt},
      ${learningGoals.updatedAt})`,
  };
  const returning = { id: learningGoals.id };
  const where = and(isGoal, isPrevious, isUnchanged, condition);
  return preparedQuery(
    returning,
    (db) => {
      if (!writesStreak) return db.update(learningGoals).set(values).where(where).returning(returning);
      const owner = changedOwner(db);
      const isOwned = eq(learningGoals.authUserId, owner.id);
      const update = db.with(owner).update(learningGoals).set(values).from(owner);
      return update.where(and(where, isOwned)).returning(returning);
    },
    WRITE,
  );
}

/**
 * Locks the user's row, before that of the goal, and increments the tracking version: an activity that is recorded at the
 * same time has then not read an older count of the client.
 */
function changedOwner(db: Db) {
  const update = db
    .update(authUsers)
    .set({ trackingVersion: sql`${authUsers.trackingVersion} + 1` })
    .where(eq(authUsers.id, sql.placeholder('userId')));
  return db.$with('owner').as(update.returning({ id: authUsers.id }));
}

/**
 * Saves an update. Returns false when the goal is deleted, has another version or its first activity meanwhile, or when the
 * badge definitions do not have the revision, if one is given.
 */
export async function saveGoal(db: Db, edit: GoalEdit, revision: number | null = null): Promise<boolean> {
  const { before, after, streakWrittenAt } = edit;
  const update = updateOf(edit, revision);
  const rows = await update(db, { ...after, streakWrittenAt, previousVersion: before.version, revision });
  return rows.length > 0;
}

function updateOf({ streakWrittenAt }: GoalEdit, revision: number | null) {
  if (streakWrittenAt === null) return revision === null ? updateQuery : updateAtRevisionQuery;
  return revision === null ? writeStreakQuery : writeStreakAtRevisionQuery;
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
  /** Absent in a goal that a replica of version 2.0.0 has stored, as are the next ones. */
  target_quantity?: number | null;
  due_on?: string | null;
  times_per_week?: number | null;
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
    target_quantity: goal.targetQuantity,
    due_on: goal.dueOn,
    times_per_week: goal.timesPerWeek,
  };
}

export function fromStoredGoal(stored: object, { id: userId }: { id: string }): Goal {
  const goal = stored as StoredGoal;
  const { id, title, description, status, created_at: createdAt } = goal;
  return {
    id,
    userId,
    title,
    description,
    status,
    streakCount: goal.streak_count,
    createdAt,
    updatedAt: goal.updated_at,
    completedAt: status === 'completed' ? createdAt : null,
    version: 1,
    targetQuantity: goal.target_quantity ?? null,
    dueOn: goal.due_on ?? null,
    timesPerWeek: goal.times_per_week ?? null,
    firstActivityOn: null,
    streakBase: null,
  };
}
