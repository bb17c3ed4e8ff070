import { SERVICE, type Sql } from '../../db/maintenance.ts';
import type { RowsDone } from '../cli/progress-reporter.ts';
import { findProgress, type Migration } from '../state/migration-state.ts';
import {
  isRowTable,
  nextBatch,
  type Old,
  oldTable,
  type PeopleTable,
  ROW_TABLES,
  type RowTable,
  within,
} from '../v1/layout.ts';
import { BAD, type Comparison, compareRange, compareRow, type Detail, ownerOf, type Verdict } from './compare-rows.ts';

export interface VerifyOptions {
  batchSize: number;
  /** Told at first, and after each batch, how far a table is. */
  onProgress(table: string, done: RowsDone): void;
}

export interface TableFindings {
  table: RowTable;
  /** How many rows have become what. */
  rows: Partial<Record<Verdict, number>>;
  /** Over all columns of the rows that nobody has changed since: what they must be, and what they are. */
  checksums: { old: string; new: string };
  /** How many people own old rows that were copied, and how many of them now own another number. */
  owners: { all: number; different: number };
  /** Rows that the service has made since. */
  newRows: number;
  /** What the next new row will be numbered, and whether no old row can have had that. */
  nextId: { id: string; isNew: boolean };
  /** The first rows that are not what they should be. */
  differences: Detail[];
}

export interface PeopleFindings {
  table: PeopleTable;
  missing: number;
  firstMissing: string[];
}

export interface Findings {
  tables: TableFindings[];
  people: PeopleFindings[];
  newPeople: number;
}

const SHOWN = 10;

/**
 * Holds every old row against what has become of it, a range of ids at a time: each statement sees one moment, and none
 * but the counts of owners runs for longer than a batch. It shares no expression with what copies the rows.
 */
export async function verifyMigration(sql: Sql, migration: Migration, options: VerifyOptions): Promise<Findings> {
  const people: PeopleFindings[] = [];
  const tables: TableFindings[] = [];
  // Before the copy of people has come to an end, some of them are not there yet.
  const arePeopleCopied = migration.step !== 'people';
  for (const table of arePeopleCopied ? migration.shape.people : []) {
    people.push(await verifyPeople({ sql, migration, options }, table));
  }
  for (const table of ROW_TABLES) tables.push(await verifyTable({ sql, migration, options }, table));
  const [since] = await sql<{ rows: number }[]>`
    select count(*)::int as rows from public.auth_users
    where first_seen_at > ${migration.startedAt}::text::timestamptz`;
  return { tables, people, newPeople: since?.rows ?? 0 };
}

/** Whether nothing was lost or altered; with `strict`, whether nobody has written since either. */
export function isSound({ tables, people, newPeople }: Findings, { strict }: { strict: boolean }): boolean {
  const isWhole = tables.every(
    ({ rows, checksums, owners, nextId }) =>
      !BAD.some((verdict) => rows[verdict]) &&
      checksums.old === checksums.new &&
      owners.different === 0 &&
      nextId.isNew,
  );
  const isWritten = newPeople > 0 || tables.some((table) => table.newRows > 0 || countChangedSince(table) > 0);
  return isWhole && people.every(({ missing }) => missing === 0) && !(strict && isWritten);
}

export function countChangedSince({ rows }: TableFindings): number {
  return (rows['changed since'] ?? 0) + (rows['deleted since'] ?? 0);
}

interface Verification {
  sql: Sql;
  migration: Migration;
  options: VerifyOptions;
}

async function verifyTable({ sql, migration, options }: Verification, table: RowTable): Promise<TableFindings> {
  const copied = migration.step === 'done' ? 'all' : (await findProgress(sql, table)).lastId;
  const tally = new Tally();
  const highest = migration.highest[table];
  for await (const range of ranges({ sql, migration, options }, table)) {
    const compared = { sql, migration, table, copied };
    for (const comparison of await compareRange({ ...compared, ...range })) {
      for (const id of tally.add(comparison)) tally.differences.push(...(await compareRow(compared, id)));
    }
  }
  const [since] = await sql<{ rows: number }[]>`
    select count(*)::int as rows from public.${sql(table)} where id > ${highest}::bigint`;
  return {
    table,
    rows: tally.rows,
    checksums: tally.checksums(),
    owners: await compareOwners(sql, { migration, table, copied }),
    newRows: since?.rows ?? 0,
    nextId: await findNextId(sql, { table, highest }),
    differences: tally.differences.filter(({ verdict }) => isBad(verdict)).slice(0, SHOWN),
  };
}

/** A table's rows in ranges of a batch each, the progress told between them. */
async function* ranges({ sql, migration, options }: Verification, table: RowTable | PeopleTable) {
  const old: Old = { sql, schema: 'legacy', shape: migration.shape };
  const type = isRowTable(table) ? 'bigint' : migration.shape.keyType;
  const { rowsRead: rowsTotal } = await findProgress(sql, table);
  let after: string | null = null;
  let rowsRead = 0;
  for (;;) {
    options.onProgress(table, { rowsRead, rowsTotal });
    const next = await nextBatch(old, { table, type, after, batchSize: options.batchSize });
    if (next === null) break;
    yield { after, upTo: next.lastId, type };
    after = next.lastId;
    rowsRead += next.rows;
  }
  // Nothing old is left above, but something else may have come in below the first new id.
  if (isRowTable(table)) yield { after, upTo: migration.highest[table], type };
}

class Tally {
  readonly rows: Partial<Record<Verdict, number>> = {};
  readonly differences: Detail[] = [];
  #old = 0n;
  #new = 0n;
  #missed = 0;

  /** The ids of rows that are to be looked at more closely. */
  add({ verdict, rows, ids, oldSum, newSum }: Comparison): string[] {
    this.rows[verdict] = (this.rows[verdict] ?? 0) + rows;
    // Orphans have no new side, nor has what was changed or deleted since one that could be the same.
    if (verdict === 'same' || isBad(verdict)) {
      this.#old += BigInt(oldSum);
      this.#new += BigInt(newSum);
    }
    if (!isBad(verdict)) return [];
    const missed = [...new Set(ids)].slice(0, SHOWN - this.#missed);
    this.#missed += missed.length;
    return missed;
  }

  checksums(): { old: string; new: string } {
    const hex = (sum: bigint) => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
    return { old: hex(this.#old), new: hex(this.#new) };
  }
}

function isBad(verdict: Verdict): boolean {
  return BAD.some((bad) => bad === verdict);
}

/** Rows for each owner: the old ones without the orphans, and the new ones with those that were deleted since. */
async function compareOwners(
  sql: Sql,
  { migration, table, copied }: { migration: Migration; table: RowTable; copied: string | null },
): Promise<{ all: number; different: number }> {
  const old: Old = { sql, schema: 'legacy', shape: migration.shape };
  const upTo = copied === 'all' ? null : (copied ?? migration.highest[table]);
  const isCopied = copied === null ? sql`false` : within(sql, sql`o.id`, { after: null, upTo, type: 'bigint' });
  const owner = ownerOf(old, table);
  const [row] = await sql<{ all: number; different: number }[]>`
    select count(*)::int as "all", count(*) filter (where o.rows is distinct from n.rows)::int as different
    from (
      select ${owner}::text as owner, count(*) as rows from ${oldTable(old, table)} o
      where ${isCopied} and not exists (
        select from legacy.orphans x where x.table_name = ${table} and x.row_id = o.id)
      group by 1
    ) o
    full join (
      select owner, count(*) as rows from (
        select auth_user_id as owner from public.${sql(table)} where id <= ${migration.highest[table]}::bigint
        union all
        select ${owner}::text from ${oldTable(old, table)} o where exists (
          select from legacy.deletions d
          where d.table_name = ${table} and d.row_id = o.id and d.application = ${SERVICE})
      ) present group by 1
    ) n on n.owner = o.owner`;
  return row ?? { all: 0, different: 0 };
}

async function findNextId(
  sql: Sql,
  { table, highest }: { table: RowTable; highest: string },
): Promise<TableFindings['nextId']> {
  const [row] = await sql<TableFindings['nextId'][]>`
    select id::text as id, id > ${highest}::bigint as "isNew"
    from (select last_value + is_called::int as id from public.${sql(`${table}_id_seq`)}) next`;
  return row ?? { id: '0', isNew: false };
}

async function verifyPeople({ sql, migration, options }: Verification, table: PeopleTable): Promise<PeopleFindings> {
  const old: Old = { sql, schema: 'legacy', shape: migration.shape };
  const found: PeopleFindings = { table, missing: 0, firstMissing: [] };
  const isNew = sql`exists (select from public.auth_users a where a.id = p.id::text)`;
  const isOrphan = sql`(select count(*) from legacy.orphans x where x.table_name = ${table} and x.row_id = p.id) = 1`;
  const isThere =
    migration.shape.keyType === 'uuid'
      ? isNew
      : sql`case when p.id < 0 then ${isOrphan} and not ${isNew} else ${isNew} end`;
  for await (const range of ranges({ sql, migration, options }, table)) {
    const missing = await sql<{ id: string }[]>`
      select p.id::text as id from ${oldTable(old, table)} p
      where ${within(sql, sql`p.id`, range)} and not ${isThere} order by p.id`;
    found.missing += missing.length;
    found.firstMissing.push(...missing.slice(0, SHOWN - found.firstMissing.length).map(({ id }) => id));
  }
  return found;
}
