import { type Static, Type } from 'typebox';
import { WireUserId, wireUserId } from '../lib/rest.ts';
import type { Badge } from './badge.ts';

export const WireBadge = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  icon_url: Type.String(),
  date_achieved: Type.String({ format: 'date-time' }),
  auth_user_id: WireUserId,
});

export const CreateBadgeBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.String({ minLength: 1, maxLength: 500 }),
    icon_url: Type.String({ minLength: 1, maxLength: 500, description: 'An http(s) URL or a path on the site' }),
  },
  { additionalProperties: false },
);

/** A badge as the first version's clients parse it. */
export function wireBadge(badge: Badge): Static<typeof WireBadge> {
  return {
    id: badge.id,
    name: badge.name,
    description: badge.description,
    icon_url: badge.iconUrl,
    date_achieved: badge.dateAchieved,
    auth_user_id: wireUserId(badge.userId),
  };
}
