import { requireOwner } from '../../auth/viewer.ts';
import { pageEdges, pageInfo } from '../../lib/page.ts';
import { requireRowId } from '../../lib/row-id.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { badgeCursorKey, CREATE_BADGE } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';
import { createBadge } from './create-badge.ts';
import { viewBadge } from './view-badge.ts';

export const badgesResolvers = {
  Query: {
    badge: (_, { id }, context) => viewBadge(context, requireRowId('id', id)),
  },
  Mutation: {
    createBadge: async (_, { input }, context) => {
      const owner = requireOwner(context.viewer, input.userId, CREATE_BADGE);
      const { result: badge } = await createBadge(context, owner, input);
      return { badge, user: owner };
    },
  },
  User: {
    badges: (user, args, context) => badgeLoaders(context).list(args).load(user.id),
    badgesConnection: (user, args, context) => badgeLoaders(context).page(args).load(user.id),
  },
  Badge: {
    __resolveReference: ({ id }, context) => viewBadge(context, requireRowId('id', id)),
    user: (badge) => ({ id: badge.userId }),
  },
  BadgeConnection: {
    edges: (page) => pageEdges(page, badgeCursorKey),
    pageInfo: (page) => pageInfo(page, badgeCursorKey),
    totalCount: (page, _, context) => badgeLoaders(context).count(page.filter).load(page.userId),
  },
} satisfies Resolvers;
