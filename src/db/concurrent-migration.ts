import { type AdminConnection, READ_COMMITTED, type Sql } from './admin-connection.ts';
import { LOCK_TIMEOUT_MS, LockRetries, retryLockTimeouts } from './lock-retries.ts';
import { type ProgressOptions, RowProgress, withIndexProgress } from './migration-progress.ts';

/** The first line of a migration that runs outside a transaction. */
const MARK = /^\s*--\s*concurrently\s*$/im;
/** The line of a statement that is repeated until it changes no row. */
const REPEAT_MARK = /^\s*--\s*repeat\s*$/im;
const CREATE_INDEX = /\bcreate\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?("?)(\w+)\1/i;
const CONCURRENTLY = /\bconcurrently\b/gi;

/** Returns whether the migration with these statements runs outside a transaction. */
export function isConcurrent([first = '']: readonly string[]): boolean {
  return MARK.test(first.trimStart().split('\n', 1)[0] ?? '');
}

/** Runs a marked migration in a transaction, where its tables are new and empty. */
export async function runInTransaction(tx: Sql, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await tx.unsafe(statement.replace(CONCURRENTLY, ''));
}

/**
 * Runs the statements of a marked migration one by one. It can be killed and run again at any point: valid indexes are
 * kept, and an invalid one, which a killed run leaves, is dropped and built again. Other statements must allow a second run.
 * @throws Error when the server limits the time of statements, or when a lock stops a repeated statement for two minutes
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
  else if (await needsRun(sql, name)) await withIndexProgress(name, progress, () => sql.unsafe(statement));
}

async function needsRun(sql: AdminConnection, index: string): Promise<boolean> {
  const [row] = await sql<{ isValid: boolean }[]>`
    select indisvalid as "isValid" from pg_catalog.pg_index where indexrelid = to_regclass(quote_ident(${index}))`;
  if (row?.isValid === false) await sql`drop index concurrently ${sql(index)}`.simple();
  return row?.isValid !== true;
}

/** Each run is a transaction. It waits 300 ms for a lock, because it holds the locks of the rows before. */
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
