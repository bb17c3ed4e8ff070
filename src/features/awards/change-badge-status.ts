import { earliestDateAt } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, type BadgeStatus, badgeNotFound } from '../badges/badge.ts';
import { cacheBadge, viewBadge } from '../badges/view-badge.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
import { readReason } from './award.ts';
import type { Awarder } from './award-badge.ts';

/**
 * Revokes a badge of any source: it keeps its row, leaves lists and counts, and is not awarded again. Nothing changes
 * when it is revoked already.
 * @throws BAD_USER_INPUT, NOT_FOUND, and the errors of `changeTracking`
 */
export async function revokeBadge(
  context: RequestContext,
  _awarder: Awarder,
  { id, reason }: { id: number; reason?: string | null | undefined },
): Promise<Badge> {
  return changeStatus(context, id, { status: 'revoked', reason: readReason(reason) });
}

/**
 * Makes a revoked badge active again, also when its definition is locked, with the badges whose rules it completes.
 * Nothing changes when it is active already.
 * @throws NOT_FOUND, and the errors of `changeTracking`
 */
export async function reinstateBadge(context: RequestContext, _awarder: Awarder, id: number): Promise<Badge> {
  return changeStatus(context, id, { status: 'active', reason: null });
}

async function changeStatus(
  context: RequestContext,
  id: number,
  { status, reason }: { status: BadgeStatus; reason: string | null },
): Promise<Badge> {
  const badge = await viewBadge(context, id);
  if (badge === null) throw badgeNotFound();
  const { userId, definitionKey, dateAchieved } = badge;
  const completesRules = status === 'active' && definitionKey !== null;
  await changeTracking(context, {
    request: { userId, badgeIds: [id], since: completesRules ? earliestDateAt(dateAchieved) : null },
    changesBadgeOf: definitionKey,
    apply: (draft) => {
      const held = draft.user.awards.find((one) => one.id === id);
      if (held === undefined) throw badgeNotFound();
      if (held.status !== status) draft.changeStatus(held, status, reason);
    },
  });
  const changed = { ...badge, status };
  cacheBadge(context, changed);
  return changed;
}
