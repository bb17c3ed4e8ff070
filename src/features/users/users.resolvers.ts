import { requireUserId } from '../../lib/user-id.ts';
import { levelFor } from '../badges/badge.ts';
import { countBadges } from '../badges/list-badges.ts';
import { countGoals } from '../goals/list-goals.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { userLoaders } from './users.loaders.ts';

export const usersResolvers = {
  Query: {
    viewer: (_, _args, { viewer }) => viewer,
    learner: async (_, { id }, context) => userLoaders(context).authUserById.load(requireUserId('id', id)),
  },
  User: {
    __resolveReference: ({ id }) => ({ id: requireUserId('id', id) }),
    statistics: (user) => user,
  },
  UserStatistics: {
    totalBadges: (user, _, context) => countBadges(context, user.id),
    totalGoals: (user, _, context) => countGoals(context, user.id),
    level: async (user, _, context) => levelFor(await countBadges(context, user.id)),
  },
} satisfies Resolvers;
