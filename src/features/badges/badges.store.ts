import { batchedRowCreator } from '../../db/batched-creates.ts';
import { badgeCounter, totalPerUser } from '../../db/counters.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { badges } from '../../db/schema/badges.ts';

const values = {
  name: badges.name,
  description: badges.description,
  iconUrl: badges.iconUrl,
  dateAchieved: badges.dateAchieved,
};
const columns = {
  id: badges.id,
  userId: badges.authUserId,
  ...values,
  source: badges.source,
  status: badges.status,
  definitionKey: badges.definitionKey,
  definitionVersion: badges.definitionVersion,
  awardKey: badges.awardKey,
};
const isActive = sql`${badges.status} = 'active'`;

export const listBadgesByUsers = listPerUser(columns, { from: badges, orderBy: badges.dateAchieved, where: isActive });
export const countBadgesByUsers = totalPerUser(badgeCounter);
export const findBadgesByIds = findByIds(columns, badges);

/** Creates a badge within the limit. */
export const insertBadge = batchedRowCreator({
  into: badges,
  counter: badgeCounter,
  values,
  plural: 'badges',
});
