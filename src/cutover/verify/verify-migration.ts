import type { Sql } from '../../db/admin-connection.ts';
import { countedUsers } from '../../db/counted-users.ts';
import { listMigratedTables } from '../../db/migrations.ts';
import type { Migration } from '../state/migration-state.ts';
import { type BatchOptions, inRange } from '../v1/batches.ts';
import { OWNED_TABLES, type UserTable, type V1Database, v1Table } from '../v1/layout.ts';
import { idRanges, type VerificationContext } from './id-ranges.ts';
import { countTracked } from './tracked-data.ts';
import type { OwnedTableVerification, UserTableVerification, Verification } from './verification.ts';
import { MAX_DIFFERENCES, verifyOwnedTable } from './verify-owned-table.ts';

/**
 * Compares every v1 row with the current tables, one range of ids per statement. The counts by owner and the comparison
 * of counters read whole tables in one statement each. Takes no locks besides those of reads.
 */
export async function verifyMigration(sql: Sql, migration: Migration, options: BatchOptions): Promise<Verification> {
  const context: VerificationContext = { sql, migration, options };
  const userTables: UserTableVerification[] = [];
  const tables: OwnedTableVerification[] = [];
  // During the first step some users are not copied yet.
  const areUsersCopied = migration.step !== 'people';
  for (const table of areUsersCopied ? migration.layout.userTables : []) {
    userTables.push(await verifyUserTable(context, table));
  }
  for (const table of OWNED_TABLES) tables.push(await verifyOwnedTable(context, table));
  const [added] = await sql<{ users: number }[]>`
    select count(*)::int as users from public.auth_users
    where first_seen_at > ${migration.startedAt}::text::timestamptz`;
  return {
    tables,
    userTables,
    newUsers: added?.users ?? 0,
    tracked: await countTracked(sql, await listMigratedTables(sql)),
    counters: await countWrongCounters(sql),
  };
}

/**
 * Compares the counters that are known. One statement, so that concurrent writes of the service do not matter. A
 * database that an earlier version migrated may have no counters yet.
 */
async function countWrongCounters(sql: Sql): Promise<Record<string, number>> {
  const columns = await sql`
    select from pg_catalog.pg_attribute
    where attrelid = 'public.auth_users'::regclass and attname in ('badge_count', 'goal_count')`;
  if (columns.length < 2) return {};
  const [row] = await sql<{ badges: number; goals: number }[]>`
    select count(*) filter (where badge_count <> badges)::int as badges,
      count(*) filter (where goal_count <> goals)::int as goals
    from (${countedUsers(sql)}) as counted`;
  return { badge_count: row?.badges ?? 0, goal_count: row?.goals ?? 0 };
}

async function verifyUserTable(context: VerificationContext, table: UserTable): Promise<UserTableVerification> {
  const { sql, migration } = context;
  const v1: V1Database = { sql, schema: 'legacy', layout: migration.layout };
  const result: UserTableVerification = { table, missing: 0, missingIds: [] };
  const isCopied = sql`exists (select from public.auth_users a where a.id = u.id::text)`;
  const isOrphan = sql`(select count(*) from legacy.orphans x where x.table_name = ${table} and x.row_id = u.id) = 1`;
  const isPresent =
    migration.layout.userIdType === 'uuid'
      ? isCopied
      : sql`case when u.id < 0 then ${isOrphan} and not ${isCopied} else ${isCopied} end`;
  for await (const range of idRanges(context, table)) {
    const missing = await sql<{ id: string }[]>`
      select u.id::text as id from ${v1Table(v1, table)} u
      where ${inRange(sql, sql`u.id`, range)} and not ${isPresent} order by u.id`;
    result.missing += missing.length;
    result.missingIds.push(...missing.slice(0, MAX_DIFFERENCES - result.missingIds.length).map(({ id }) => id));
  }
  return result;
}
