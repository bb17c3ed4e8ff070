import { requireOwner } from '../auth/viewer.ts';
import { lockAuthUser } from '../db/auth-users.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { type Badge, type BadgeInput, CREATE_BADGE, readBadgeInput } from './badge.ts';
import { countBadgesByUsers, insertBadge } from './badges.store.ts';

/**
 * Gives the caller a badge, dated now.
 * @throws UNAUTHENTICATED, FORBIDDEN when `userId` is somebody else, BAD_USER_INPUT, LIMIT_REACHED (exact, however many
 * calls run at once)
 */
export async function createBadge(
  scope: Scope,
  input: BadgeInput & { userId?: string | null | undefined },
): Promise<Badge> {
  const owner = requireOwner(scope.viewer, input.userId, CREATE_BADGE);
  const content = readBadgeInput(input);
  const limit = scope.limits.badgesPerUser;
  return inTransaction(scope.db, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [owned = 0] = await countBadgesByUsers(tx, [owner.id]);
    if (owned >= limit) {
      throw new AppError('LIMIT_REACHED', `Maximum number of badges (${limit}) reached`);
    }
    return insertBadge(tx, { ...content, userId: owner.id, dateAchieved: scope.now().toISOString() });
  });
}
