import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from './database.ts';

interface JournalEntry {
  idx: number;
  version: string;
  when: number;
  tag: string;
  breakpoints: boolean;
}

interface AddedMigration {
  tag: string;
  statements: readonly string[];
}

type OnTestFinished = (end: () => Promise<void>) => void;

const NEWER_THAN_ALL = 4_000_000_000_000;

/** Counts the applied migrations of `added`. */
export const countAdded = `select count(*)::int as count from drizzle.__drizzle_migrations where created_at >= ${NEWER_THAN_ALL}`;

/**
 * Returns a copy of `drizzle/` until the end of the test.
 * @param count the number of the first migrations that the copy has; all by default
 * @param added migrations behind them
 */
export async function migrationsFolder(
  onTestFinished: OnTestFinished,
  { count, added = [] }: { count?: number; added?: readonly AddedMigration[] } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('drizzle', folder, { recursive: true });
  const path = join(folder, 'meta/_journal.json');
  const journal: { entries: JournalEntry[] } = JSON.parse(await readFile(path, 'utf8'));
  journal.entries = journal.entries.slice(0, count);
  for (const [index, { tag, statements }] of added.entries()) {
    await writeFile(join(folder, `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'));
    journal.entries.push({ idx: 90 + index, version: '7', when: NEWER_THAN_ALL + index, tag, breakpoints: true });
  }
  await writeFile(path, JSON.stringify(journal));
  return folder;
}

/** Returns the number of migrations in `drizzle/`. */
export async function countMigrations(): Promise<number> {
  const journal: { entries: JournalEntry[] } = JSON.parse(await readFile('drizzle/meta/_journal.json', 'utf8'));
  return journal.entries.length;
}

/** Returns a database without a migration, until the end of the test. */
export async function emptyDatabase(onTestFinished: OnTestFinished): Promise<TestDatabase> {
  const empty = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  onTestFinished(() => empty.drop());
  return empty;
}
