import type { Owner } from '../../auth/viewer.ts';
import { lockAuthUser } from '../../db/auth-users.ts';
import { AppError } from '../../errors.ts';
import {
  type KeyedInput,
  type KeyedOperation,
  type KeyedResult,
  withIdempotencyKey,
} from '../../idempotency/with-idempotency-key.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, type BadgeContent, badgeContent, readBadgeContent } from './badge.ts';
import { countBadgesByUsers, fromStoredBadge, insertBadge, toStoredBadge } from './badges.store.ts';

const operation: KeyedOperation<BadgeContent, Badge> = {
  name: 'POST /:auth_user_id/badges',
  contentOf: badgeContent,
  codec: { encode: toStoredBadge, decode: fromStoredBadge },
};

/**
 * Creates a badge for the owner, dated now; at most once per idempotency key.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `withIdempotencyKey`
 */
export async function createBadge(
  context: RequestContext,
  owner: Owner,
  input: BadgeContent & KeyedInput,
): Promise<KeyedResult<Badge>> {
  const content = readBadgeContent(input);
  const limit = context.limits.badgesPerUser;
  return withIdempotencyKey(context, { operation, owner, input, content }, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [count = 0] = await countBadgesByUsers(tx, [owner.id]);
    if (count >= limit) throw new AppError('LIMIT_REACHED', `Maximum number of badges (${limit}) reached`);
    return insertBadge(tx, { ...content, userId: owner.id, dateAchieved: context.now().toISOString() });
  });
}
