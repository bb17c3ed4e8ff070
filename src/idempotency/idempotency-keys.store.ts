import type { Db } from '../db/client.ts';
import { tryLock } from '../db/create-row.ts';
import { and, eq, sql } from '../db/driver/drizzle.ts';
import { preparedQuery } from '../db/query/prepared-query.ts';
import { idempotencyKeys } from '../db/schema/idempotency-keys.ts';

/** How long a key is remembered. */
const RETENTION_HOURS = 24;
/** The status that replicas of version 2.0.0 store with every response. */
export const STATUS = 200;

export interface KeyId {
  userId: string;
  operation: string;
  key: string;
}

interface StoredResponse {
  requestHash: string;
  /** JSON. */
  body: string;
  createdAt: string;
}

const lockColumns = { locked: sql<number>`locked`.mapWith(Number) };
const lockQuery = preparedQuery(lockColumns, (tx) =>
  tx.select(lockColumns).from(sql`cast(${tryLock(sql.placeholder('name'))} as int) as locked`),
);

/** Locks the key until the transaction ends; returns false when another transaction holds it. */
export async function tryLockKey(tx: Db, id: KeyId): Promise<boolean> {
  const [row] = await lockQuery(tx, { name: lockName(id) });
  return row?.locked === 1;
}

/** Returns the name whose hash is the advisory lock of the key; replicas of version 2.0.0 lock the same name. */
export function lockName({ userId, operation, key }: KeyId): string {
  return `${userId} ${operation} ${key}`;
}

const isKey = and(
  eq(idempotencyKeys.authUserId, sql.placeholder('userId')),
  eq(idempotencyKeys.route, sql.placeholder('operation')),
  eq(idempotencyKeys.key, sql.placeholder('key')),
);

const findColumns = { body: idempotencyKeys.body };
const findQuery = preparedQuery(findColumns, (tx) =>
  tx
    .select(findColumns)
    .from(idempotencyKeys)
    .where(and(isKey, sql`${idempotencyKeys.createdAt} >= ${sql.placeholder('since')}::timestamptz`)),
);

/** Returns the body stored for the key; undefined when there is none or it has expired. */
export async function findResponse(tx: Db, id: KeyId, now: Date): Promise<string | undefined> {
  const [row] = await findQuery(tx, { ...id, since: expiry(now) });
  return row?.body;
}

const deleteQuery = preparedQuery(findColumns, (db) =>
  db
    .delete(idempotencyKeys)
    .where(and(isKey, sql`${idempotencyKeys.createdAt} < ${sql.placeholder('since')}::timestamptz`))
    .returning(findColumns),
);

/** Deletes the response stored for the key if it has expired. */
export async function deleteExpiredResponse(db: Db, id: KeyId, now: Date): Promise<void> {
  await deleteQuery(db, { ...id, since: expiry(now) });
}

const saveColumns = { key: idempotencyKeys.key };
const saveQuery = preparedQuery(saveColumns, (tx) =>
  tx
    .insert(idempotencyKeys)
    .values({
      authUserId: sql.placeholder('userId'),
      route: sql.placeholder('operation'),
      key: sql.placeholder('key'),
      requestHash: sql.placeholder('requestHash'),
      status: STATUS,
      body: sql.placeholder('body'),
      createdAt: sql.placeholder('createdAt'),
    })
    .onConflictDoUpdate({
      target: [idempotencyKeys.authUserId, idempotencyKeys.route, idempotencyKeys.key],
      set: {
        requestHash: sql`excluded.request_hash`,
        status: sql`excluded.status`,
        body: sql`excluded.body`,
        createdAt: sql`excluded.created_at`,
      },
    })
    .returning(saveColumns),
);

/** Stores the response, in place of an expired one of the same key. */
export async function saveResponse(tx: Db, response: KeyId & StoredResponse): Promise<void> {
  await saveQuery(tx, { ...response });
}

interface DeletedChunk {
  count: number;
  /** The latest `created_at` of the chunk, for the next one; null for an empty chunk. */
  last: string | null;
}

/**
 * Deletes up to `limit` expired keys, the oldest first, and skips keys that another transaction has locked. A next
 * chunk starts at the `last` of this one, since the index still has entries of the deleted rows, which a search would
 * visit.
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

function expiry(now: Date): string {
  return new Date(now.getTime() - RETENTION_HOURS * 3_600_000).toISOString();
}
