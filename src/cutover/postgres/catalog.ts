import type { Sql } from '../../db/maintenance.ts';

export interface Column {
  table: string;
  name: string;
  /** PostgreSQL's name of it, without length or precision. */
  type: string;
  /** By it texts are equal that differ, such as 'Completed' and 'completed'. */
  looseCollation: string | null;
}

/** The columns of these tables of `public`; views and the like have none here. */
export async function listColumns(sql: Sql, tables: readonly string[]): Promise<Column[]> {
  return sql<Column[]>`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type,
      l.collname as "looseCollation"
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_collation l on l.oid = a.attcollation and not l.collisdeterministic
    where c.relnamespace = to_regnamespace('public') and c.relkind = 'r' and c.relname in ${sql(tables)}
    order by 1, a.attnum`;
}

/** What else has these names: tables of other schemas, and whatever in `public` is no plain table. */
export async function listNamesakes(sql: Sql, names: readonly string[]): Promise<string[]> {
  const rows = await sql<{ namesake: string }[]>`
    select format('%I.%I is not looked at: %s', n.nspname, c.relname, case
      when c.relkind = 'p' then 'it is a partitioned table'
      when c.relkind <> 'r' then 'it is a view, or something else that is no table'
      else format('if it is the first version''s, move it: alter table %I.%I set schema public', n.nspname, c.relname)
    end) as namesake
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname in ${sql(names)} and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' and not (n.nspname = 'public' and c.relkind = 'r')
    order by 1`;
  return rows.map(({ namesake }) => namesake);
}

/** Parents and children, one of which is among these tables of `public`. */
export async function listInheritance(
  sql: Sql,
  tables: readonly string[],
): Promise<{ child: string; parent: string }[]> {
  return sql<{ child: string; parent: string }[]>`
    with old as (
      select oid from pg_catalog.pg_class where relnamespace = to_regnamespace('public') and relname in ${sql(tables)})
    select inhrelid::regclass::text as child, inhparent::regclass::text as parent from pg_catalog.pg_inherits
    where inhrelid in (select oid from old) or inhparent in (select oid from old) order by 1, 2`;
}

/** Those of these tables of `public` whose `id` is unique and never null. */
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

/** Tables, views and the like of `public` that are none of these. */
export async function listOtherRelations(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace('public') and relkind in ('r', 'p', 'v', 'm', 'f') and relname not in ${sql(tables)}
    order by 1`;
  return rows.map(({ name }) => name);
}

/** What outside of these tables of `schema` stands on them: views, functions, and foreign keys of other tables. */
export async function listDependents(
  sql: Sql,
  { schema, tables }: { schema: string; tables: readonly string[] },
): Promise<string[]> {
  const rows = await sql<{ dependent: string }[]>`
    with old as (
      select c.oid, c.reltype from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname in ${sql(tables)})
    select 'view ' || r.ev_class::regclass as dependent
    from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    where d.refclassid = 'pg_class'::regclass and d.refobjid in (select oid from old)
      and r.ev_class not in (select oid from old)
    union
    select 'function ' || d.objid::regprocedure
    from pg_catalog.pg_depend d
    where d.classid = 'pg_proc'::regclass
      and (d.refclassid, d.refobjid) in (
        select 'pg_class'::regclass, oid from old union all select 'pg_type'::regclass, reltype from old)
    union
    select 'foreign key ' || k.conname || ' of ' || k.conrelid::regclass
    from pg_catalog.pg_constraint k
    where k.contype = 'f' and k.confrelid in (select oid from old) and k.conrelid not in (select oid from old)
    order by 1`;
  return rows.map(({ dependent }) => dependent);
}

/** The sequences that give these tables' columns their numbers, owned by them or not. */
export async function listSequences(
  sql: Sql,
  { schema, tables }: { schema: string; tables: readonly string[] },
): Promise<{ table: string; name: string }[]> {
  return sql<{ table: string; name: string }[]>`
    with old as (
      select c.oid, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname in ${sql(tables)})
    select old.relname as "table", s.relname as name
    from old
    join pg_catalog.pg_attrdef f on f.adrelid = old.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
      and d.refclassid = 'pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    join pg_catalog.pg_namespace n on n.oid = s.relnamespace and n.nspname = ${schema}
    union
    select old.relname, s.relname
    from old
    join pg_catalog.pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = old.oid
      and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
    order by 1, 2`;
}

export interface SessionCount {
  application: string;
  sessions: number;
}

/** Who is connected to this database besides us. What kind of session it is is hidden from roles without privileges. */
export async function listOtherSessions(sql: Sql): Promise<SessionCount[]> {
  return sql<SessionCount[]>`
    select coalesce(nullif(application_name, ''), 'without a name') as application, count(*)::int as sessions
    from pg_catalog.pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'
    group by 1 order by 1`;
}

/** Bytes of these tables of `schema` with their indexes. */
export async function listSizes(
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
