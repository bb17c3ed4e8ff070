import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { Migration } from '../state/migration-state.ts';
import { PLACEHOLDERS } from '../transform/transformed-values.ts';
import type { V1Database } from '../v1/layout.ts';

// These expressions do not use those of the copy, so that an error in the copy cannot hide itself. `o` is the v1 row,
// `c.originals` holds the recorded originals by column, and `s` is the recorded status. A record that does not fit the
// v1 row makes the expected value null.

export function expectedBadge(v1: V1Database): SqlFragment {
  const { sql, layout } = v1;
  const at = layout.hasTimeZone ? sql`(o.date_achieved at time zone 'UTC')` : sql`o.date_achieved`;
  return sql`
    ${expectedText(sql, { column: 'name', max: 100, placeholder: PLACEHOLDERS.name })} as name,
    ${expectedText(sql, { column: 'description', max: 500, placeholder: PLACEHOLDERS.description })} as description,
    ${expectedText(sql, { column: 'icon_url', max: 500, placeholder: PLACEHOLDERS.icon_url })} as icon_url,
    case
      when not coalesce(c.originals ? 'date_achieved', false) then ${at}
      when c.originals ->> 'date_achieved' is distinct from o.date_achieved::text then null
      when o.date_achieved is null or not isfinite(o.date_achieved) or extract(year from ${at}) not between 1 and 9999
        then timestamp '1970-01-01 00:00'
    end as date_achieved,
    'import' as source`;
}

export function expectedGoal({ sql }: V1Database, migration: Migration): SqlFragment {
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const knownStatus = sql`
    case o.status::text
      when 'not-started' then 'not-started' when 'not_started' then 'not-started'
      when 'in-progress' then 'in-progress' when 'in_progress' then 'in-progress'
      when 'paused' then 'paused' when 'completed' then 'completed' when 'archived' then 'archived' end`;
  const status = sql`
    case
      when s.goal_id is null then ${knownStatus}
      when ${knownStatus} is null and s.original is not distinct from o.status::text then 'in-progress'
    end`;
  return sql`
    ${expectedText(sql, { column: 'title', max: 200, placeholder: PLACEHOLDERS.title })} as title,
    ${expectedText(sql, { column: 'description', max: 2000, placeholder: null })} as description,
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

function expectedText(sql: Sql, rule: { column: string; max: number; placeholder: string | null }): SqlFragment {
  const original = sql`o.${sql(rule.column)}::text`;
  return sql`
    case
      when not coalesce(c.originals ? ${rule.column}, false) then ${original}
      when c.originals ->> ${rule.column} is distinct from ${original} then null
      when coalesce(${original}, '') = '' then ${rule.placeholder}::text
      when char_length(${original}) > ${rule.max}::int then substring(${original} from 1 for ${rule.max}::int)
    end`;
}
