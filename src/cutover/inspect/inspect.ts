import type { AdminConnection, Sql } from '../../db/admin-connection.ts';
import { listDependents } from '../postgres/dependencies.ts';
import { getTableSizes, listOtherRelations } from '../postgres/relations.ts';
import { listOtherSessions, type SessionCount } from '../postgres/sessions.ts';
import { findMigration, type Step } from '../state/migration-state.ts';
import { canCheckOwners, type RowCount } from '../transform/classified-rows.ts';
import { detectLayout } from '../v1/detect-layout.ts';
import { type Era, OWNED_TABLES, type OwnedTable, USER_TABLES, type V1Database, type V1Layout } from '../v1/layout.ts';
import { countInvalidUsers, countOrphans, countReplacements, countRows, countUsers } from './count-rows.ts';
import { listWarnings, type TableLimits } from './warnings.ts';

/** Throughput for the time estimates, rounded down from the measurements in docs/CUTOVER.md. */
const ROWS_PER_SECOND = { migrate: 20_000, verify: 60_000 };

export type Inspection =
  | { state: 'empty' | 'current' }
  | { state: 'unknown'; problems: string[] }
  | { state: 'in progress' | 'migrated'; era: Era; step: Step; startedAt: string; finishedAt: string | null }
  | ({ state: 'v1' } & V1Inspection);

export interface V1Inspection {
  era: Era;
  /** Row count of each v1 table. */
  rows: Record<string, number>;
  /** Rows that `auth_users` will have. */
  users: number;
  /** Whether every owner of the table can be looked up. */
  ownersChecked: Record<OwnedTable, boolean>;
  orphans: RowCount[];
  /** Values that will be replaced. The originals are recorded. */
  replacements: RowCount[];
  /** Values that are copied in another form, or kept although the current API rejects them. */
  warnings: RowCount[];
  /** Size of each v1 table with its indexes. */
  bytes: Record<string, number>;
  /** Estimated duration. */
  seconds: { migrate: number; verify: number };
  extraColumns: string[];
  otherRelations: string[];
  dependents: string[];
  sessions: SessionCount[];
}

/**
 * Reads the state of a database in one read-only snapshot.
 * @param tableLimits the limits of the service that will use the database
 * @throws CutoverError when the schema `legacy` exists but belongs to another program
 */
export async function inspect(connection: AdminConnection, tableLimits: TableLimits): Promise<Inspection> {
  return connection.begin('isolation level repeatable read, read only', async (tx): Promise<Inspection> => {
    const migration = await findMigration(tx);
    if (migration) {
      const { step, startedAt, finishedAt, layout } = migration;
      return { state: step === 'done' ? 'migrated' : 'in progress', era: layout.era, step, startedAt, finishedAt };
    }
    const detected = await detectLayout(tx);
    if (detected.kind === 'unknown') return { state: 'unknown', problems: detected.problems };
    if (detected.kind !== 'v1') return { state: detected.kind };
    return { state: 'v1', ...(await inspectV1(tx, detected.layout, tableLimits)) };
  });
}

async function inspectV1(sql: Sql, layout: V1Layout, tableLimits: TableLimits): Promise<V1Inspection> {
  const v1: V1Database = { sql, schema: 'public', layout };
  const tables = [...layout.userTables, ...OWNED_TABLES];
  const rows: Record<string, number> = {};
  for (const table of tables) rows[table] = await countRows(v1, table);
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return {
    era: layout.era,
    rows,
    users: await countUsers(v1),
    ownersChecked: {
      badges: canCheckOwners(v1, 'badges'),
      learning_goals: canCheckOwners(v1, 'learning_goals'),
    },
    orphans: [...(await countInvalidUsers(v1)), ...(await countInBoth(v1, countOrphans))],
    replacements: await countInBoth(v1, countReplacements),
    warnings: await countInBoth(v1, (_, table) => listWarnings(v1, table, tableLimits[table])),
    bytes: await getTableSizes(sql, { schema: 'public', tables }),
    seconds: { migrate: Math.ceil(total / ROWS_PER_SECOND.migrate), verify: Math.ceil(total / ROWS_PER_SECOND.verify) },
    extraColumns: layout.extraColumns,
    otherRelations: await listOtherRelations(sql, [...OWNED_TABLES, ...USER_TABLES]),
    dependents: await listDependents(sql, { schema: 'public', tables }),
    sessions: await listOtherSessions(sql),
  };
}

/** Runs the counts one after the other, because a transaction has only one connection. */
async function countInBoth(
  v1: V1Database,
  count: (v1: V1Database, table: OwnedTable) => Promise<RowCount[]>,
): Promise<RowCount[]> {
  return [...(await count(v1, 'badges')), ...(await count(v1, 'learning_goals'))];
}
