import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import { classifiedRows, type RowCount } from '../transform/classified-rows.ts';
import { isKnownStatus, transformedValue } from '../transform/transformed-values.ts';
import type { OwnedTable, V1Database } from '../v1/layout.ts';

/** The maximum number of rows of a user in each table. */
export type TableLimits = Record<OwnedTable, number>;

/** The settings of the limits. */
const LIMIT_SETTINGS: Record<OwnedTable, string> = {
  badges: 'MAX_BADGES_PER_USER',
  learning_goals: 'MAX_GOALS_PER_USER',
};

/** Counts values that are copied in another form, and values that are kept although the current API rejects them. */
export async function listWarnings(v1: V1Database, table: OwnedTable, rowLimit: number): Promise<RowCount[]> {
  const rows = classifiedRows(v1, table);
  const usersOverLimit = await countUsersOverLimit(v1.sql, rows, { table, limit: rowLimit });
  const values = table === 'badges' ? await listBadgeWarnings(v1, rows) : await listGoalWarnings(v1, rows);
  return [usersOverLimit, ...values].filter((warning) => warning.rows > 0);
}

/**
 * Counts the badges whose values need attention. The patterns follow the text and icon URL rules of the API, except for
 * the checks of JavaScript's URL parser.
 */
async function listBadgeWarnings(v1: V1Database, rows: SqlFragment): Promise<RowCount[]> {
  const { sql, layout } = v1;
  const icon = transformedValue(v1, { table: 'badges', column: 'icon_url' });
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where o.date_achieved is not null)::int as timestamps,
      count(*) filter (where ${icon} ~ '[\\s\\\\\\u00a0\\u2028\\u2029\\ufeff]' or ${icon} ~ '^//'
        or not ${icon} ~* '^(/|https?://[^/?#])')::int as icons,
      count(*) filter (where o.name ~ '[\\u0001-\\u001f]' or o.description ~ '[\\u0001-\\u0008\\u000b-\\u001f]')::int as controls,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    {
      subject: 'badges.date_achieved',
      reason: 'no time zone; read as UTC',
      rows: layout.hasTimeZone ? 0 : (count?.timestamps ?? 0),
    },
    { subject: 'badges.icon_url', reason: 'kept, but the current API rejects such values', rows: count?.icons ?? 0 },
    { subject: 'badges', reason: 'kept with control characters', rows: count?.controls ?? 0 },
    { subject: 'badges.id', reason: 'kept, but the API accepts only ids from 1', rows: count?.ids ?? 0 },
  ];
}

async function listGoalWarnings({ sql }: V1Database, rows: SqlFragment): Promise<RowCount[]> {
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where ${isKnownStatus(sql)} and o.status ~ '_')::int as statuses,
      count(*) filter (where o.title ~ '[\\u0001-\\u001f]' or o.description ~ '[\\u0001-\\u0008\\u000b-\\u001f]')::int as controls,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    { subject: 'learning_goals.status', reason: '"_" becomes "-"', rows: count?.statuses ?? 0 },
    { subject: 'learning_goals', reason: 'kept with control characters', rows: count?.controls ?? 0 },
    { subject: 'learning_goals.id', reason: 'kept, but the API accepts only ids from 1', rows: count?.ids ?? 0 },
  ];
}

/** Counts users with more rows than the service's limit. */
async function countUsersOverLimit(
  sql: Sql,
  rows: SqlFragment,
  { table, limit }: { table: OwnedTable; limit: number },
): Promise<RowCount> {
  const [row] = await sql<{ users: number }[]>`
    select count(*)::int as users from (
      select from ${rows} where o.orphan_reason is null group by o.owner_key having count(*) > ${limit}::int) over_limit`;
  const reason = `users with more than ${limit} rows, who cannot create more unless ${LIMIT_SETTINGS[table]} is raised`;
  return { subject: table, reason, rows: row?.users ?? 0 };
}
