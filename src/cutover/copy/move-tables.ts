import { isDeepStrictEqual } from 'node:util';
import type { Sql } from '../../db/admin-connection.ts';
import { applyMigrations } from '../../db/migrations.ts';
import { CutoverError } from '../cutover-error.ts';
import { listSequences } from '../postgres/dependencies.ts';
import { hasTable, listOtherRelations } from '../postgres/relations.ts';
import { withTablesLocked } from '../postgres/table-locks.ts';
import type { TransactionRunner } from '../postgres/transactions.ts';
import { createDeletionTriggers, createLegacySchema } from '../state/legacy-schema.ts';
import { insertMigration } from '../state/migration-state.ts';
import { type MovedObject, moveToLegacy } from '../state/moved-objects.ts';
import { detectLayout } from '../v1/detect-layout.ts';
import { findHighestId } from '../v1/highest-id.ts';
import { OWNED_TABLES, type OwnedTable, USER_TABLES, type V1Layout } from '../v1/layout.ts';

/** A failed `npm run db:migrate` on a v1 database may have left this table, without rows. */
const MIGRATIONS_TABLE = { kind: 'table', schema: 'drizzle', name: '__drizzle_migrations' } as const;

/**
 * Moves the v1 tables to the schema `legacy`, creates the current tables and advances their sequences past the v1 ids.
 * All of it is one transaction, so other sessions always see one set of tables. No row is copied.
 * @throws CutoverError when the tables cannot be locked
 */
export async function moveTables(runner: TransactionRunner, layout: V1Layout): Promise<void> {
  const tables = [...OWNED_TABLES, ...layout.userTables];
  const qualified = tables.map((name) => `public.${name}`);
  await withTablesLocked(runner, qualified, async (tx) => {
    await requireSameLayout(tx, layout);
    const [drizzle] = await tx<{ exists: boolean }[]>`select to_regnamespace('drizzle') is not null as exists`;
    const otherRelations = await listOtherRelations(tx, [...OWNED_TABLES, ...USER_TABLES]);
    const sequences = await listSequences(tx, { schema: 'public', tables });
    const maxV1Ids = {
      badges: await findHighestId(tx, 'badges'),
      learning_goals: await findHighestId(tx, 'learning_goals'),
    };
    await createLegacySchema(tx);
    await grantUsageToOwners(tx, qualified);
    const movedObjects = await moveObjects(tx, { tables, sequences });
    await applyMigrations(tx);
    for (const table of OWNED_TABLES) await startSequenceAfter(tx, { table, id: maxV1Ids[table] });
    await createDeletionTriggers(tx);
    const hadDrizzleSchema = drizzle?.exists === true;
    await insertMigration(tx, { layout, step: 'people', movedObjects, hadDrizzleSchema, otherRelations, maxV1Ids });
  });
}

/** Throws unless the tables have the layout. Another session may have altered them before they were locked. */
async function requireSameLayout(tx: Sql, layout: V1Layout): Promise<void> {
  const detected = await detectLayout(tx);
  if (detected.kind === 'v1' && isDeepStrictEqual(detected.layout, layout)) return;
  throw new CutoverError(
    'Another session altered the v1 tables. Check `npm run legacy -- inspect` and run the command again.',
  );
}

/**
 * Grants the owners of the tables access to `legacy`: PostgreSQL checks foreign keys as the owner of the referenced
 * table.
 */
async function grantUsageToOwners(tx: Sql, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const [owner] = await tx<{ role: string }[]>`
      select relowner::regrole::text as role from pg_catalog.pg_class where oid = ${table}::text::regclass`;
    await tx`grant usage on schema legacy to ${tx.unsafe(owner?.role ?? '')}`;
  }
}

async function moveObjects(
  tx: Sql,
  { tables, sequences }: { tables: readonly string[]; sequences: readonly string[] },
): Promise<MovedObject[]> {
  const moved: MovedObject[] = tables.map((name) => ({ kind: 'table', schema: 'public', name }));
  if (await hasTable(tx, 'drizzle.__drizzle_migrations')) moved.push(MIGRATIONS_TABLE);
  for (const object of moved) await moveToLegacy(tx, object);
  // Sequences that a column owns have moved with their table. The others are still in public.
  const remaining = await tx<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace('public') and relkind = 'S' and relname in ${tx(sequences)}`;
  for (const { name } of remaining) {
    const object: MovedObject = { kind: 'sequence', schema: 'public', name };
    await moveToLegacy(tx, object);
    moved.push(object);
  }
  return moved;
}

async function startSequenceAfter(tx: Sql, { table, id }: { table: OwnedTable; id: string }): Promise<void> {
  await tx`select setval(pg_get_serial_sequence(${`public.${table}`}, 'id'), ${id}::bigint + 1, false)`;
}
