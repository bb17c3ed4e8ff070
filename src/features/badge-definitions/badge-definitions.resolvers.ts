import { requireScope } from '../../auth/scopes.ts';
import { readWithOthers } from '../../lib/field-reader.ts';
import { HIDDEN } from '../../lib/hidden.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { badgeDefinitionLoaders } from './badge-definitions.loaders.ts';
import { createBadgeDefinition } from './create-badge-definition.ts';
import { MANAGE_DEFINITIONS, readDefinitionChange, requireDefinitionKey } from './definition.ts';
import { updateBadgeDefinition } from './update-badge-definition.ts';
import { isManager, viewBadgeDefinition } from './view-badge-definition.ts';

export const badgeDefinitionsResolvers = {
  Query: {
    badgeDefinition: (_, { key }, context) => viewBadgeDefinition(context, requireDefinitionKey('key', key)),
    badgeDefinitions: (_, args, context) =>
      badgeDefinitionLoaders(context).list({ ...args, withDrafts: isManager(context) }),
  },
  Mutation: {
    createBadgeDefinition: async (_, { input }, context) => {
      const manager = requireScope(context.viewer, 'badges:manage', MANAGE_DEFINITIONS);
      return { definition: await createBadgeDefinition(context, manager, input) };
    },
    updateBadgeDefinition: async (_, { input: { key, expectedVersion, ...change } }, context) => {
      const manager = requireScope(context.viewer, 'badges:manage', MANAGE_DEFINITIONS);
      const definitionKey = readWithOthers(
        () => requireDefinitionKey('key', key),
        () => readDefinitionChange(change),
      );
      const update = { key: definitionKey, change, expectedVersion };
      return { definition: await updateBadgeDefinition(context, manager, update) };
    },
  },
  BadgeDefinition: {
    __resolveReference: async ({ key }, context) =>
      (await viewBadgeDefinition(context, requireDefinitionKey('key', key))) ?? HIDDEN,
    rule: ({ rule }, _, context) => (isManager(context) ? rule : null),
  },
} satisfies Resolvers;
