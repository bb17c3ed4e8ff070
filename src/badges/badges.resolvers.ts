import type { Resolvers } from '../graphql/generated.ts';
import { pageEdges, pageInfo } from '../lib/page.ts';
import { requireRowId } from '../lib/row-id.ts';
import { badgePosition } from './badge.ts';
import { createBadge } from './create-badge.ts';

export const badgesResolvers = {
  Query: {
    badge: (_, { id }, { loaders }) => loaders.badgeById.load(requireRowId('id', id)),
  },
  Mutation: {
    createBadge: async (_, { input }, context) => ({ badge: await createBadge(context, input) }),
  },
  User: {
    badges: (user, page, { loaders }) => loaders.badgesOf(page).load(user.id),
    badgesConnection: (user, page, { loaders }) => loaders.badgePageOf(page).load(user.id),
  },
  Badge: {
    __resolveReference: ({ id }, { loaders }) => loaders.badgeById.load(requireRowId('id', id)),
    user: (badge) => ({ id: badge.userId }),
  },
  BadgeConnection: {
    edges: (page) => pageEdges(page, badgePosition),
    pageInfo: (page) => pageInfo(page, badgePosition),
    totalCount: (page, _, { loaders }) => loaders.badgeCountOf.load(page.userId),
  },
} satisfies Resolvers;
