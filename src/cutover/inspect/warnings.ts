import type { Fragment, Sql } from '../../db/maintenance.ts';
import type { Count } from '../copy/migration-summary.ts';
import { isKnownStatus, judgedRows, newValue } from '../transform/transformed-values.ts';
import type { Old, RowTable } from '../v1/layout.ts';

/** What is carried over in another form, or although today's API would not take it. */
export async function listRemarks(old: Old, table: RowTable): Promise<Count[]> {
  const rows = judgedRows(old, table);
  const remarks = table === 'badges' ? await remarkBadges(old, rows) : await remarkGoals(old, rows);
  return remarks.filter((remark) => remark.rows > 0);
}

/** The patterns follow lib/text.ts and badges/badge.ts; what JavaScript's URL would refuse beyond them is not seen here. */
async function remarkBadges(old: Old, rows: Fragment): Promise<Count[]> {
  const { sql, shape } = old;
  const icon = newValue(old, { table: 'badges', column: 'icon_url' });
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where o.date_achieved is not null)::int as instants,
      count(*) filter (where ${icon} ~ '[\\s\\\\\\u00a0\\u2028\\u2029\\ufeff]' or ${icon} ~ '^//'
        or not ${icon} ~* '^(/|https?://[^/?#])')::int as icons,
      count(*) filter (where o.name ~ '[\\u0001-\\u001f]' or o.description ~ '[\\u0001-\\u0008\\u000b-\\u001f]')::int as controls,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    await countAbove(sql, rows, { table: 'badges', limit: 1000, setting: 'MAX_BADGES_PER_USER' }),
    {
      what: 'badges.date_achieved',
      reason: 'has no time zone, read as UTC',
      rows: shape.hasZone ? 0 : (count?.instants ?? 0),
    },
    { what: 'badges.icon_url', reason: 'kept, though today it would be refused', rows: count?.icons ?? 0 },
    { what: 'badges', reason: 'control characters, kept', rows: count?.controls ?? 0 },
    { what: 'badges.id', reason: 'kept, though the API cannot name it', rows: count?.ids ?? 0 },
  ];
}

async function remarkGoals({ sql }: Old, rows: Fragment): Promise<Count[]> {
  const [count] = await sql<Record<string, number>[]>`
    select count(*) filter (where ${isKnownStatus(sql)} and o.status ~ '_')::int as statuses,
      count(*) filter (where o.title ~ '[\\u0001-\\u001f]' or o.description ~ '[\\u0001-\\u0008\\u000b-\\u001f]')::int as controls,
      count(*) filter (where o.id < 1)::int as ids
    from ${rows} where o.orphan_reason is null`;
  return [
    await countAbove(sql, rows, { table: 'learning_goals', limit: 500, setting: 'MAX_GOALS_PER_USER' }),
    { what: 'learning_goals.status', reason: '"_" becomes "-"', rows: count?.statuses ?? 0 },
    { what: 'learning_goals', reason: 'control characters, kept', rows: count?.controls ?? 0 },
    { what: 'learning_goals.id', reason: 'kept, though the API cannot name it', rows: count?.ids ?? 0 },
  ];
}

/** People who have more than the service's default limits. */
async function countAbove(
  sql: Sql,
  rows: Fragment,
  { table, limit, setting }: { table: RowTable; limit: number; setting: string },
): Promise<Count> {
  const [row] = await sql<{ people: number }[]>`
    select count(*)::int as people from (
      select from ${rows} where o.orphan_reason is null group by o.owner_key having count(*) > ${limit}::int) above`;
  const reason = `people with more than ${limit}, who can add none unless ${setting} is raised`;
  return { what: table, reason, rows: row?.people ?? 0 };
}
