import type { Session, Sql } from '../../db/maintenance.ts';
import { tableNames } from '../../db/migrate.ts';
import { setSchema } from '../copy/move-tables.ts';
import { Refusal } from '../cutover-error.ts';
import { lastingWork, requireNoService, rolledBack, type Work, withTablesLocked } from '../postgres/table-locks.ts';
import { type Migration, oldTables, requireMigration } from '../state/migration-state.ts';
import {
  countChangedSince,
  type Findings,
  isSound,
  type VerifyOptions,
  verifyMigration,
} from '../verify/verify-migration.ts';

export interface RollbackOptions extends VerifyOptions {
  dryRun: boolean;
  /** Gives up what was written since, and does not even look for it. */
  discardNew: boolean;
}

/**
 * Puts the old tables back as they were and drops what the migration has made, from whatever step it had come to.
 * @throws Refusal when something was written since, unless it is to be discarded
 */
export async function rollback(session: Session, options: RollbackOptions): Promise<Migration> {
  const migration = await requireMigration(session);
  await requireNoService(session);
  const run = async (work: Work) => {
    const before = options.discardNew ? null : await traceOfWrites(work.sql, migration);
    if (!options.discardNew) requireNothingNew(await verifyMigration(work.sql, migration, options));
    const tables = [...oldTables(migration.moved), ...tableNames.map((name) => `public.${name}`)];
    await withTablesLocked(work, tables, async (tx) => {
      if (before !== null && (await traceOfWrites(tx, migration)) !== before) {
        throw new Refusal('Somebody has written while this was looking for new rows: stop the service, and try again.');
      }
      await putBack(tx, migration);
    });
  };
  if (options.dryRun) await rolledBack(session, run);
  else await run(lastingWork(session));
  return migration;
}

function requireNothingNew(findings: Findings): void {
  if (isSound(findings, { strict: true })) return;
  const written = findings.tables.flatMap((table) => {
    const changed = countChangedSince(table);
    return [
      ...(table.newRows > 0 ? [`${table.newRows} new in ${table.table}`] : []),
      ...(changed > 0 ? [`${changed} changed or deleted in ${table.table}`] : []),
    ];
  });
  if (findings.newPeople > 0) written.push(`${findings.newPeople} new in auth_users`);
  if (!isSound(findings, { strict: false }))
    written.push('rows that differ otherwise (see `npm run legacy -- verify`)');
  throw new Refusal(
    `Rows were written since the migration: ${written.join(', ')}. The old tables know nothing of them; ` +
      '--discard-new puts the old tables back nevertheless, and drops what was written.',
  );
}

/** Changes whenever the service writes; far cheaper than looking at every row. */
async function traceOfWrites(sql: Sql, { highest }: Migration): Promise<string> {
  const [row] = await sql<{ trace: string }[]>`
    select concat_ws(' ',
      (select count(*) from public.badges where id > ${highest.badges}::bigint),
      (select count(*) from public.learning_goals where id > ${highest.learning_goals}::bigint),
      (select sum(version) from public.learning_goals),
      (select count(*) from legacy.deletions),
      (select count(*) from public.auth_users)) as trace`;
  return row?.trace ?? '';
}

async function putBack(tx: Sql, { moved, hadDrizzle }: Migration): Promise<void> {
  for (const name of tableNames) await tx`drop table public.${tx(name)}`;
  await tx`drop table drizzle.__drizzle_migrations`;
  if (!hadDrizzle) await tx`drop schema drizzle`;
  for (const each of moved) await setSchema(tx, each, 'origin');
  await dropBookkeeping(tx);
}

/** Whatever else is in `legacy` makes it fail: only what is known to be ours, and empty of others' things, is dropped. */
export async function dropBookkeeping(tx: Sql): Promise<void> {
  await tx`
    drop table legacy.migration, legacy.progress, legacy.status_notes, legacy.value_notes, legacy.orphans,
      legacy.deletions`;
  await tx`drop function legacy.note_deletion()`;
  await tx`drop schema legacy`;
}
