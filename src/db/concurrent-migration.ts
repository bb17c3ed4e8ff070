import { type AdminConnection, READ_COMMITTED, type Sql } from './admin-connection.ts';
import { sqlState } from './errors.ts';
import { LOCK_TIMEOUT_MS, LockRetries, retryLockTimeouts } from './lock-retries.ts';
import { type ProgressOptions, RowProgress, withIndexProgress } from './migration-progress.ts';

/** The first line of a migration that runs outside a transaction. */
const MARK = /^\s*--\s*concurrently\s*$/im;
/** The line of a statement that is repeated until it changes no row. */
const REPEAT_MARK = /^\s*--\s*repeat\s*$/im;
const CREATE_INDEX = /\bcreate\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?("?)(\w+)\1/i;
const CONCURRENTLY = /\bconcurrently\b/gi;
/** "tuple concurrently updated", which PostgreSQL reports as an internal error, and a deadlock. */
const CONFLICTS = ['XX000', '40P01'];
/** Attempts to create an index that another session changes meanwhile. */
const MAX_ATTEMPTS = 3;

/** Returns whether the migration with these statements runs outside a transaction. */
export function isConcurrent([first = '']: readonly string[]): boolean {
  return MARK.test(first.trimStart().split('\n', 1)[0] ?? '');
}

/** Runs a marked migration in a transaction, where its tables are new and empty. */
export async function runInTransaction(tx: Sql, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await tx.unsafe(statement.replace(CONCURRENTLY, ''));
}

/**
 * Runs the statements of a marked migration one by one. It can be killed and run again at any point. Valid indexes are
 * kept, and an invalid one, which a killed run leaves, is dropped and built again. Other statements must allow a second
 * run.
 * @throws Error when the server limits the time of statements, or when a lock stops a repeated statement for two
 * minutes
 */
export async function runConcurrently(
  sql: AdminConnection,
  statements: readonly string[],
  progress: ProgressOptions,
): Promise<void> {
  const [row] = await sql<{ limit: string }[]>`select current_setting('statement_timeout') as limit`;
  if (row?.limit !== '0') {
    throw new Error(
      `statement_timeout is ${row?.limit}, but this migration can take long: connect to the server itself instead of a ` +
        'pooler, or as a role without statement_timeout',
    );
  }
  for (const [at, statement] of statements.entries()) {
    progress.print(`statement ${at + 1} of ${statements.length}: ${summaryOf(statement)}`);
    if (REPEAT_MARK.test(statement)) await repeat(sql, statement, progress);
    else await runOnce(sql, statement, progress);
  }
}

/** Runs a statement, except one that creates an index which is there. */
async function runOnce(sql: AdminConnection, statement: string, progress: ProgressOptions): Promise<void> {
  const name = CREATE_INDEX.exec(statement)?.[2];
  if (name === undefined) await sql.unsafe(statement);
  else await createIndex(sql, { name, progress, create: () => sql.unsafe(statement) });
}

interface IndexCreation {
  name: string;
  progress: ProgressOptions;
  create: () => Promise<unknown>;
}

/**
 * Creates an index unless a valid one is there. The backend of a killed run builds it until the server notices that its
 * client is gone. Meanwhile its index can become valid or stay invalid, so each attempt begins with the present state.
 */
async function createIndex(sql: AdminConnection, { name, progress, create }: IndexCreation): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const conflict = await tryToCreate().catch(toConflict);
    if (conflict === undefined) return;
    if (attempt === MAX_ATTEMPTS) throw conflict;
    progress.print(`another session changes ${name}: ${conflict.message}; trying again`);
  }

  /** Returns an error when the index is invalid: `if not exists` keeps one that another session has left. */
  async function tryToCreate(): Promise<Error | undefined> {
    if (await needsRun(sql, name)) await withIndexProgress(name, progress, create);
    return (await isValid(sql, name)) === false ? new Error(`the index ${name} is invalid`) : undefined;
  }
}

/** Returns the error of a statement that another session has disturbed; throws any other. */
function toConflict(error: Error): Error {
  if (CONFLICTS.includes(sqlState(error) ?? '')) return error;
  throw error;
}

async function needsRun(sql: AdminConnection, index: string): Promise<boolean> {
  const valid = await isValid(sql, index);
  if (valid === false) await sql`drop index concurrently if exists ${sql(index)}`.simple();
  return valid !== true;
}

/** Returns undefined when there is no such index. */
async function isValid(sql: AdminConnection, index: string): Promise<boolean | undefined> {
  const [row] = await sql<{ isValid: boolean }[]>`
    select indisvalid as "isValid" from pg_catalog.pg_index where indexrelid = to_regclass(quote_ident(${index}))`;
  return row?.isValid;
}

/**
 * Runs the statement until it changes no row. Each run is a transaction. It waits 300 ms for a lock, because it holds
 * the locks of the rows before.
 */
async function repeat(sql: AdminConnection, statement: string, progress: ProgressOptions): Promise<void> {
  const rows = await RowProgress.start(statement, progress);
  const runBatch = () =>
    sql.begin(READ_COMMITTED, async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return (await tx.unsafe(statement)).count;
    }) as Promise<number>;
  for (;;) {
    const count = await retryLockTimeouts(new LockRetries('a row', progress.print), runBatch);
    if (!count) return rows.end();
    rows.add(count);
  }
}

/** Returns the first line of the statement that is not a comment. */
function summaryOf(statement: string): string {
  const lines = statement.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.startsWith('--')) ?? '';
}
