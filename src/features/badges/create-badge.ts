import type { Owner } from '../../auth/viewer.ts';
import { lockAuthUser } from '../../db/auth-users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, type BadgeContent, readBadgeContent } from './badge.ts';
import { countBadgesByUsers, insertBadge } from './badges.store.ts';

/**
 * Creates a badge for the owner, dated now.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency)
 */
export async function createBadge(context: RequestContext, owner: Owner, input: BadgeContent): Promise<Badge> {
  const content = readBadgeContent(input);
  const limit = context.limits.badgesPerUser;
  return inTransaction(context.db, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [count = 0] = await countBadgesByUsers(tx, [owner.id]);
    if (count >= limit) throw new AppError('LIMIT_REACHED', `Maximum number of badges (${limit}) reached`);
    return insertBadge(tx, { ...content, userId: owner.id, dateAchieved: context.now().toISOString() });
  });
}
