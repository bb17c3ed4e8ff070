import { requireScope } from '../../auth/scopes.ts';
import { requireRowId } from '../../lib/row-id.ts';
import { requireDefinition } from '../badge-definitions/view-badge-definition.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { BACKFILL_BADGES } from './backfill.ts';
import { startBackfill } from './start-backfill.ts';
import { viewBackfill } from './view-backfill.ts';

export const backfillsResolvers = {
  Query: {
    badgeBackfill: (_, { id }, context) => viewBackfill(context, requireRowId('id', id)),
  },
  Mutation: {
    startBadgeBackfill: async (_, { input: { key, dryRun } }, context) => {
      const manager = requireScope(context.viewer, 'badges:manage', BACKFILL_BADGES);
      return { backfill: await startBackfill(context, manager, { key, dryRun: dryRun ?? false }) };
    },
  },
  BadgeBackfill: {
    definition: ({ definitionKey }, _, context) => requireDefinition(context, definitionKey),
  },
  BadgeBackfillSample: {
    user: ({ userId }) => ({ id: userId }),
  },
} satisfies Resolvers;
