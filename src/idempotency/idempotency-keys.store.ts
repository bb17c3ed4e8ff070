import type { Db } from '../db/client.ts';
import { and, eq, lt, sql } from '../db/driver/drizzle.ts';
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

export async function deleteExpiredKeys(db: Db, now: Date): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, expiry(now)));
}

function hasKey({ userId, route, key }: KeyId) {
  return and(eq(idempotencyKeys.authUserId, userId), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key));
}

function expiry(now: Date): string {
  return new Date(now.getTime() - RETENTION_HOURS * 3_600_000).toISOString();
}
