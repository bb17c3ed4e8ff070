import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { runCommandLine } from '../../../src/cutover/cli/command-line.ts';
import type { Env } from '../../support/app.ts';
import { startCommand } from '../../support/command.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { it as base } from '../../support/fixtures.ts';
import { dump } from './dump.ts';

/** Returns the SQL that creates a v1 database of an era with a few rows. */
export function sample(era: 'a' | 'b' | 'c'): string {
  return readFileSync(fileURLToPath(new URL(`samples/era-${era}.sql`, import.meta.url)), 'utf8');
}

export const it = base
  /** Creates a database that contains only what the given SQL creates. */
  .extend('createDatabase', async ({}, { onCleanup }) => {
    const databases: TestDatabase[] = [];
    onCleanup(async () => {
      for (const database of databases) await database.drop();
    });
    return async (...statements: string[]): Promise<TestDatabase> => {
      const database = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
      databases.push(database);
      for (const statement of statements) await database.sql.unsafe(statement);
      return database;
    };
  })
  /** `template` is the name of a database of era A that was migrated, and `v1` its dump before the migration. */
  .extend('migratedOnce', { scope: 'file' }, async ({}, { onCleanup }) => {
    const database = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
    onCleanup(() => database.drop());
    await database.sql.unsafe(sample('a'));
    const v1 = await dump(database.sql);
    await runSuccessfully(database, 'migrate');
    // A template has no connections.
    await database.sql.end();
    return { template: new URL(database.url).pathname.slice(1), v1 };
  })
  /** Creates a database of era A that was migrated. */
  .extend('createMigrated', async ({ migratedOnce }, { onCleanup }) => {
    const databases: TestDatabase[] = [];
    onCleanup(async () => {
      for (const database of databases) await database.drop();
    });
    return async (): Promise<TestDatabase> => {
      const database = await createTestDatabase(inject('databaseServerUrl'), migratedOnce.template);
      databases.push(database);
      return database;
    };
  });

interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `npm run legacy -- <line>` in this process. `answer` is the operator's answer to a prompt, or returns it. */
export async function runCutover(
  database: { url: string },
  line: string,
  answer?: string | (() => Promise<string>),
): Promise<CommandResult> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const terminal = {
    report: (text: string) => void stdout.push(text),
    progress: { write: (text: string) => void stderr.push(text), isTerminal: false },
    prompt: async () => (typeof answer === 'function' ? answer() : answer),
  };
  const code = await runCommandLine(line.split(' '), terminal, () => ({
    databaseUrl: database.url,
    tableLimits: { badges: 1000, learning_goals: 500 },
  }));
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Runs a command like `runCutover` and returns its report. Throws unless the exit code is 0. */
export async function runSuccessfully(database: { url: string }, line: string): Promise<string> {
  const { code, stdout, stderr } = await runCutover(database, line);
  if (code !== 0) throw new Error(`legacy ${line} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Starts `npm run legacy -- <line>` as a child process. */
export function spawnCutover(database: { url: string }, line: string, env: Env = {}) {
  return startCommand(['src/cutover.ts', ...line.split(' ')], { DATABASE_URL: database.url, ...env });
}

/** Takes the next id from the sequence of each current table. */
export async function nextIds({ sql }: TestDatabase) {
  const [row] = await sql`
    select nextval('badges_id_seq')::int as badge, nextval('learning_goals_id_seq')::int as goal`;
  return row;
}
