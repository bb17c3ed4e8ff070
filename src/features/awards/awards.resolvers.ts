import { readerOf, requireScope } from '../../auth/scopes.ts';
import { readWithOthers } from '../../lib/field-reader.ts';
import { requireRowId } from '../../lib/row-id.ts';
import { loadActivities } from '../activities/view-activities.ts';
import { definitionNotFound } from '../badge-definitions/definition.ts';
import { viewBadgeDefinition } from '../badge-definitions/view-badge-definition.ts';
import { viewBadge } from '../badges/view-badge.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { AWARD_BADGES, readReason } from './award.ts';
import { awardBadge } from './award-badge.ts';
import { reinstateBadge, revokeBadge } from './change-badge-status.ts';
import { replayEvidence, viewEvidence } from './view-evidence.ts';
import { viewProgress } from './view-progress.ts';

export const awardsResolvers = {
  Mutation: {
    awardBadge: async (_, { input }, context) => {
      const awarder = requireScope(context.viewer, 'badges:award', AWARD_BADGES);
      const badge = await awardBadge(context, awarder, input);
      return { badge, user: { id: badge.userId } };
    },
    revokeBadge: async (_, { input: { id, reason } }, context) => {
      const awarder = requireScope(context.viewer, 'badges:award', AWARD_BADGES);
      const badgeId = readWithOthers(
        () => requireRowId('id', id),
        () => readReason(reason),
      );
      const badge = await revokeBadge(context, awarder, { id: badgeId, reason });
      return { badge, user: { id: badge.userId } };
    },
    reinstateBadge: async (_, { input: { id } }, context) => {
      const awarder = requireScope(context.viewer, 'badges:award', AWARD_BADGES);
      const badge = await reinstateBadge(context, awarder, requireRowId('id', id));
      return { badge, user: { id: badge.userId } };
    },
  },
  User: {
    badgeProgress: (user, _, context) => viewProgress(context, readerOf(context.viewer, user.id, 'badges:manage')),
  },
  Badge: {
    definition: ({ definitionKey }, _, context) =>
      definitionKey === null ? null : viewBadgeDefinition(context, definitionKey),
    evidence: (badge, _, context) => viewEvidence(context, badge),
  },
  BadgeEvidence: {
    definition: async ({ definitionKey }, _, context) => {
      const definition = await viewBadgeDefinition(context, definitionKey);
      if (definition === null) throw definitionNotFound();
      return definition;
    },
    activities: ({ activityIds }, _, context) => loadActivities(context, activityIds),
    replay: (evidence, _, context) => replayEvidence(context, evidence),
  },
  BadgeProgress: {
    badge: ({ badgeId }, _, context) => (badgeId === null ? null : viewBadge(context, badgeId)),
  },
} satisfies Resolvers;
