import type { Sql } from '../../db/admin-connection.ts';
import { isService } from '../postgres/sessions.ts';
import { getCheckpoint } from '../state/checkpoints.ts';
import { type IdRange, inRange } from '../v1/batches.ts';
import { type OwnedTable, type V1Database, v1Table } from '../v1/layout.ts';
import { compareRange, compareRow, type ResultCount } from './compare-rows.ts';
import { idRanges, type VerificationContext } from './id-ranges.ts';
import { type CompareOptions, ownerOf } from './row-sources.ts';
import { isMismatch, type OwnedTableVerification, type RowDifference, type RowResult } from './verification.ts';

/** Mismatched rows and missing users that are listed per table. */
export const MAX_DIFFERENCES = 10;

export async function verifyOwnedTable(
  context: VerificationContext,
  table: OwnedTable,
): Promise<OwnedTableVerification> {
  const { sql, migration } = context;
  const copiedUpTo = migration.step === 'done' ? 'all' : (await getCheckpoint(sql, table)).lastId;
  const maxV1Id = migration.maxV1Ids[table];
  const totals = new ComparisonTotals();
  const differences: RowDifference[] = [];
  const scope = { sql, migration, table, copiedUpTo };
  for await (const range of idRanges(context, table)) {
    for (const count of await compareRange({ ...scope, ...range })) {
      for (const id of totals.add(count)) differences.push(...(await compareRow(scope, id)));
    }
  }
  const [created] = await sql<{ rows: number }[]>`
    select count(*)::int as rows from public.${sql(table)} where id > ${maxV1Id}::bigint`;
  return {
    table,
    rows: totals.rows,
    checksums: totals.checksums(),
    owners: await compareRowsPerOwner(scope),
    newRows: created?.rows ?? 0,
    nextId: await findNextId(sql, { table, maxV1Id }),
    differences: differences.filter(({ result }) => isMismatch(result)).slice(0, MAX_DIFFERENCES),
  };
}

class ComparisonTotals {
  readonly rows: Partial<Record<RowResult, number>> = {};
  #expected = 0n;
  #actual = 0n;
  #listed = 0;

  /** Adds a count and returns the ids of the mismatched rows to list. */
  add({ result, rows, ids, expectedSum, actualSum }: ResultCount): string[] {
    this.rows[result] = (this.rows[result] ?? 0) + rows;
    // Orphans have no current row. Rows that the service changed or deleted differ legitimately.
    if (result === 'match' || isMismatch(result)) {
      this.#expected += BigInt(expectedSum);
      this.#actual += BigInt(actualSum);
    }
    if (!isMismatch(result)) return [];
    const listed = [...new Set(ids)].slice(0, MAX_DIFFERENCES - this.#listed);
    this.#listed += listed.length;
    return listed;
  }

  checksums(): { expected: string; actual: string } {
    const toHex = (sum: bigint) => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
    return { expected: toHex(this.#expected), actual: toHex(this.#actual) };
  }
}

/** Compares the row count of each owner: v1 rows without orphans, and current rows with those the service deleted. */
async function compareRowsPerOwner({
  sql,
  migration,
  table,
  copiedUpTo,
}: Omit<CompareOptions, keyof IdRange>): Promise<{ total: number; different: number }> {
  const v1: V1Database = { sql, schema: 'legacy', layout: migration.layout };
  const maxV1Id = migration.maxV1Ids[table];
  const upTo = copiedUpTo === 'all' ? null : (copiedUpTo ?? maxV1Id);
  const isCopied = copiedUpTo === null ? sql`false` : inRange(sql, sql`o.id`, { after: null, upTo, type: 'bigint' });
  const owner = ownerOf(v1, table);
  const [row] = await sql<{ total: number; different: number }[]>`
    select count(*)::int as total, count(*) filter (where e.rows is distinct from a.rows)::int as different
    from (
      select ${owner}::text as owner, count(*) as rows from ${v1Table(v1, table)} o
      where ${isCopied} and not exists (
        select from legacy.orphans x where x.table_name = ${table} and x.row_id = o.id)
      group by 1
    ) e
    full join (
      select owner, count(*) as rows from (
        select auth_user_id as owner from public.${sql(table)} where id <= ${maxV1Id}::bigint
        union all
        select ${owner}::text from ${v1Table(v1, table)} o where exists (
          select from legacy.deletions d
          where d.table_name = ${table} and d.row_id = o.id and ${isService(sql, sql`d.application`)})
      ) present group by 1
    ) a on a.owner = e.owner`;
  return row ?? { total: 0, different: 0 };
}

async function findNextId(
  sql: Sql,
  { table, maxV1Id }: { table: OwnedTable; maxV1Id: string },
): Promise<OwnedTableVerification['nextId']> {
  const [row] = await sql<OwnedTableVerification['nextId'][]>`
    select id::text as id, id > ${maxV1Id}::bigint as "isNew"
    from (select last_value + is_called::int as id from public.${sql(`${table}_id_seq`)}) next`;
  return row ?? { id: '0', isNew: false };
}
