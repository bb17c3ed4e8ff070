import type { SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../client.ts';
import { sql } from '../driver/drizzle.ts';
import { batchAcrossRequests } from './cross-request-batching.ts';
import { bigintArray, preparedQuery } from './prepared-query.ts';
import type { RowOf } from './row-decoder.ts';

/** Returns a function that finds rows by id, in the order of the ids; null for an id without a row. */
export function findByIds<Columns extends Readonly<Record<string, PgColumn | SQL>> & { id: PgColumn }>(
  columns: Columns,
  from: PgTable & { id: PgColumn },
): (db: Db, ids: readonly number[]) => Promise<(RowOf<Columns> | null)[]> {
  const query = preparedQuery(columns, (db) =>
    db
      .select(columns as Record<string, PgColumn | SQL>)
      .from(from)
      .where(sql`${from.id} = any(${sql.placeholder('ids')}::bigint[])`),
  );
  return batchAcrossRequests(async (db, ids: readonly number[]) => {
    const rows = await query(db, { ids: bigintArray(ids) });
    const byId = new Map(rows.map((row) => [(row as { id: unknown }).id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
