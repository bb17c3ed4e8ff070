import type { Fragment, Sql } from '../db/maintenance.ts';
import { type Old, oldTable, type RowTable } from './shape.ts';

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
/** What an auth-service's id is: see lib/user-id.ts. */
const PERSON_ID = '^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$';

/** Whether `column`, as text, can be a person's id. */
export function isPersonId(sql: Sql, column: Fragment): Fragment {
  return sql`${column}::text ~ ${PERSON_ID}`;
}

/**
 * The old rows as `o`, with their owner in `k.key` and, in `r.reason`, why a row has no place among the new ones; null
 * where it has. For a `from` clause.
 */
export function judgedRows(old: Old, table: RowTable): Fragment {
  const { sql, shape } = old;
  const owners = shape.owners[table].map((column) => sql`o.${sql(column)}`);
  const key = owners.length > 1 ? sql`coalesce(${owners[0] ?? sql``}, ${owners[1] ?? sql``})` : (owners[0] ?? sql``);
  return sql`
    ${oldTable(old, table)} o
    cross join lateral (select ${key} as key) k
    cross join lateral (
      select case
        when k.key is null then 'no owner'
        when not ${exists(old, table)} then 'unknown owner'
        when not ${isPersonId(sql, sql`k.key`)} then 'owner id not allowed'
      end as reason) r`;
}

/** Whether the rows' owners can be looked up, all of them; where they cannot, they are taken to exist. */
export function canCheckOwners({ shape }: Pick<Old, 'shape'>, table: RowTable): boolean {
  return shape.people.includes('users') || (shape.people.length > 0 && shape.owners[table].length === 1);
}

function exists(old: Old, table: RowTable): Fragment {
  const { sql, shape } = old;
  if (shape.people.length === 0) return sql`true`;
  const found = shape.people
    .map((people) => sql`exists (select from ${oldTable(old, people)} p where p.id = k.key)`)
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
