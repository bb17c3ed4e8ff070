import { toFields, toMembers } from '../../lib/members.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { type Badge, SELF_MADE } from './badge.ts';

/** The fields of a badge by their members in REST. The order is that of a response. */
export const MEMBERS = {
  id: 'id',
  name: 'name',
  description: 'description',
  icon_url: 'iconUrl',
  date_achieved: 'dateAchieved',
  auth_user_id: 'userId',
} as const satisfies Record<string, keyof Badge>;

/**
 * Returns a badge in the shape that v1 clients parse. It is stored with an idempotency key, and version 2.0.0 sends it
 * as it is.
 */
export function toBadgeResponse(badge: Badge) {
  return { ...toMembers(MEMBERS, badge), auth_user_id: toUserIdResponse(badge.userId) };
}

/** Returns the new badge of a stored response. */
export function fromBadgeResponse(stored: object, { id: userId }: { id: string }): Badge {
  return { ...toFields(MEMBERS, stored as ReturnType<typeof toBadgeResponse>), userId, ...SELF_MADE };
}
