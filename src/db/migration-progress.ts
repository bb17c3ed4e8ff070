import { pause } from '../lib/pause.ts';
import type { Sql } from './admin-connection.ts';
import type { Print } from './lock-retries.ts';

/** Time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 5000;

export interface ProgressOptions {
  print: Print;
  /**
   * The connection that reads the progress of indexes. It is in no transaction: `create index concurrently` waits for
   * those that have a snapshot.
   */
  monitor: Sql;
  /** `PROGRESS_MS` by default. */
  intervalMs?: number;
}

interface IndexProgress {
  phase: string;
  /** Null in a phase whose end the server cannot foresee. */
  percent: number | null;
}

/** Prints the phase of the index that `build` creates, and the percentage of it that is done, every few seconds. */
export async function withIndexProgress(
  index: string,
  { print, monitor, intervalMs = PROGRESS_MS }: ProgressOptions,
  build: () => Promise<unknown>,
): Promise<void> {
  const end = new AbortController();
  const report = async () => {
    await pause(intervalMs, end.signal);
    while (!end.signal.aborted) {
      const line = await describeProgress(monitor, index);
      if (line !== undefined) print(line);
      await pause(intervalMs, end.signal);
    }
  };
  // NOTE: progress is for information, so its failure does not end the migration
  const reported = report().catch((error: Error) => print(`no progress is known: ${error.message}`));
  try {
    await build();
  } finally {
    end.abort();
    await reported;
  }
}

/** Returns undefined before the build has begun and after it has ended. */
async function describeProgress(sql: Sql, index: string): Promise<string | undefined> {
  const [row] = await sql<IndexProgress[]>`
    select phase, round(100.0 * case when blocks_total > 0 then blocks_done / blocks_total::numeric
      when tuples_total > 0 then tuples_done / tuples_total::numeric
      when lockers_total > 0 then lockers_done / lockers_total::numeric end)::int as percent
    from pg_catalog.pg_stat_progress_create_index
    where datname = current_database() and index_relid = to_regclass(quote_ident(${index}))`;
  return row && `${index}: ${row.phase}${row.percent === null ? '' : `, ${row.percent}%`}`;
}

const TABLE = /\b(?:update(?:\s+only)?|delete\s+from(?:\s+only)?|insert\s+into)\s+((?:"?\w+"?\.)?"?\w+"?)/i;

/** The progress of changes of the rows of a table, in batches. */
export class RowProgress {
  readonly #print: Print;
  readonly #intervalMs: number;
  /** The estimated number of rows of the table; undefined for one that was never analyzed. */
  readonly #estimate: number | undefined;
  readonly #startedAt = performance.now();
  #printedAt = Number.NEGATIVE_INFINITY;
  #rows = 0;

  private constructor({ print, intervalMs = PROGRESS_MS }: ProgressOptions, estimate: number | undefined) {
    this.#print = print;
    this.#intervalMs = intervalMs;
    this.#estimate = estimate;
  }

  /** Starts the progress with the number of rows that the server estimates for the table that the statement changes. */
  static async start(statement: string, options: ProgressOptions): Promise<RowProgress> {
    const table = TABLE.exec(statement)?.[1] ?? '';
    const [row] = await options.monitor<{ rows: number }[]>`
      select reltuples::float8 as rows from pg_catalog.pg_class where oid = to_regclass(${table}) and reltuples > 0`;
    return new RowProgress(options, row?.rows);
  }

  /** Counts rows, and prints their number every few seconds. */
  add(count: number): void {
    this.#rows += count;
    const now = performance.now();
    if (now - this.#printedAt < this.#intervalMs) return;
    this.#printedAt = now;
    this.#print(`${this.#rows}${this.#left(now - this.#startedAt)}`);
  }

  /** Prints the number of all rows. */
  end(): void {
    this.#print(`${this.#rows} rows in all`);
  }

  /** The table may have rows that need no change, so the time is an upper bound. */
  #left(elapsedMs: number): string {
    if (this.#estimate === undefined || this.#estimate <= this.#rows) return ' rows';
    const seconds = Math.ceil(((this.#estimate - this.#rows) / this.#rows) * (elapsedMs / 1000));
    return ` of at most about ${this.#estimate} rows, at most about ${seconds} s left`;
  }
}
