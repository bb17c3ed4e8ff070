import { isDeepStrictEqual } from 'node:util';
import type { Sql } from '../../db/maintenance.ts';
import { applyMigrations } from '../../db/migrate.ts';
import { Refusal } from '../cutover-error.ts';
import { hasTable, listOtherRelations, listSequences } from '../postgres/catalog.ts';
import { type Work, withTablesLocked } from '../postgres/table-locks.ts';
import { createBookkeeping, insertMigration, type Moved, watchDeletions } from '../state/migration-state.ts';
import { recognise } from '../v1/detect-layout.ts';
import { oldTable, PEOPLE_TABLES, ROW_TABLES, type RowTable, type Shape } from '../v1/layout.ts';

const LAST_ID = 2n ** 63n - 1n;
/** An earlier `npm run db:migrate` that was refused may have left it, empty. */
const JOURNAL = { kind: 'table', schema: 'drizzle', name: '__drizzle_migrations' } as const;

/**
 * Moves the old tables aside, makes today's, and has new rows numbered past the old ones: in one transaction, so that
 * there never is a moment with neither. Nothing is copied, and nothing dropped.
 * @throws Refusal when somebody keeps the tables locked
 */
export async function moveAside(work: Work, shape: Shape): Promise<void> {
  const tables = [...ROW_TABLES, ...shape.people];
  const qualified = tables.map((name) => `public.${name}`);
  await withTablesLocked(work, qualified, async (tx) => {
    await requireSameShape(tx, shape);
    const [drizzle] = await tx<{ had: boolean }[]>`select to_regnamespace('drizzle') is not null as had`;
    const bystanders = await listOtherRelations(tx, [...ROW_TABLES, ...PEOPLE_TABLES]);
    const sequences = await listSequences(tx, { schema: 'public', tables });
    await createBookkeeping(tx);
    await admitOwners(tx, qualified);
    const moved = await moveAll(tx, { tables, sequences });
    const highest = {
      badges: await highestId(tx, { table: 'badges', sequences }),
      learning_goals: await highestId(tx, { table: 'learning_goals', sequences }),
    };
    await applyMigrations(tx);
    for (const table of ROW_TABLES) await startSequenceAfter(tx, { table, id: highest[table] });
    await watchDeletions(tx);
    await insertMigration(tx, { shape, step: 'people', moved, hadDrizzle: drizzle?.had === true, bystanders, highest });
  });
}

/** Before the tables were locked, somebody else could still have altered them. */
async function requireSameShape(tx: Sql, shape: Shape): Promise<void> {
  const found = await recognise(tx);
  if (found.kind === 'old' && isDeepStrictEqual(found.shape, shape)) return;
  throw new Refusal('Somebody has altered the old tables meanwhile: see `npm run legacy -- inspect`, and try again.');
}

/** PostgreSQL checks the foreign keys of other tables as the owner of the old ones, who has to get at them in `legacy`. */
async function admitOwners(tx: Sql, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const [owner] = await tx<{ role: string }[]>`
      select relowner::regrole::text as role from pg_catalog.pg_class where oid = ${table}::text::regclass`;
    await tx`grant usage on schema legacy to ${tx.unsafe(owner?.role ?? '')}`;
  }
}

interface Sequence {
  table: string;
  name: string;
}

async function moveAll(
  tx: Sql,
  { tables, sequences }: { tables: readonly string[]; sequences: readonly Sequence[] },
): Promise<Moved[]> {
  const moved: Moved[] = tables.map((name) => ({ kind: 'table', schema: 'public', name }));
  if (await hasTable(tx, 'drizzle.__drizzle_migrations')) moved.push(JOURNAL);
  for (const each of moved) await setSchema(tx, each, 'legacy');
  // A table takes along the sequences that it owns, and not those that were made by hand.
  const left = await tx<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class where relnamespace = to_regnamespace('public') and relkind = 'S'`;
  const names = new Set(sequences.map((sequence) => sequence.name));
  for (const { name } of left.filter((sequence) => names.has(sequence.name))) {
    const each: Moved = { kind: 'sequence', schema: 'public', name };
    await setSchema(tx, each, 'legacy');
    moved.push(each);
  }
  return moved;
}

/** Moves an object of `legacy` back, or one of another schema there. */
export async function setSchema(tx: Sql, { kind, schema, name }: Moved, to: 'legacy' | 'origin'): Promise<void> {
  const [from, into] = to === 'legacy' ? [schema, 'legacy'] : ['legacy', schema];
  await tx`alter ${tx.unsafe(kind)} ${tx(from)}.${tx(name)} set schema ${tx(into)}`;
}

/** The highest id that a row has, or that a client may have seen of a row that is gone. */
async function highestId(
  tx: Sql,
  { table, sequences }: { table: RowTable; sequences: readonly Sequence[] },
): Promise<string> {
  const [row] = await tx<{ id: string }[]>`
    select coalesce(max(id), 0)::text as id from ${oldTable({ sql: tx, schema: 'legacy' }, table)}`;
  let highest = BigInt(row?.id ?? 0);
  for (const { name } of sequences.filter((sequence) => sequence.table === table)) {
    const [state] = await tx<{ last: string; called: boolean }[]>`
      select last_value::text as last, is_called as called from ${tx('legacy')}.${tx(name)}`;
    const last = state?.called ? BigInt(state.last) : 0n;
    if (last > highest) highest = last;
  }
  return String(highest > 0n ? highest : 0n);
}

async function startSequenceAfter(tx: Sql, { table, id }: { table: RowTable; id: string }): Promise<void> {
  if (BigInt(id) >= LAST_ID)
    throw new Refusal(`An id of ${table} is the last that there is (${id}): no new row could follow.`);
  await tx`select setval(pg_get_serial_sequence(${`public.${table}`}, 'id'), ${id}::bigint + 1, false)`;
}
