import { batchedRowCreator } from '../../db/batched-creates.ts';
import { badgeCounter } from '../../db/counters.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { listPerUser } from '../../db/query/list-per-user.ts';
import { badges } from '../../db/schema/badges.ts';
import { totalPerUser } from '../../db/total-per-user.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { type Badge, SELF_MADE } from './badge.ts';

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

/** A created badge as it is stored with an idempotency key: REST's response, which replicas of version 2.0.0 send as it is. */
interface StoredBadge {
  id: number;
  name: string;
  description: string;
  icon_url: string;
  date_achieved: string;
  auth_user_id: number | string;
}

export function toStoredBadge({ id, userId, name, description, iconUrl, dateAchieved }: Badge): StoredBadge {
  return {
    id,
    name,
    description,
    icon_url: iconUrl,
    date_achieved: dateAchieved,
    auth_user_id: toUserIdResponse(userId),
  };
}

export function fromStoredBadge(stored: object, { id: userId }: { id: string }): Badge {
  const { id, name, description, icon_url: iconUrl, date_achieved: dateAchieved } = stored as StoredBadge;
  return { id, userId, name, description, iconUrl, dateAchieved, ...SELF_MADE };
}
