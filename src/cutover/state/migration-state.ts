import type { Sql } from '../../db/admin-connection.ts';
import { CutoverError } from '../cutover-error.ts';
import { hasTable } from '../postgres/relations.ts';
import type { OwnedTable, V1Layout } from '../v1/layout.ts';
import type { MovedObject } from './moved-objects.ts';
import { parseLayout, serializeLayout } from './stored-layout.ts';

/** The steps of the copy in order, as `legacy.migration.step` stores them. 'people' copies the ids of users. */
export const STEPS = ['people', 'badges', 'learning_goals', 'analyze', 'done'] as const;
export type Step = (typeof STEPS)[number];

/** The row of `legacy.migration`. */
export interface Migration {
  layout: V1Layout;
  step: Step;
  movedObjects: MovedObject[];
  /** Whether the schema `drizzle` existed before the migration. */
  hadDrizzleSchema: boolean;
  /** The relations of `public` besides the v1 tables. */
  otherRelations: string[];
  /** The highest id that v1 may have assigned in each table. Rows created later have higher ids. */
  maxV1Ids: Record<OwnedTable, string>;
  /** Timestamps as PostgreSQL prints them. */
  startedAt: string;
  finishedAt: string | null;
}

/**
 * Returns null when no migration has started, or when it was finalized or rolled back.
 * @throws CutoverError when the schema `legacy` exists but belongs to another program
 */
export async function findMigration(sql: Sql): Promise<Migration | null> {
  const [schema] = await sql`select to_regnamespace('legacy') is not null as found`;
  if (!schema?.found) return null;
  if (!(await hasTable(sql, 'legacy.migration'))) {
    throw new CutoverError(
      'The schema legacy exists, but these commands did not create it. Rename it and run the command again.',
    );
  }
  const [row] = await sql`
    select shape, step, moved, had_drizzle, bystanders, badges_highest::text, learning_goals_highest::text,
      started_at::text, finished_at::text
    from legacy.migration`;
  if (row === undefined) {
    throw new CutoverError('The table legacy.migration has no row, expected one: it was modified manually.');
  }
  return {
    layout: parseLayout(row.shape),
    step: row.step,
    movedObjects: row.moved,
    hadDrizzleSchema: row.had_drizzle,
    otherRelations: row.bystanders,
    maxV1Ids: { badges: row.badges_highest, learning_goals: row.learning_goals_highest },
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

/**
 * Returns the migration of the database.
 * @throws CutoverError when there is none
 */
export async function requireMigration(sql: Sql): Promise<Migration> {
  const migration = await findMigration(sql);
  if (migration) return migration;
  throw new CutoverError(
    'The schema legacy does not exist: nothing has been migrated, or the migration has been finalized.',
  );
}

/**
 * Returns the migration of the database after its last step.
 * @throws CutoverError when there is none or rows remain to be copied
 */
export async function requireCompletedMigration(sql: Sql): Promise<Migration> {
  const migration = await requireMigration(sql);
  if (migration.step === 'done') return migration;
  throw new CutoverError(
    `The migration is not complete (step ${migration.step}). Run \`npm run legacy -- migrate\` first.`,
  );
}

export async function insertMigration(tx: Sql, migration: Omit<Migration, 'startedAt' | 'finishedAt'>): Promise<void> {
  const { layout, step, movedObjects, hadDrizzleSchema, otherRelations, maxV1Ids } = migration;
  await tx`
    insert into legacy.migration (era, shape, step, moved, had_drizzle, bystanders, badges_highest, learning_goals_highest)
    values (${layout.era}, ${JSON.stringify(serializeLayout(layout))}::text::json, ${step},
      ${JSON.stringify(movedObjects)}::text::json, ${hadDrizzleSchema}, ${JSON.stringify(otherRelations)}::text::json,
      ${maxV1Ids.badges}::bigint, ${maxV1Ids.learning_goals}::bigint)`;
}

export async function updateStep(tx: Sql, step: Step): Promise<void> {
  await tx`
    update legacy.migration
    set step = ${step}, finished_at = case when ${step}::text = 'done' then clock_timestamp() end`;
}
