import { levelFor } from '../badges/badge.ts';
import type { Resolvers } from '../graphql/generated.ts';
import { requireUserId } from '../lib/user-id.ts';

export const usersResolvers = {
  Query: {
    viewer: (_, _args, { viewer }) => viewer,
    learner: async (_, { id }, { loaders }) => loaders.authUserById.load(requireUserId('id', id)),
  },
  User: {
    __resolveReference: ({ id }) => ({ id: requireUserId('id', id) }),
    statistics: (user) => user,
  },
  UserStatistics: {
    totalBadges: (user, _, { loaders }) => loaders.badgeCountOf.load(user.id),
    totalGoals: (user, _, { loaders }) => loaders.goalCountOf(undefined).load(user.id),
    level: async (user, _, { loaders }) => levelFor(await loaders.badgeCountOf.load(user.id)),
  },
} satisfies Resolvers;
