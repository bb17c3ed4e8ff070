import { type Fragment, SERVICE, type Sql } from '../../db/maintenance.ts';
import type { Migration } from '../state/migration-state.ts';
import { PLACEHOLDERS } from '../transform/transformed-values.ts';
import { type Old, oldTable, type Range, type RowTable, within } from '../v1/layout.ts';

/** What has become of a row, `GOOD` first, then what the service does by itself, then what should not be. */
export const GOOD = ['same', 'orphan'] as const;
export const SINCE = ['changed since', 'deleted since'] as const;
export const BAD = [
  'missing',
  'deleted by hand',
  'different',
  'extra',
  'present twice',
  'not an orphan',
  'should be an orphan',
  'altered orphan',
  'orphan of nothing',
] as const;
export type Verdict = (typeof GOOD)[number] | (typeof SINCE)[number] | (typeof BAD)[number];

export interface Comparison {
  verdict: Verdict;
  rows: number;
  /** Sums of the rows' 64-bit hashes: what the old rows must have become, and what is there. */
  oldSum: string;
  newSum: string;
  /** The first few. */
  ids: string[];
}

export interface Compared extends Range {
  sql: Sql;
  migration: Migration;
  table: RowTable;
  /** The last row that has been copied; 'all' when they all have. */
  copied: string | null;
}

/** Compares all old, new and orphaned rows of a range of ids, in one statement. */
export async function compareRange(compared: Compared): Promise<Comparison[]> {
  const { sql } = compared;
  return sql<Comparison[]>`
    select verdict, count(*)::int as rows,
      coalesce(sum(hashtextextended(want, 0)), 0)::text as "oldSum",
      coalesce(sum(hashtextextended(have, 0)), 0)::text as "newSum",
      array_to_json((array_agg(id::text order by id))[1:10]) as ids
    from (${joined(compared)}) row group by verdict`;
}

export interface Detail {
  id: string;
  verdict: Verdict;
  want: Record<string, unknown> | null;
  have: Record<string, unknown> | null;
}

const FIRST_ID = -(2n ** 63n);

/** One row's two sides, column by column. */
export async function compareRow(compared: Omit<Compared, 'after' | 'upTo'>, id: string): Promise<Detail[]> {
  const before = BigInt(id) - 1n;
  const one = { ...compared, after: before < FIRST_ID ? null : String(before), upTo: id };
  return compared.sql<Detail[]>`
    select id::text as id, verdict, want_json as want, have_json as have from (${joined(one)}) row`;
}

function joined(compared: Compared): Fragment {
  const { sql, table, migration } = compared;
  const range = (column: Fragment) => within(sql, column, { ...compared, type: 'bigint' });
  return sql`
    select coalesce(e.id, n.id, x.row_id) as id, e.want, n.have, e.want_json, n.have_json,
      case
        when e.id is null and n.id is not null then 'extra'
        when e.id is null then 'orphan of nothing'
        when x.times > 1 or (x.row_id is not null and n.id is not null) then 'present twice'
        when x.row_data is distinct from case when x.row_id is not null then to_jsonb(e.o) end then 'altered orphan'
        when x.row_id is not null then case when e.is_orphan then 'orphan' else 'not an orphan' end
        when e.is_orphan then 'should be an orphan'
        when n.id is null then case
          when d.by_service then 'deleted since' when d.row_id is not null then 'deleted by hand' else 'missing' end
        when n.have = e.want then 'same'
        when n.is_changed and n.auth_user_id = e.owner then 'changed since'
        else 'different'
      end as verdict
    from (${oldRows(compared)}) e
    full join (${newRows(compared)}) n on n.id = e.id
    full join (
      select row_id, count(*) as times, (array_agg(row_data))[1] as row_data
      from legacy.orphans where table_name = ${table} and ${range(sql`row_id`)} group by row_id
    ) x on x.row_id = coalesce(e.id, n.id)
    left join (
      select row_id, bool_or(application = ${SERVICE}) as by_service
      from legacy.deletions where table_name = ${table} and deleted_at >= ${migration.startedAt}::text::timestamptz
      group by row_id
    ) d on d.row_id = e.id`;
}

/** Each old row with what it must be today, worked out from itself and from what was noted of it. */
function oldRows(compared: Compared): Fragment {
  const { sql, table, migration, copied } = compared;
  const old: Old = { sql, schema: 'legacy', shape: migration.shape };
  const range = within(sql, sql`o.id`, { ...compared, type: 'bigint' });
  const isCopied = copied === null ? sql`false` : copied === 'all' ? sql`true` : sql`o.id <= ${copied}::text::bigint`;
  const owner = ownerOf(old, table);
  return sql`
    select o.id::bigint as id, o, ${owner}::text as owner, ${isOrphan(old, table)} as is_orphan,
      w::text as want, to_jsonb(w) as want_json
    from ${oldTable(old, table)} o
    left join (
      select row_id, jsonb_object_agg(column_name, original) as originals
      from legacy.value_notes where table_name = ${table} and ${within(sql, sql`row_id`, { ...compared, type: 'bigint' })}
      group by row_id
    ) c on c.row_id = o.id
    ${table === 'badges' ? sql`` : sql`left join legacy.status_notes s on s.goal_id = o.id`}
    cross join lateral (
      select o.id::bigint as id, ${owner}::text as owner, ${table === 'badges' ? wantedBadge(old) : wantedGoal(old, migration)}
    ) w
    where ${range} and ${isCopied}`;
}

function newRows(compared: Compared): Fragment {
  const { sql, table, migration } = compared;
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const isBadge = table === 'badges';
  const columns = isBadge
    ? sql`n.name, n.description, n.icon_url, n.date_achieved at time zone 'UTC' as date_achieved, n.source`
    : sql`n.title, n.description, n.status, n.streak_count, n.created_at, n.updated_at, n.completed_at, n.version`;
  // Every change through the service raises the version; badges cannot be changed there.
  const isChanged = isBadge ? sql`false` : sql`(n.version > 1 and n.created_at = ${startedAt})`;
  return sql`
    select n.id, n.auth_user_id, ${isChanged} as is_changed, h::text as have, to_jsonb(h) as have_json
    from public.${sql(table)} n
    cross join lateral (select n.id, n.auth_user_id as owner, ${columns}) h
    where ${within(sql, sql`n.id`, { ...compared, type: 'bigint' })}`;
}

export function ownerOf({ sql, shape }: Old, table: RowTable): Fragment {
  const [first, second] = shape.owners[table];
  if (second === undefined) return sql`o.${sql(first ?? '')}`;
  return sql`case when o.${sql(first ?? '')} is null then o.${sql(second)} else o.${sql(first ?? '')} end`;
}

function isOrphan(old: Old, table: RowTable): Fragment {
  const { sql, shape } = old;
  const owner = ownerOf(old, table);
  const isUnfit = shape.keyType === 'bigint' ? sql`${owner} < 0` : sql`false`;
  const isUnknown = shape.people.map(
    (people) => sql`not exists (select from ${oldTable(old, people)} p where p.id = ${owner})`,
  );
  // Without the table of users, nobody can say any more who a left-over owner_id was.
  if (shape.owners[table].length > 1 && !shape.people.includes('users'))
    isUnknown.push(sql`o.auth_user_id is not null`);
  const all = isUnknown.reduce(
    (left, right) => sql`${left} and ${right}`,
    shape.people.length > 0 ? sql`true` : sql`false`,
  );
  return sql`(${owner} is null or ${isUnfit} or (${all}))`;
}

function wantedBadge(old: Old): Fragment {
  const { sql, shape } = old;
  const at = shape.hasZone ? sql`(o.date_achieved at time zone 'UTC')` : sql`o.date_achieved`;
  return sql`
    ${wantedText(sql, { column: 'name', max: 100, placeholder: PLACEHOLDERS.name })} as name,
    ${wantedText(sql, { column: 'description', max: 500, placeholder: PLACEHOLDERS.description })} as description,
    ${wantedText(sql, { column: 'icon_url', max: 500, placeholder: PLACEHOLDERS.icon_url })} as icon_url,
    case
      when not coalesce(c.originals ? 'date_achieved', false) then ${at}
      when c.originals ->> 'date_achieved' is distinct from o.date_achieved::text then null
      when o.date_achieved is null or not isfinite(o.date_achieved) or extract(year from ${at}) not between 1 and 9999
        then timestamp '1970-01-01 00:00'
    end as date_achieved,
    'import' as source`;
}

function wantedGoal({ sql }: Old, migration: Migration): Fragment {
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const spelled = sql`
    case o.status::text
      when 'not-started' then 'not-started' when 'not_started' then 'not-started'
      when 'in-progress' then 'in-progress' when 'in_progress' then 'in-progress'
      when 'paused' then 'paused' when 'completed' then 'completed' when 'archived' then 'archived' end`;
  const status = sql`
    case
      when s.goal_id is null then ${spelled}
      when ${spelled} is null and s.original is not distinct from o.status::text then 'in-progress'
    end`;
  return sql`
    ${wantedText(sql, { column: 'title', max: 200, placeholder: PLACEHOLDERS.title })} as title,
    ${wantedText(sql, { column: 'description', max: 2000, placeholder: null })} as description,
    ${status} as status,
    case
      when not coalesce(c.originals ? 'streak_count', false) then o.streak_count::int
      when c.originals ->> 'streak_count' is distinct from o.streak_count::text then null
      when o.streak_count is null or o.streak_count < 0 then 0
    end as streak_count,
    ${startedAt} as created_at, ${startedAt} as updated_at,
    case ${status} when 'completed' then ${startedAt} end as completed_at,
    1 as version`;
}

/** A text that was noted has been replaced, and every other one is what it was; a note that fits nothing gives null. */
function wantedText(sql: Sql, rule: { column: string; max: number; placeholder: string | null }): Fragment {
  const old = sql`o.${sql(rule.column)}::text`;
  return sql`
    case
      when not coalesce(c.originals ? ${rule.column}, false) then ${old}
      when c.originals ->> ${rule.column} is distinct from ${old} then null
      when coalesce(${old}, '') = '' then ${rule.placeholder}::text
      when char_length(${old}) > ${rule.max}::int then substring(${old} from 1 for ${rule.max}::int)
    end`;
}
