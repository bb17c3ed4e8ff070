import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import { classifiedRows, type RowCount } from '../transform/classified-rows.ts';
import { isKnownStatus } from '../transform/transformed-values.ts';
import type { OwnedTable, V1Database } from '../v1/layout.ts';
import { countRejectedTexts } from './rejected-texts.ts';

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
  return [usersOverLimit, ...values, ...(await countRejectedTexts(v1, table))].filter((warning) => warning.rows > 0);
}

async function listBadgeWarnings({ sql, layout }: V1Database, rows: SqlFragment): Promise<RowCount[]> {
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where o.date_achieved is not null)::int as timestamps,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    {
      subject: 'badges.date_achieved',
      reason: 'no time zone; read as UTC',
      rows: layout.hasTimeZone ? 0 : (count?.timestamps ?? 0),
    },
    { subject: 'badges.id', reason: 'kept, but the API accepts only ids from 1', rows: count?.ids ?? 0 },
  ];
}

async function listGoalWarnings({ sql }: V1Database, rows: SqlFragment): Promise<RowCount[]> {
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where ${isKnownStatus(sql)} and o.status ~ '_')::int as statuses,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    { subject: 'learning_goals.status', reason: '"_" becomes "-"', rows: count?.statuses ?? 0 },
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
