import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { runCommandLine } from '../../../src/cutover/cli/command-line.ts';
import { startCommand } from '../../support/command.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';
import { it as base } from '../../support/fixtures.ts';

/** The SQL that makes a database as the first version had it in this era, with a few rows. */
export function sample(era: 'a' | 'b' | 'c'): string {
  return readFileSync(fileURLToPath(new URL(`samples/era-${era}.sql`, import.meta.url)), 'utf8');
}

export const it = base
  /** A database of its own, in which nothing is but what this SQL makes. */
  .extend('databaseOf', async ({}, { onCleanup }) => {
    const made: TestDatabase[] = [];
    onCleanup(async () => {
      for (const database of made) await database.drop();
    });
    return async (...statements: string[]): Promise<TestDatabase> => {
      const database = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
      made.push(database);
      for (const statement of statements) await database.sql.unsafe(statement);
      return database;
    };
  });

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npm run legacy -- <line>` in this process; `answer` is what somebody at the terminal types. */
export async function legacy(database: { url: string }, line: string, answer?: string): Promise<Ended> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const console = {
    report: { write: (text: string) => void stdout.push(text), replaces: false },
    progress: { write: (text: string) => void stderr.push(text), replaces: false },
    ask: async () => answer,
  };
  const code = await runCommandLine(line.split(' '), console, () => database.url);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** The same, which must succeed; gives what it reported. */
export async function succeed(database: { url: string }, line: string): Promise<string> {
  const { code, stdout, stderr } = await legacy(database, line);
  if (code !== 0) throw new Error(`legacy ${line} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The same as a process of its own. */
export function startLegacy(database: { url: string }, line: string) {
  return startCommand(['src/cutover.ts', ...line.split(' ')], { DATABASE_URL: database.url });
}
