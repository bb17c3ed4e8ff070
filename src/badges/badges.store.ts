import type { Db } from '../db/client.ts';
import { desc, eq, sql } from '../db/drizzle.ts';
import { afterCursor, type Window, windowParams } from '../db/keyset.ts';
import { badges } from '../db/schema.ts';
import { bigintArray, people, personId, single, statement, textArray } from '../db/statement.ts';
import type { Badge } from './badge.ts';

const columns = {
  id: badges.id,
  userId: badges.authUserId,
  name: badges.name,
  description: badges.description,
  iconUrl: badges.iconUrl,
  dateAchieved: badges.dateAchieved,
};

const listByUsers = statement((db) => {
  const page = db
    .select(columns)
    .from(badges)
    .where(sql`${eq(badges.authUserId, personId)} and ${afterCursor(badges.dateAchieved, badges.id)}`)
    .orderBy(desc(badges.dateAchieved), desc(badges.id))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .as('page');
  return db.select(page._.selectedFields).from(people).crossJoinLateral(page).prepare('list_badges_by_users');
});

/** Each person's window of badges, newest first, in one statement whatever the number of people. */
export async function listBadgesByUsers(
  db: Db,
  userIds: readonly string[],
  window: Window,
): Promise<Map<string, Badge[]>> {
  const rows = await listByUsers(db).execute({ userIds: textArray(userIds), ...windowParams(window) });
  return Map.groupBy(rows, (badge) => badge.userId);
}

const listByIds = statement((db) =>
  db
    .select(columns)
    .from(badges)
    .where(sql`${badges.id} = any(${sql.placeholder('ids')}::bigint[])`)
    .prepare('list_badges_by_ids'),
);

export async function listBadgesByIds(db: Db, ids: readonly number[]): Promise<Map<number, Badge>> {
  const rows = await listByIds(db).execute({ ids: bigintArray(ids) });
  return new Map(rows.map((badge) => [badge.id, badge]));
}

const countByUsers = statement((db) =>
  db
    .select({ userId: badges.authUserId, count: sql<number>`count(*)`.mapWith(Number) })
    .from(badges)
    .where(sql`${badges.authUserId} = any(${sql.placeholder('userIds')}::text[])`)
    .groupBy(badges.authUserId)
    .prepare('count_badges_by_users'),
);

/** People without badges are absent. */
export async function countBadgesByUsers(db: Db, userIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await countByUsers(db).execute({ userIds: textArray(userIds) });
  return new Map(rows.map(({ userId, count }) => [userId, count]));
}

const insert = statement((tx) =>
  tx
    .insert(badges)
    .values({
      authUserId: sql.placeholder('userId'),
      name: sql.placeholder('name'),
      description: sql.placeholder('description'),
      iconUrl: sql.placeholder('iconUrl'),
      dateAchieved: sql.placeholder('dateAchieved'),
    })
    .returning(columns)
    .prepare('insert_badge'),
);

export async function insertBadge(tx: Db, badge: Omit<Badge, 'id'>): Promise<Badge> {
  return single(await insert(tx).execute({ ...badge }));
}
