import type { Sql } from '../../db/admin-connection.ts';
import { findEncodingProblem, listCreatedRelations } from '../../db/migrations.ts';
import { listInheritance } from '../postgres/dependencies.ts';
import {
  type Column,
  hasTable,
  listColumns,
  listConflictingRelations,
  listMismatchedRelations,
  listTablesKeyedById,
} from '../postgres/relations.ts';
import { listIdProblems } from './highest-id.ts';
import { OWNED_TABLES, USER_TABLES, type V1Layout } from './layout.ts';
import { LayoutReader } from './layout-reader.ts';

type DetectedLayout =
  | { kind: 'empty' | 'current' }
  | { kind: 'v1'; layout: V1Layout }
  /** `problems` lists the deviations from the known layouts. */
  | { kind: 'unknown'; problems: string[] };

/** Detects the layout of `public` from column names and types. Reads the system catalogs and the highest ids. */
export async function detectLayout(sql: Sql): Promise<DetectedLayout> {
  const columns = await listColumns(sql, [...OWNED_TABLES, ...USER_TABLES]);
  const present = new Set(columns.map(({ table }) => table));
  const absent = OWNED_TABLES.filter((table) => !present.has(table));
  if (absent.length > 0) {
    const mismatched = await listMismatchedRelations(sql, absent);
    if (absent.length === OWNED_TABLES.length && mismatched.length === 0) return { kind: 'empty' };
    return {
      kind: 'unknown',
      problems: [...absent.map((table) => `table public.${table} does not exist`), ...mismatched],
    };
  }
  if (isCurrent(columns)) return { kind: 'current' };

  const tables = [...present];
  const reader = new LayoutReader(columns, await listTablesKeyedById(sql, tables));
  const layout = reader.read();
  const problems = [...reader.problems, ...(await listConflicts(sql, tables))];
  if (problems.length === 0) problems.push(...(await listIdProblems(sql)));
  return problems.length > 0 ? { kind: 'unknown', problems } : { kind: 'v1', layout };
}

function isCurrent(columns: readonly Column[]): boolean {
  const typeOf = (table: string, name: string) =>
    columns.find((column) => column.table === table && column.name === name)?.type;
  return (
    typeOf('auth_users', 'id') === 'text' &&
    typeOf('badges', 'auth_user_id') === 'text' &&
    typeOf('badges', 'source') === 'text' &&
    typeOf('learning_goals', 'auth_user_id') === 'text' &&
    typeOf('learning_goals', 'version') === 'integer'
  );
}

/** Lists properties of the database besides the columns of the v1 tables that would break the migration. */
async function listConflicts(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const conflicts = (await listInheritance(sql, tables)).map(
    ({ child, parent }) => `table ${child} inherits from ${parent}, so queries on ${parent} would return its rows`,
  );
  for (const name of await listConflictingRelations(sql, { names: listCreatedRelations(), tables })) {
    conflicts.push(`relation public.${name} already exists, but the migration creates one with this name: rename it`);
  }
  const encodingProblem = await findEncodingProblem(sql);
  if (encodingProblem !== undefined) conflicts.push(encodingProblem);
  if (await hasAppliedMigrations(sql)) {
    conflicts.push('drizzle.__drizzle_migrations already lists applied migrations, expected none');
  }
  return conflicts;
}

async function hasAppliedMigrations(sql: Sql): Promise<boolean> {
  if (!(await hasTable(sql, 'drizzle.__drizzle_migrations'))) return false;
  return (await sql`select from drizzle.__drizzle_migrations limit 1`).length > 0;
}
