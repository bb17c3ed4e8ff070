import { and, count, desc, eq, getTableColumns, inArray, lt, or } from 'drizzle-orm';
import { authUsers, type Badge, badges, db, type Goal, learningGoals } from './tables.ts';

/** Returns the first badges of each user, newest first, with one statement. */
export async function badgesByUsers(ids: readonly string[], first: number): Promise<Map<string, Badge[]>> {
  const page = db
    .select()
    .from(badges)
    .where(eq(badges.authUserId, authUsers.id))
    .orderBy(desc(badges.dateAchieved), desc(badges.id))
    .limit(first)
    .as('page');
  const rows = await db
    .select(page._.selectedFields)
    .from(authUsers)
    .crossJoinLateral(page)
    .where(inArray(authUsers.id, [...ids]));
  return Map.groupBy(rows, (badge) => badge.authUserId);
}

/** Returns the first goals of each user, newest first, with one statement. */
export async function goalsByUsers(ids: readonly string[], first: number): Promise<Map<string, Goal[]>> {
  const page = db
    .select()
    .from(learningGoals)
    .where(eq(learningGoals.authUserId, authUsers.id))
    .orderBy(desc(learningGoals.createdAt), desc(learningGoals.id))
    .limit(first)
    .as('page');
  const rows = await db
    .select(page._.selectedFields)
    .from(authUsers)
    .crossJoinLateral(page)
    .where(inArray(authUsers.id, [...ids]));
  return Map.groupBy(rows, (goal) => goal.authUserId);
}

/** Returns the badges of a user after a cursor, newest first. */
export function badgesAfter(userId: string, { after, limit }: { after: CursorKey | undefined; limit: number }) {
  const follows =
    after && or(lt(badges.dateAchieved, after.at), and(eq(badges.dateAchieved, after.at), lt(badges.id, after.id)));
  return db
    .select()
    .from(badges)
    .where(and(eq(badges.authUserId, userId), follows))
    .orderBy(desc(badges.dateAchieved), desc(badges.id))
    .limit(limit);
}

/** The sort key of the last badge of a page. */
export interface CursorKey {
  at: Date;
  id: number;
}

export async function countBadges(ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await db
    .select({ userId: badges.authUserId, count: count() })
    .from(badges)
    .where(inArray(badges.authUserId, [...ids]))
    .groupBy(badges.authUserId);
  return new Map(rows.map((row) => [row.userId, row.count]));
}

export type NewBadge = Pick<Badge, 'name' | 'description' | 'iconUrl'>;
export type NewGoal = Pick<Goal, 'title' | 'description'>;

const MAX_BADGES = 1000;
const MAX_GOALS = 500;

type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];

/** Locks the user's row, so that concurrent inserts cannot exceed the maximum number of rows. */
async function requireSpace(tx: Transaction, userId: string, table: typeof badges | typeof learningGoals) {
  const max = table === badges ? MAX_BADGES : MAX_GOALS;
  await tx.select({ id: authUsers.id }).from(authUsers).where(eq(authUsers.id, userId)).for('update');
  const [owned] = await tx.select({ count: count() }).from(table).where(eq(table.authUserId, userId));
  if ((owned?.count ?? 0) >= max) throw new Error(`Maximum number of rows (${max}) reached`);
}

export async function insertBadge(userId: string, badge: NewBadge): Promise<Badge> {
  return db.transaction(async (tx) => {
    await requireSpace(tx, userId, badges);
    const [created] = await tx
      .insert(badges)
      .values({ ...badge, authUserId: userId, dateAchieved: new Date() })
      .returning(getTableColumns(badges));
    if (created === undefined) throw new Error('The insert returned no row');
    return created;
  });
}

/** Inserts a goal in progress. */
export async function insertGoal(userId: string, { title, description }: NewGoal): Promise<Goal> {
  return db.transaction(async (tx) => {
    await requireSpace(tx, userId, learningGoals);
    const now = new Date();
    const state = { status: 'in-progress', streakCount: 0, createdAt: now, updatedAt: now };
    const [created] = await tx
      .insert(learningGoals)
      .values({ title, description, authUserId: userId, ...state })
      .returning(getTableColumns(learningGoals));
    if (created === undefined) throw new Error('The insert returned no row');
    return created;
  });
}
