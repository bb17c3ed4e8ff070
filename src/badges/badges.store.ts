import type { Db } from '../db/client.ts';
import { and, desc, eq, sql } from '../db/drizzle.ts';
import { gathered } from '../db/gather.ts';
import { afterCursor, type Window, windowParams } from '../db/keyset.ts';
import { listing, personId } from '../db/listing.ts';
import { badges } from '../db/schema.ts';
import { bigintArray, single, statement, textArray } from '../db/statement.ts';
import type { Badge } from './badge.ts';

const columns = {
  id: badges.id,
  userId: badges.authUserId,
  name: badges.name,
  description: badges.description,
  iconUrl: badges.iconUrl,
  dateAchieved: badges.dateAchieved,
};

const listByUsers = listing(columns, (db) =>
  db
    .select(columns)
    .from(badges)
    .where(and(eq(badges.authUserId, personId), afterCursor(badges.dateAchieved, badges.id)))
    .orderBy(desc(badges.dateAchieved), desc(badges.id))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .as('page'),
);

/** Each person's window of badges, newest first, in the order of `userIds`: one statement whatever their number. */
export function listBadgesByUsers(db: Db, userIds: readonly string[], window: Window): Promise<Badge[][]> {
  return listByUsers(db, userIds, windowParams(window));
}

const listByIds = statement(columns, (db) =>
  db
    .select(columns)
    .from(badges)
    .where(sql`${badges.id} = any(${sql.placeholder('ids')}::bigint[])`),
);

/** The badges of these ids, in their order; null where there is none. */
export const findBadgesByIds = gathered(async (db: Db, ids: readonly number[]): Promise<(Badge | null)[]> => {
  const rows = await listByIds(db, { ids: bigintArray(ids) });
  const found = new Map(rows.map((badge) => [badge.id, badge]));
  return ids.map((id) => found.get(id) ?? null);
});

const counts = { userId: badges.authUserId, count: sql<number>`count(*)`.mapWith(Number) };

const countRows = statement(counts, (db) =>
  db
    .select(counts)
    .from(badges)
    .where(sql`${badges.authUserId} = any(${sql.placeholder('userIds')}::text[])`)
    .groupBy(badges.authUserId),
);

/** How many badges each of these people has, in their order. */
export const countBadgesByUsers = gathered(async (db: Db, userIds: readonly string[]): Promise<number[]> => {
  const rows = await countRows(db, { userIds: textArray(userIds) });
  const found = new Map(rows.map(({ userId, count }) => [userId, count]));
  return userIds.map((id) => found.get(id) ?? 0);
});

const insert = statement(columns, (tx) =>
  tx
    .insert(badges)
    .values({
      authUserId: sql.placeholder('userId'),
      name: sql.placeholder('name'),
      description: sql.placeholder('description'),
      iconUrl: sql.placeholder('iconUrl'),
      dateAchieved: sql.placeholder('dateAchieved'),
    })
    .returning(columns),
);

export async function insertBadge(tx: Db, badge: Omit<Badge, 'id'>): Promise<Badge> {
  return single(await insert(tx, { ...badge }));
}
