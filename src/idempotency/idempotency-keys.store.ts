import type { Db } from '../db/client.ts';
import { and, eq, sql } from '../db/driver/drizzle.ts';
import { idempotencyKeys } from '../db/schema/idempotency-keys.ts';

/** How long a key is remembered. */
const RETENTION_HOURS = 24;

export interface KeyId {
  userId: string;
  route: string;
  key: string;
}

export interface StoredResponse {
  requestHash: string;
  status: number;
  body: string;
}

/** Locks the key until the transaction ends; returns false when another transaction holds it. */
export async function tryLockKey(tx: Db, { userId, route, key }: KeyId): Promise<boolean> {
  const name = `${userId} ${route} ${key}`;
  const rows = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`,
  );
  return rows[0]?.locked === true;
}

/** Returns the response stored for the key; null when there is none or it has expired. */
export async function findResponse(tx: Db, id: KeyId, now: Date): Promise<StoredResponse | null> {
  const rows = await tx
    .select({ requestHash: idempotencyKeys.requestHash, status: idempotencyKeys.status, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(and(hasKey(id), sql`${idempotencyKeys.createdAt} >= ${expiry(now)}`));
  return rows[0] ?? null;
}

/** Stores the response, in place of an expired one of the same key. */
export async function saveResponse(tx: Db, response: KeyId & StoredResponse & { createdAt: string }): Promise<void> {
  const { userId, ...values } = response;
  const { requestHash, status, body, createdAt } = response;
  await tx
    .insert(idempotencyKeys)
    .values({ authUserId: userId, ...values })
    .onConflictDoUpdate({
      target: [idempotencyKeys.authUserId, idempotencyKeys.route, idempotencyKeys.key],
      set: { requestHash, status, body, createdAt },
    });
}

export interface DeletedChunk {
  count: number;
  /** The latest `created_at` of the chunk, for the next one; null for an empty chunk. */
  last: string | null;
}

/**
 * Deletes up to `limit` expired keys, the oldest first, and skips keys that another transaction has locked. A next chunk
 * starts at the `last` of this one, since the index still has entries of the deleted rows, which a search would visit.
 */
export async function deleteExpiredKeys(
  db: Db,
  { now, from, limit }: { now: Date; from: string; limit: number },
): Promise<DeletedChunk> {
  const rows = await db.execute<{ count: number; last: string | null }>(sql`
    with deleted as (
      delete from ${idempotencyKeys}
      where ctid = any(array(
        select ctid from ${idempotencyKeys}
        where created_at >= ${from}::timestamptz and created_at < ${expiry(now)}::timestamptz
        order by created_at
        limit ${limit}
        for update skip locked))
      returning created_at)
    select count(*)::int as count, max(created_at)::text as last from deleted`);
  return rows[0] ?? { count: 0, last: null };
}

function hasKey({ userId, route, key }: KeyId) {
  return and(eq(idempotencyKeys.authUserId, userId), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key));
}

function expiry(now: Date): string {
  return new Date(now.getTime() - RETENTION_HOURS * 3_600_000).toISOString();
}
