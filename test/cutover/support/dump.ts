import type { Sql } from 'postgres';

/** Returns the schema objects, privileges and rows of a database, one per line, like pg_dump. */
export async function dump(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with space as (
      select * from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'test_pause')),
    relation as (select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as path
      from pg_class c join space n on n.oid = c.relnamespace)
    select format('schema %s of %s %s %s', nspname, nspowner::regrole, nspacl, obj_description(oid)) as line from space
    union all
    select format('relation %s %s of %s %s %s %s %s', path, relkind, relowner::regrole, relacl, reloptions,
      relrowsecurity, obj_description(oid)) from relation
    union all
    select format('column %s.%s %s %s not null %s default %s %s %s', path, attname, attnum, format_type(atttypid, atttypmod),
      attnotnull, pg_get_expr(adbin, adrelid), attidentity, attacl)
    from relation join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped and relkind in ('r', 'v', 'm')
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select format('constraint %s %s %s %s', conname, conrelid::regclass, pg_get_constraintdef(k.oid), convalidated)
    from pg_constraint k join space n on n.oid = connamespace
    union all
    select format('index %s', pg_get_indexdef(relation.oid)) from relation where relkind = 'i'
    union all
    select format('sequence %s of %s: %s', s, pg_get_userbyid(relation.relowner), coalesce(d.refobjid::regclass::text, 'none'))
    from relation cross join lateral (select path as s) p
    left join pg_depend d on d.objid = relation.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    where relkind = 'S'
    union all
    select format('trigger %s', pg_get_triggerdef(t.oid)) from pg_trigger t join relation on tgrelid = relation.oid
    where not tgisinternal
    union all
    select format('function %s %s %s', p.oid::regprocedure, proacl, prosrc) from pg_proc p join space n on n.oid = pronamespace
    union all
    select format('view %s %s', path, pg_get_viewdef(oid)) from relation where relkind in ('v', 'm')`;
  const queries = await sql<{ text: string }[]>`
    select format('select %L || %s as line from %I.%I r', format('in %s.%s: ', n.nspname, c.relname),
      case c.relkind when 'S' then 'last_value || '' '' || is_called' else 'r::text' end, n.nspname, c.relname) as text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'test_pause') and c.relkind in ('r', 'S')`;
  const contents =
    queries.length === 0
      ? []
      : await sql.unsafe<{ line: string }[]>(queries.map(({ text }) => text).join(' union all '));
  return [...rows, ...contents].map(({ line }) => line).sort();
}
