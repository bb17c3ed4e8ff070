import { type Static, Type } from 'typebox';
import { countSchema, nullable, UserIdResponse } from '../../http/rest/schemas.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { BadgeResponse } from '../badges/badge.schema.ts';
import { toBadgeResponse } from '../badges/response.ts';
import { GoalResponse } from '../goals/goal.schema.ts';
import { toGoalResponse } from '../goals/response.ts';
import type { Profile } from './view-profile.ts';

function nullableText(description: string, example: string) {
  return nullable(Type.String({ description, examples: [example] }));
}

const StatisticsResponse = Type.Object(
  {
    total_badges: countSchema('The number of badges that are not revoked.', 12),
    total_goals: countSchema('The number of learning goals.', 4),
    level: Type.Integer({ minimum: 1, maximum: 10, description: 'One more for every 5 badges.', examples: [3] }),
    current_streak: countSchema('The length of the current overall streak, in days.', 5),
    longest_streak: countSchema('The length of the longest overall streak, in days.', 9),
    active_days: countSchema('The number of dates with activity.', 31),
  },
  { title: 'Statistics', description: 'Counts over the data of a user.' },
);

const profile = {
  id: UserIdResponse,
  username: Type.String({ description: 'The name for logging in.', examples: ['ada'] }),
  display_name: nullableText('The name to show.', 'Ada Lovelace'),
  avatar_url: nullableText('The URL of a picture.', 'https://example.com/ada.png'),
  statistics: StatisticsResponse,
  badges: Type.Array(BadgeResponse, { description: 'All badges, newest first.' }),
  learning_goals: Type.Array(GoalResponse, { description: 'All learning goals, newest first.' }),
};

export const ProfileResponse = Type.Object(profile, {
  title: 'Profile',
  description: 'A user of the auth-service, with badges and goals.',
});
export const OwnProfileResponse = Type.Object(
  { ...profile, email: nullableText('The e-mail address.', 'ada@example.com') },
  { title: 'OwnProfile', description: 'The profile of the authenticated user.' },
);

/** Returns a profile in the shape that v1 clients parse. */
export function toProfileResponse({ user, badges, goals, level, streak }: Profile): Static<typeof ProfileResponse> {
  return {
    id: toUserIdResponse(user.id),
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    statistics: {
      total_badges: badges.length,
      total_goals: goals.length,
      level,
      current_streak: streak.current,
      longest_streak: streak.longest,
      active_days: streak.totalDays,
    },
    badges: badges.map(toBadgeResponse),
    learning_goals: goals.map(toGoalResponse),
  };
}
