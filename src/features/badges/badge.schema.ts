import { type Static, Type } from 'typebox';
import { textSchema, UserIdResponse } from '../../http/rest/schemas.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { BADGE_RULES, type Badge, type BadgeContent } from './badge.ts';

export const BadgeResponse = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  icon_url: Type.String(),
  date_achieved: Type.String({ format: 'date-time' }),
  auth_user_id: UserIdResponse,
});

export const CreateBadgeBody = Type.Object(
  {
    name: textSchema(BADGE_RULES.name),
    description: textSchema(BADGE_RULES.description),
    icon_url: textSchema(BADGE_RULES.iconUrl, 'An http(s) URL or a path on the site'),
  },
  { additionalProperties: false },
);

export function toBadgeContent({ name, description, icon_url: iconUrl }: Static<typeof CreateBadgeBody>): BadgeContent {
  return { name, description, iconUrl };
}

/** Returns a badge in the shape that v1 clients parse. */
export function toBadgeResponse(badge: Badge): Static<typeof BadgeResponse> {
  return {
    id: badge.id,
    name: badge.name,
    description: badge.description,
    icon_url: badge.iconUrl,
    date_achieved: badge.dateAchieved,
    auth_user_id: toUserIdResponse(badge.userId),
  };
}
