import type { Authorized } from '../../auth/scopes.ts';
import { AppError } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import { earliestDateAt } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { definitionNotFound } from '../badge-definitions/definition.ts';
import { viewBadgeDefinition } from '../badge-definitions/view-badge-definition.ts';
import { type Badge, badgeNotFound } from '../badges/badge.ts';
import { viewBadge } from '../badges/view-badge.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import { type AwardInput, readAward } from './award.ts';

/** The proof that the viewer awards badges. */
export type Awarder = Authorized<'badges:award'>;

/**
 * Awards a badge by hand, at most once for each award key, with the badges whose rules it completes. A repetition
 * returns the badge that is there, also after its definition was locked.
 * @throws BAD_USER_INPUT, NOT_FOUND, CONFLICT when the badge is revoked or the definition is not active, and the
 * errors of `changeTracking`
 */
export async function awardBadge(context: RequestContext, _awarder: Awarder, input: AwardInput): Promise<Badge> {
  const { userId, definitionKey, ...award } = readAward(input, instantText(context.now()));
  if ((await viewBadgeDefinition(context, definitionKey)) === null) throw definitionNotFound();
  const isAsked = (one: { definitionKey: string | null; awardKey: string | null }) =>
    one.definitionKey === definitionKey && one.awardKey === award.awardKey;
  const { result: heldId, draft: saved } = await changeTracking(context, {
    request: {
      userId,
      awards: [{ definitionKey, from: award.awardKey, to: award.awardKey }],
      since: earliestDateAt(award.dateAchieved),
    },
    changesBadgeOf: definitionKey,
    apply: (draft, definitions) => {
      const held = draft.user.awards.find(isAsked);
      if (held?.status === 'revoked') throw new AppError('CONFLICT', 'The badge is revoked: reinstate it');
      if (held !== undefined) return held.id;
      const definition = definitions.get(definitionKey);
      if (definition === undefined) {
        throw new AppError('CONFLICT', 'The badge definition is not active', { field: 'key' });
      }
      const { version: definitionVersion, name, description, iconUrl } = definition;
      const definitionFields = { definitionKey, definitionVersion, name, description, iconUrl };
      draft.award({ ...definitionFields, ...award, status: 'active', source: 'issuer', evidence: null });
      return undefined;
    },
  });
  const badge = heldId === undefined ? saved.awardedBadges.find(isAsked) : await viewBadge(context, heldId);
  if (badge == null) throw badgeNotFound();
  return badge;
}
