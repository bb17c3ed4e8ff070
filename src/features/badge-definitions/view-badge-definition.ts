import { hasScope } from '../../auth/scopes.ts';
import type { RequestContext } from '../../request-context.ts';
import { activeDefinitions } from './active-definitions.ts';
import { badgeDefinitionLoaders } from './badge-definitions.loaders.ts';
import {
  type BadgeDefinition,
  type DefinitionContent,
  definitionNotFound,
  type RuledDefinition,
} from './definition.ts';

/** Returns whether the request may see drafts and rules. */
export function isManager({ viewer }: RequestContext): boolean {
  return hasScope(viewer, 'badges:manage');
}

/**
 * Returns a definition; null when there is none with the key, and for a draft unless the viewer manages definitions.
 * Both cases read the viewer, so that their responses have the same cache headers.
 */
export async function viewBadgeDefinition(context: RequestContext, key: string): Promise<BadgeDefinition | null> {
  const definition = await badgeDefinitionLoaders(context).byKey.load(key);
  if (definition !== null && definition.state !== 'draft') return definition;
  return isManager(context) ? definition : null;
}

/**
 * Returns a definition, also a draft.
 * @throws NOT_FOUND
 */
export async function requireDefinition(context: RequestContext, key: string): Promise<BadgeDefinition> {
  const definition = await badgeDefinitionLoaders(context).byKey.load(key);
  if (definition === null) throw definitionNotFound();
  return definition;
}

/** Returns the active definitions with a rule, in the order of their keys. */
export async function loadRuledDefinitions(context: RequestContext): Promise<readonly RuledDefinition[]> {
  const revision = await badgeDefinitionLoaders(context).revision();
  return (await activeDefinitions(context.db, revision)).ruled;
}

/**
 * Returns the content that a version of a definition fixes, also to viewers who may not see it; null without such a
 * version.
 */
export function loadDefinitionVersion(
  context: RequestContext,
  key: string,
  version: number,
): Promise<DefinitionContent | null> {
  return badgeDefinitionLoaders(context).version.load(`${key}@${version}`);
}
