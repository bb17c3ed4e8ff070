import type { Db } from './client.ts';
import { and, eq, lt, sql } from './drizzle.ts';
import { idempotencyKeys } from './schema.ts';

const KEPT_HOURS = 24;

export interface KeyId {
  userId: string;
  route: string;
  key: string;
}

export interface StoredAnswer {
  requestHash: string;
  status: number;
  body: string;
}

/** False when another transaction holds the key. The lock ends with the transaction, however that ends. */
export async function tryLockKey(tx: Db, { userId, route, key }: KeyId): Promise<boolean> {
  const name = `${userId} ${route} ${key}`;
  const rows = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`,
  );
  return rows[0]?.locked === true;
}

/** Null when the key is new, or so old that it counts as new. */
export async function findAnswer(tx: Db, id: KeyId, now: Date): Promise<StoredAnswer | null> {
  const rows = await tx
    .select({ requestHash: idempotencyKeys.requestHash, status: idempotencyKeys.status, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(and(sameKey(id), sql`${idempotencyKeys.createdAt} >= ${expiry(now)}`));
  return rows[0] ?? null;
}

/** Takes the place of an answer under the same key that has expired. */
export async function insertAnswer(tx: Db, answer: KeyId & StoredAnswer & { createdAt: string }): Promise<void> {
  const { userId, ...values } = answer;
  const { requestHash, status, body, createdAt } = answer;
  await tx
    .insert(idempotencyKeys)
    .values({ authUserId: userId, ...values })
    .onConflictDoUpdate({
      target: [idempotencyKeys.authUserId, idempotencyKeys.route, idempotencyKeys.key],
      set: { requestHash, status, body, createdAt },
    });
}

export async function deleteExpiredAnswers(db: Db, now: Date): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, expiry(now)));
}

function sameKey({ userId, route, key }: KeyId) {
  return and(eq(idempotencyKeys.authUserId, userId), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key));
}

function expiry(now: Date): string {
  return new Date(now.getTime() - KEPT_HOURS * 3_600_000).toISOString();
}
