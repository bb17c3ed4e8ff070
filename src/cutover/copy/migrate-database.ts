import type { Session, Sql } from '../../db/maintenance.ts';
import { Refusal } from '../cutover-error.ts';
import { lastingWork, requireNoService, rolledBack, type Work } from '../postgres/table-locks.ts';
import {
  findMigration,
  type Migration,
  requireMigration,
  STEPS,
  type Step,
  updateStep,
} from '../state/migration-state.ts';
import { recognise } from '../v1/detect-layout.ts';
import type { Shape } from '../v1/layout.ts';
import { type Findings, verifyMigration } from '../verify/verify-migration.ts';
import { type CopyOptions, copyPeople, copyRows } from './copy-rows.ts';
import { type Outcome, readOutcome } from './migration-summary.ts';
import { moveAside } from './move-tables.ts';

export interface MigrateOptions extends Pick<CopyOptions, 'batchSize' | 'onProgress'> {
  dryRun: boolean;
  onStep(step: Step | 'move aside' | 'go on'): void;
}

export type Migrated =
  | { kind: 'nothing to do'; because: 'current' | 'migrated already' }
  | { kind: 'migrated'; outcome: Outcome }
  | { kind: 'dry run'; outcome: Outcome; findings: Findings };

const STEP_WORK: Record<Exclude<Step, 'done'>, (work: Work, options: CopyOptions) => Promise<void>> = {
  people: copyPeople,
  badges: (work, options) => copyRows(work, 'badges', options),
  learning_goals: (work, options) => copyRows(work, 'learning_goals', options),
  analyze: (work) =>
    work.atomically(async (tx) => void (await tx`analyze public.auth_users, public.badges, public.learning_goals`)),
};

/**
 * Takes a database of the first version to today's schema, from the beginning or from where an earlier run ended.
 * @throws Refusal when it is none, or somebody uses it
 */
export async function migrateLegacy(session: Session, options: MigrateOptions): Promise<Migrated> {
  const begun = await findMigration(session);
  if (begun?.step === 'done') return { kind: 'nothing to do', because: 'migrated already' };
  const shape = begun?.shape ?? (await requireOldShape(session));
  if (shape === null) return { kind: 'nothing to do', because: 'current' };
  await requireNoService(session);
  const run = async (work: Work): Promise<Outcome> => {
    options.onStep(begun === null ? 'move aside' : 'go on');
    if (begun === null) await moveAside(work, shape);
    await carryOver(work, await requireMigration(work.sql), options);
    return readOutcome(work.sql);
  };
  if (options.dryRun) {
    return rolledBack(session, async (work) => {
      const outcome = await run(work);
      return { kind: 'dry run', outcome, findings: await verifyMigration(work.sql, outcome.migration, options) };
    });
  }
  return { kind: 'migrated', outcome: await run(lastingWork(session)) };
}

/**
 * Null when the database is at the present schema.
 * @throws Refusal when there is nothing that could be migrated
 */
async function requireOldShape(sql: Sql): Promise<Shape | null> {
  const found = await recognise(sql);
  switch (found.kind) {
    case 'old':
      return found.shape;
    case 'current':
      return null;
    case 'empty':
      throw new Refusal('There are no tables of the first version here; for a new database, run `npm run db:migrate`.');
    case 'unknown':
      throw new Refusal(`This is no shape of the first version's database: ${found.problems.join('; ')}.`);
  }
}

async function carryOver(work: Work, migration: Migration, options: MigrateOptions): Promise<void> {
  const next = (step: Step) => STEPS[STEPS.indexOf(step) + 1] ?? 'done';
  for (let { step } = migration; step !== 'done'; step = next(step)) {
    options.onStep(step);
    await STEP_WORK[step](work, { ...options, migration });
    await work.atomically((tx) => updateStep(tx, next(step)));
  }
}
