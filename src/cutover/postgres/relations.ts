import type { Sql } from '../../db/admin-connection.ts';
import { listSequences } from './dependencies.ts';

export interface Column {
  table: string;
  name: string;
  /** The type's name in PostgreSQL, without length or precision. */
  type: string;
  /** Set when the collation treats different texts as equal, such as 'Completed' and 'completed'. */
  nondeterministicCollation: string | null;
}

/** Lists the columns of tables of `public`. Views and other relations have none here. */
export async function listColumns(sql: Sql, tables: readonly string[]): Promise<Column[]> {
  return sql<Column[]>`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type,
      l.collname as "nondeterministicCollation"
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_collation l on l.oid = a.attcollation and not l.collisdeterministic
    where c.relnamespace = to_regnamespace('public') and c.relkind = 'r' and c.relname in ${sql(tables)}
    order by 1, a.attnum`;
}

/** Describes relations with the given names that are in another schema, or in `public` but no plain table. */
export async function listMismatchedRelations(sql: Sql, names: readonly string[]): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    select case
      when c.relkind = 'p' then format('%I.%I is a partitioned table, expected a plain table', n.nspname, c.relname)
      when c.relkind <> 'r' then
        format('%I.%I is a view or another kind of relation, expected a plain table', n.nspname, c.relname)
      else format('%1$I.%2$I is not in public; if it is a v1 table, run: alter table %1$I.%2$I set schema public',
        n.nspname, c.relname)
    end as problem
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname in ${sql(names)} and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' and not (n.nspname = 'public' and c.relkind = 'r')
    order by n.nspname, c.relname`;
  return rows.map(({ problem }) => problem);
}

/** Lists those of the given tables of `public` that have a unique, non-null `id`. */
export async function listTablesKeyedById(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct c.relname as name
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'id' and a.attnotnull
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
      and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
    where c.relnamespace = to_regnamespace('public') and c.relname in ${sql(tables)}`;
  return rows.map(({ name }) => name);
}

/** Lists the tables and views of `public` other than the given ones. */
export async function listOtherRelations(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace('public') and relkind in ('r', 'p', 'v', 'm', 'f') and relname not in ${sql(tables)}
    order by 1`;
  return rows.map(({ name }) => name);
}

/**
 * Lists the relations of `public` with one of the names, except the given v1 tables with their indexes and sequences.
 */
export async function listConflictingRelations(
  sql: Sql,
  { names, tables }: { names: readonly string[]; tables: readonly string[] },
): Promise<string[]> {
  const sequences = await listSequences(sql, { schema: 'public', tables });
  const v1Names = [...tables, ...sequences];
  const rows = await sql<{ name: string }[]>`
    select c.relname as name
    from pg_catalog.pg_class c
    left join pg_catalog.pg_index i on i.indexrelid = c.oid
    left join pg_catalog.pg_class t on t.oid = i.indrelid
    where c.relnamespace = to_regnamespace('public') and c.relname in ${sql(names)}
      and coalesce(t.relname, c.relname) not in ${sql(v1Names)}
    order by 1`;
  return rows.map(({ name }) => name);
}

/** Returns the size in bytes of each table of `schema`, indexes included. */
export async function getTableSizes(
  sql: Sql,
  { schema, tables }: { schema: string; tables: readonly string[] },
): Promise<Record<string, number>> {
  const rows = await sql<{ name: string; bytes: string }[]>`
    select c.relname as name, pg_total_relation_size(c.oid)::text as bytes
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname in ${sql(tables)} and c.relkind = 'r'
    order by 1`;
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

export async function hasTable(sql: Sql, qualifiedName: string): Promise<boolean> {
  const [row] = await sql`select to_regclass(${qualifiedName}) is not null as found`;
  return row?.found === true;
}
