import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { OwnedTable, V1Database } from '../v1/layout.ts';

/**
 * Replacements for null and empty texts. They satisfy the constraints of the current tables and the rules of the API.
 */
export const PLACEHOLDERS = {
  name: 'Untitled badge',
  description: 'No description',
  icon_url: '/icons/badge.png',
  title: 'Untitled goal',
} as const;

/** The current length limits in code points. A null placeholder means that the text may be null or empty. */
const TEXT_RULES: Record<OwnedTable, { column: string; max: number; placeholder: string | null }[]> = {
  badges: [
    { column: 'name', max: 100, placeholder: PLACEHOLDERS.name },
    { column: 'description', max: 500, placeholder: PLACEHOLDERS.description },
    { column: 'icon_url', max: 500, placeholder: PLACEHOLDERS.icon_url },
  ],
  learning_goals: [
    { column: 'title', max: 200, placeholder: PLACEHOLDERS.title },
    { column: 'description', max: 2000, placeholder: null },
  ],
};

const STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'];

/** Returns the value of a column in the current table, computed from the v1 row `o`. */
export function transformedValue(
  v1: V1Database,
  { table, column }: { table: OwnedTable; column: string },
): SqlFragment {
  const { sql } = v1;
  const text = TEXT_RULES[table].find((rule) => rule.column === column);
  if (text?.placeholder === null) return sql`left(o.${sql(column)}::text, ${text.max}::int)`;
  if (text) {
    const { max, placeholder } = text;
    return sql`coalesce(nullif(left(o.${sql(column)}::text, ${max}::int), ''), ${placeholder}::text)`;
  }
  switch (column) {
    case 'date_achieved':
      return sql`case when ${isValidTimestamp(v1)} then ${dateAchieved(v1)} else timestamptz 'epoch' end`;
    case 'streak_count':
      return sql`greatest(coalesce(o.streak_count, 0), 0)`;
    case 'status':
      return sql`case when ${isKnownStatus(sql)} then replace(o.status::text, '_', '-') else 'in-progress' end`;
    default:
      throw new Error(`There is no transformation for ${table}.${column}`);
  }
}

/**
 * Returns a FROM item `n(column_name, original, reason)` with a row for each value of the v1 row `o`. The reason is
 * null for values that are not replaced. Statuses are not included: see `isKnownStatus`.
 */
export function replacedValues(v1: V1Database, table: OwnedTable): SqlFragment {
  const { sql } = v1;
  const texts = TEXT_RULES[table].map(({ column, max, placeholder }) => {
    const value = sql`o.${sql(column)}::text`;
    const tooLong = sql`when char_length(${value}) > ${max}::int then 'too long'`;
    const absent = sql`when ${value} is null then 'null' when ${value} = '' then 'empty'`;
    return sql`(${column}::text, ${value}, case ${placeholder === null ? sql`` : absent} ${tooLong} end)`;
  });
  const other =
    table === 'badges'
      ? sql`('date_achieved', o.date_achieved::text, case
          when o.date_achieved is null then 'null'
          when not ${isValidTimestamp(v1)} then 'outside of the years 1 to 9999' end)`
      : sql`('streak_count', o.streak_count::text, case
          when o.streak_count is null then 'null' when o.streak_count < 0 then 'negative' end)`;
  const rows = [...texts, other].reduce((left, right) => sql`${left}, ${right}`);
  return sql`lateral (values ${rows}) n(column_name, original, reason)`;
}

/** Returns whether the status of `o` is a current one, with `_` accepted for `-`. */
export function isKnownStatus(sql: Sql): SqlFragment {
  return sql`coalesce(replace(o.status::text, '_', '-') in ${sql(STATUSES)}, false)`;
}

function dateAchieved({ sql, layout }: V1Database): SqlFragment {
  return layout.hasTimeZone ? sql`o.date_achieved` : sql`(o.date_achieved at time zone 'UTC')`;
}

/** Returns false for null as well. */
function isValidTimestamp(v1: V1Database): SqlFragment {
  const { sql } = v1;
  const value = dateAchieved(v1);
  return sql`coalesce(${value} >= timestamptz '0001-01-01 00:00Z' and ${value} < timestamptz '10000-01-01 00:00Z', false)`;
}
