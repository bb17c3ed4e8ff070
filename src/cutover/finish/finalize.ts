import type { Session } from '../../db/maintenance.ts';
import { Refusal } from '../cutover-error.ts';
import { listDependents } from '../postgres/catalog.ts';
import { lastingWork, rolledBack, type Work, withTablesLocked } from '../postgres/table-locks.ts';
import { type Migration, oldTables, requireMigration } from '../state/migration-state.ts';
import { type Findings, isSound, type VerifyOptions, verifyMigration } from '../verify/verify-migration.ts';
import { dropBookkeeping } from './rollback.ts';

export interface FinalizeOptions extends VerifyOptions {
  dryRun: boolean;
  /** Asks the operator, who sees what has been found; false ends it there. */
  confirm(migration: Migration): Promise<boolean>;
}

/**
 * Drops the old tables and the notes, once everything is proved to be in its place. The service may run: nothing that
 * it uses is touched but the triggers that noted deletions.
 * @throws Refusal when something is not in its place, or something outside stands on the old tables
 */
export async function finalize(session: Session, options: FinalizeOptions): Promise<Findings> {
  const work = lastingWork(session);
  const migration = await requireMigration(session);
  if (migration.step !== 'done') {
    throw new Refusal(
      `The migration is not finished (it is at the step ${migration.step}): run \`npm run legacy -- migrate\`.`,
    );
  }
  const tables = migration.moved.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const dependents = await listDependents(session, { schema: 'legacy', tables });
  if (dependents.length > 0) {
    throw new Refusal(`These still use the old tables: ${dependents.join(', ')}. Drop or change them first.`);
  }
  const findings = await verifyMigration(session, migration, options);
  if (!isSound(findings, { strict: false })) return findings;
  if (!options.dryRun && !(await options.confirm(migration))) throw new Refusal('Not confirmed: nothing was dropped.');
  if (options.dryRun) await rolledBack(session, (undone) => dropOld(undone, migration));
  else await dropOld(work, migration);
  return findings;
}

async function dropOld(work: Work, { moved }: Migration): Promise<void> {
  const live = ['public.badges', 'public.learning_goals'];
  await withTablesLocked(work, [...oldTables(moved), ...live], async (tx) => {
    for (const table of live) await tx`drop trigger if exists legacy_note_deletion on ${tx(table)}`;
    for (const { kind, name } of ordered(moved)) await tx`drop ${tx.unsafe(kind)} legacy.${tx(name)}`;
    await dropBookkeeping(tx);
  });
}

/** Those that point at others first. */
function ordered(moved: Migration['moved']): Migration['moved'] {
  const rank = ({ kind, name }: Migration['moved'][number]) =>
    kind === 'sequence' ? 2 : name === 'badges' || name === 'learning_goals' ? 0 : 1;
  return moved.toSorted((one, other) => rank(one) - rank(other));
}
