import type { Resolvers } from '../resolvers.generated.ts';
import { viewExpiry, viewStreak } from './view-streak.ts';

export const streaksResolvers = {
  User: {
    streak: (user, _, context) => viewStreak(context, user.id),
  },
  Streak: {
    expiresAt: (streak, _, context) => viewExpiry(context, streak),
  },
} satisfies Resolvers;
