import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { countPerUser } from '../../db/query/count-per-user.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { preparedQuery, single } from '../../db/query/prepared-query.ts';
import { badges } from '../../db/schema/badges.ts';
import type { Badge } from './badge.ts';

const columns = {
  id: badges.id,
  userId: badges.authUserId,
  name: badges.name,
  description: badges.description,
  iconUrl: badges.iconUrl,
  dateAchieved: badges.dateAchieved,
};

export const listBadgesByUsers = listPerUser(columns, { from: badges, orderBy: badges.dateAchieved });
export const countBadgesByUsers = countPerUser(badges);
export const findBadgesByIds = findByIds(columns, badges);

const insertQuery = preparedQuery(columns, (tx) =>
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
  return single(await insertQuery(tx, { ...badge }));
}
