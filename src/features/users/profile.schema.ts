import { type Static, Type } from 'typebox';
import { UserIdResponse } from '../../http/rest/schemas.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { BadgeResponse, toBadgeResponse } from '../badges/badge.schema.ts';
import { GoalResponse, toGoalResponse } from '../goals/goal.schema.ts';
import type { Profile } from './view-profile.ts';

const NullableString = Type.Union([Type.String(), Type.Null()]);

export const ProfileResponse = Type.Object({
  id: UserIdResponse,
  username: Type.String(),
  display_name: NullableString,
  avatar_url: NullableString,
  statistics: Type.Object({ total_badges: Type.Integer(), total_goals: Type.Integer(), level: Type.Integer() }),
  badges: Type.Array(BadgeResponse),
  learning_goals: Type.Array(GoalResponse),
});
export const OwnProfileResponse = Type.Object({ ...ProfileResponse.properties, email: NullableString });

/** Returns a profile in the shape that v1 clients parse. */
export function toProfileResponse({ user, badges, goals, level }: Profile): Static<typeof ProfileResponse> {
  return {
    id: toUserIdResponse(user.id),
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    statistics: { total_badges: badges.length, total_goals: goals.length, level },
    badges: badges.map(toBadgeResponse),
    learning_goals: goals.map(toGoalResponse),
  };
}
