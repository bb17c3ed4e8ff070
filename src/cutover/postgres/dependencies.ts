import type { Sql } from '../../db/admin-connection.ts';

/** Lists inheritance relationships in which one of the given tables of `public` is the parent or the child. */
export async function listInheritance(
  sql: Sql,
  tables: readonly string[],
): Promise<{ child: string; parent: string }[]> {
  return sql<{ child: string; parent: string }[]>`
    with v1 as (
      select oid from pg_catalog.pg_class where relnamespace = to_regnamespace('public') and relname in ${sql(tables)})
    select inhrelid::regclass::text as child, inhparent::regclass::text as parent from pg_catalog.pg_inherits
    where inhrelid in (select oid from v1) or inhparent in (select oid from v1) order by 1, 2`;
}

/** Lists views, functions and foreign keys that depend on the given tables and are not part of them. */
export async function listDependents(
  sql: Sql,
  { schema, tables }: { schema: string; tables: readonly string[] },
): Promise<string[]> {
  const rows = await sql<{ dependent: string }[]>`
    with v1 as (
      select c.oid, c.reltype from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname in ${sql(tables)})
    select 'view ' || r.ev_class::regclass as dependent
    from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    where d.refclassid = 'pg_class'::regclass and d.refobjid in (select oid from v1)
      and r.ev_class not in (select oid from v1)
    union
    select 'function ' || d.objid::regprocedure
    from pg_catalog.pg_depend d
    where d.classid = 'pg_proc'::regclass
      and (d.refclassid, d.refobjid) in (
        select 'pg_class'::regclass, oid from v1 union all select 'pg_type'::regclass, reltype from v1)
    union
    select 'foreign key ' || k.conname || ' of ' || k.conrelid::regclass
    from pg_catalog.pg_constraint k
    where k.contype = 'f' and k.confrelid in (select oid from v1) and k.conrelid not in (select oid from v1)
    order by 1`;
  return rows.map(({ dependent }) => dependent);
}

/** Lists the sequences of the given tables: those that a column owns and those that only a default refers to. */
export async function listSequences(
  sql: Sql,
  { schema, tables }: { schema: string; tables: readonly string[] },
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    with v1 as (
      select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname in ${sql(tables)})
    select s.relname as name
    from v1
    join pg_catalog.pg_attrdef f on f.adrelid = v1.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
      and d.refclassid = 'pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    join pg_catalog.pg_namespace n on n.oid = s.relnamespace and n.nspname = ${schema}
    union
    select s.relname
    from v1
    join pg_catalog.pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = v1.oid
      and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
    order by 1`;
  return rows.map(({ name }) => name);
}
