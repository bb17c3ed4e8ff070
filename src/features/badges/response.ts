import { toUserIdResponse } from '../../lib/user-id.ts';
import { type Badge, SELF_MADE } from './badge.ts';

/**
 * Returns a badge in the shape that v1 clients parse. It is stored with an idempotency key, and version 2.0.0 sends it
 * as it is.
 */
export function toBadgeResponse(badge: Badge) {
  return {
    id: badge.id,
    name: badge.name,
    description: badge.description,
    icon_url: badge.iconUrl,
    date_achieved: badge.dateAchieved,
    auth_user_id: toUserIdResponse(badge.userId),
  };
}

/** Returns the new badge of a stored response. */
export function fromBadgeResponse(stored: object, { id: userId }: { id: string }): Badge {
  const badge = stored as ReturnType<typeof toBadgeResponse>;
  const { id, name, description, icon_url: iconUrl, date_achieved: dateAchieved } = badge;
  return { id, userId, name, description, iconUrl, dateAchieved, ...SELF_MADE };
}
