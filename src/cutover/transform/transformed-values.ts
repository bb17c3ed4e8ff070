import type { Fragment, Sql } from '../../db/maintenance.ts';
import { EVERYTHING, type Old, oldTable, type Range, type RowTable, within } from '../v1/layout.ts';

/** Takes the place of an empty or absent text; today's constraints and the API's rules accept each. */
export const PLACEHOLDERS = {
  name: 'Untitled badge',
  description: 'No description',
  icon_url: '/icons/badge.png',
  title: 'Untitled goal',
} as const;

/** Today's limits, in code points. A goal's description alone may be absent or empty. */
const TEXTS: Record<RowTable, { column: string; max: number; placeholder: string | null }[]> = {
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

/** Whether an id can be a person's under the rule of lib/user-id.ts: of integers and uuids, all but negative numbers. */
export function isPersonId({ sql, shape }: Old, column: Fragment): Fragment {
  return shape.keyType === 'uuid' ? sql`true` : sql`${column} >= 0`;
}

/**
 * The old rows of a range as `o`, with their owner in `o.owner_key` and, in `o.orphan_reason`, why a row has no place
 * among the new ones; null where it has. For a `from` clause. `offset 0` has all that worked out once for each row.
 */
export function judgedRows(old: Old, table: RowTable, range: Range = EVERYTHING): Fragment {
  const { sql, shape } = old;
  const [first, second] = shape.owners[table].map((column) => sql`o.${sql(column)}`);
  const key = second === undefined ? sql`${first ?? sql``}` : sql`coalesce(${first ?? sql``}, ${second})`;
  const people = shape.people
    .map((name, i) => sql`left join ${oldTable(old, name)} ${sql(`people_${i}`)} on ${sql(`people_${i}`)}.id = ${key}`)
    .reduce((all, one) => sql`${all} ${one}`, sql``);
  return sql`
    (
      select o.*, ${key} as owner_key, case
        when ${key} is null then 'no owner'
        when not ${isKnown(old, table)} then 'unknown owner'
        when not ${isPersonId(old, key)} then 'owner id not allowed'
      end as orphan_reason
      from ${oldTable(old, table)} o ${people}
      where ${within(sql, sql`o.id`, { ...range, type: 'bigint' })}
      offset 0
    ) o`;
}

/** A row of `judgedRows` as it was. */
export function originalRow(sql: Sql): Fragment {
  return sql`to_jsonb(o) - 'owner_key' - 'orphan_reason'`;
}

/** Whether the rows' owners can be looked up, all of them; where they cannot, they are taken to exist. */
export function canCheckOwners({ shape }: Pick<Old, 'shape'>, table: RowTable): boolean {
  return shape.people.includes('users') || (shape.people.length > 0 && shape.owners[table].length === 1);
}

function isKnown(old: Old, table: RowTable): Fragment {
  const { sql, shape } = old;
  if (shape.people.length === 0) return sql`true`;
  const found = shape.people
    .map((_, i) => sql`${sql(`people_${i}`)}.id is not null`)
    .reduce((all, one) => sql`${all} or ${one}`);
  // Nothing is left that could tell who a left-over owner_id was: the tables that pointed there are gone.
  return canCheckOwners(old, table) ? sql`(${found})` : sql`(${found} or o.auth_user_id is null)`;
}

/** The columns' values as they go into the new table, by column; `o` is the old row. */
export function newValue(old: Old, { table, column }: { table: RowTable; column: string }): Fragment {
  const { sql } = old;
  const text = TEXTS[table].find((rule) => rule.column === column);
  if (text?.placeholder === null) return sql`left(o.${sql(column)}::text, ${text.max}::int)`;
  if (text) {
    const { max, placeholder } = text;
    return sql`coalesce(nullif(left(o.${sql(column)}::text, ${max}::int), ''), ${placeholder}::text)`;
  }
  switch (column) {
    case 'date_achieved':
      return sql`case when ${isSoundInstant(old)} then ${instant(old)} else timestamptz 'epoch' end`;
    case 'streak_count':
      return sql`greatest(coalesce(o.streak_count, 0), 0)`;
    case 'status':
      return sql`case when ${isKnownStatus(sql)} then replace(o.status::text, '_', '-') else 'in-progress' end`;
    default:
      throw new Error(`no rule for ${table}.${column}`);
  }
}

/**
 * What is replaced of the old row `o`, a row for each value: `n(column_name, original, reason)`, with a null reason
 * where nothing is. For a `from` clause. Statuses are apart: see `isKnownStatus`.
 */
export function replacements(old: Old, table: RowTable): Fragment {
  const { sql } = old;
  const texts = TEXTS[table].map(({ column, max, placeholder }) => {
    const value = sql`o.${sql(column)}::text`;
    const long = sql`when char_length(${value}) > ${max}::int then 'too long'`;
    const absent = sql`when ${value} is null then 'null' when ${value} = '' then 'empty'`;
    return sql`(${column}::text, ${value}, case ${placeholder === null ? sql`` : absent} ${long} end)`;
  });
  const other =
    table === 'badges'
      ? sql`('date_achieved', o.date_achieved::text, case
          when o.date_achieved is null then 'null'
          when not ${isSoundInstant(old)} then 'outside of the years 1 to 9999' end)`
      : sql`('streak_count', o.streak_count::text, case
          when o.streak_count is null then 'null' when o.streak_count < 0 then 'negative' end)`;
  const rows = [...texts, other].reduce((all, one) => sql`${all}, ${one}`);
  return sql`lateral (values ${rows}) n(column_name, original, reason)`;
}

/** Whether a status is one of today's, `_` standing for `-`. */
export function isKnownStatus(sql: Sql): Fragment {
  return sql`coalesce(replace(o.status::text, '_', '-') in ${sql(STATUSES)}, false)`;
}

function instant({ sql, shape }: Old): Fragment {
  return shape.hasZone ? sql`o.date_achieved` : sql`(o.date_achieved at time zone 'UTC')`;
}

/** False for null as well. */
function isSoundInstant(old: Old): Fragment {
  const { sql } = old;
  const value = instant(old);
  return sql`coalesce(${value} >= timestamptz '0001-01-01 00:00Z' and ${value} < timestamptz '10000-01-01 00:00Z', false)`;
}
