import type { Owner } from '../../auth/viewer.ts';
import type { NewResponse } from '../../db/create-row.ts';
import { createWithKey } from '../../idempotency/create-with-key.ts';
import {
  type KeyedInput,
  type KeyedOperation,
  type KeyedResult,
  readKeyedContent,
} from '../../idempotency/with-idempotency-key.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, type BadgeContent, badgeContent, readBadgeContent, SELF_MADE } from './badge.ts';
import { insertBadge } from './badges.store.ts';
import { fromBadgeResponse, toBadgeResponse } from './response.ts';

const operation: KeyedOperation<BadgeContent, Badge> = {
  name: 'POST /:auth_user_id/badges',
  contentOf: badgeContent,
  codec: { encode: toBadgeResponse, decode: fromBadgeResponse },
};

/**
 * Creates a badge for the owner, dated now; at most once per idempotency key.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `createWithKey`
 */
export async function createBadge(
  context: RequestContext,
  owner: Owner,
  input: BadgeContent & KeyedInput,
): Promise<KeyedResult<Badge>> {
  const content = readKeyedContent(input, () => readBadgeContent(input));
  const { db, excludeWait, limits } = context;
  const unsaved = { ...content, userId: owner.id, dateAchieved: instantText(context.now()), ...SELF_MADE };
  const row = { userId: owner.id, values: unsaved, limit: limits.badgesPerUser, excludeWait };
  const create = (response?: NewResponse) => insertBadge(db, { ...row, response });
  const created = await createWithKey(context, { operation, owner, input, content, unsaved, create });
  if (!created.isReplay) context.countWrites('badge_created');
  return created;
}
