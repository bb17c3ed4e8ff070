import type { Socket } from 'node:net';
import type postgres from 'postgres';

/** How long a statement waits for a connection while none comes free. */
const ACQUIRE_MS = 500;
/** How long until a statement is answered at the latest; the server's `statement_timeout` should end it before that. */
const ANSWER_MS = 1800;
/** How long a transaction may take, from asking for a connection until its COMMIT is answered. */
const TRANSACTION_MS = 2500;
const RENEW_EVERY_MS = 1000;
const READ_ONLY_TRANSACTION = '25006';

type Unsafe = postgres.Sql['unsafe'];
type Begin = (work: (tx: postgres.TransactionSql) => unknown) => Promise<unknown>;

/** What postgres.js has and does not declare. */
interface Statement extends PromiseLike<unknown> {
  /** By our patch: absent while the statement waits for a connection. */
  readonly socket?: Socket;
  reject(error: Error): void;
  cancel(): void;
}

interface Watched {
  statement: Statement;
  /** When to begin to doubt that a connection will come free; null inside a transaction, which has one. */
  waitingSince: number | null;
  endsAt: number;
}

/**
 * Makes every statement of `client` come to an end. postgres.js 3.4.9 waits for ever: for a connection of a pool that is
 * all in use, and for an answer where the network has gone silent, which no timeout of the server's can help.
 *
 * - A statement that waits for a connection is refused when none has come free by work well done for 0.5 s, and after
 *   1.8 s in any case: a burst is let through, a pool that is stuck is not queued for.
 * - A statement that is not answered after 1.8 s, or whose transaction is not over after 2.5 s, loses its connection;
 *   whatever else waits on that connection fails with it. The pool makes a new one when it needs it.
 * - After that, and when the server turns out to be read-only (it was the primary, and another is now), every other
 *   connection is renewed as well, as soon as it is idle: it leads to the same place.
 *
 * drizzle goes through two doors of the client's, `unsafe` and `begin`, and so does all of this. It builds on our patch
 * of postgres.js (patches/), with which a connection that breaks fails what waits on it, once and at once, and harms
 * nothing else; a transaction ends with its connection; COMMIT and ROLLBACK go through `unsafe` too; and a statement
 * tells its socket.
 */
export function setDeadlines(client: postgres.Sql): void {
  const deadlines = new Deadlines(client);
  const begin = client.begin.bind(client) as Begin;

  client.unsafe = deadlines.over(client.unsafe, {
    frees: (sql) => !sql.startsWith('begin'),
    start: (now) => ({ waitingSince: now, endsAt: now + ANSWER_MS }),
  });
  client.begin = (async (work) => {
    const overAt = performance.now() + TRANSACTION_MS;
    return begin((tx) => {
      tx.unsafe = deadlines.over(tx.unsafe, {
        frees: (sql) => sql === 'commit',
        start: (now) => ({ waitingSince: null, endsAt: Math.min(now + ANSWER_MS, overAt) }),
      });
      return work(tx);
    });
  }) satisfies Begin as typeof client.begin;
}

interface Door {
  /** Whether the statement's success gives its connection back to the pool. */
  frees(sql: string): boolean;
  start(now: number): Omit<Watched, 'statement'>;
}

class Deadlines {
  readonly #client: postgres.Sql;
  #freedAt = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(client: postgres.Sql) {
    this.#client = client;
  }

  over(unsafe: Unsafe, door: Door): Unsafe {
    return ((sql, ...rest) => {
      const statement = unsafe(sql, ...rest);
      const frees = door.frees(sql);
      this.#watch({ statement: statement as unknown as Statement, ...door.start(performance.now()) }, frees);
      return statement;
    }) as Unsafe;
  }

  #watch(watched: Watched, frees: boolean): void {
    let timer: NodeJS.Timeout | undefined;
    const sleep = (): void => {
      timer = setTimeout(() => setImmediate(check), Math.max(this.#patienceOf(watched) - performance.now(), 0));
    };
    // After one more look at what has come in: this process may have been too busy to see an answer that is there.
    const check = (): void => {
      if (timer === undefined) return;
      if (this.#patienceOf(watched) > performance.now()) sleep();
      else this.#giveUp(watched);
    };
    sleep();
    const settle = (): void => {
      clearTimeout(timer);
      timer = undefined;
    };
    watched.statement.then(
      () => {
        settle();
        if (frees) this.#freedAt = performance.now();
      },
      (error) => {
        settle();
        if (error?.code === READ_ONLY_TRANSACTION) this.#renew();
      },
    );
  }

  #patienceOf({ statement, waitingSince, endsAt }: Watched): number {
    if (waitingSince === null || statement.socket !== undefined) return endsAt;
    return Math.min(Math.max(waitingSince, this.#freedAt) + ACQUIRE_MS, endsAt);
  }

  #giveUp({ statement, waitingSince }: Watched): void {
    if (statement.socket !== undefined) {
      statement.socket.destroy(tooLate('PostgreSQL did not answer in time'));
      this.#renew();
      return;
    }
    statement.reject(tooLate('no connection came free in time'));
    // Takes it out of the pool's queue.
    if (waitingSince !== null) statement.cancel();
  }

  #renew(): void {
    if (performance.now() - this.#renewedAt < RENEW_EVERY_MS) return;
    this.#renewedAt = performance.now();
    // Undeclared, too. It closes what is idle at once and the rest after what they are at; the pool goes on.
    void (this.#client as unknown as { close(): Promise<void> }).close();
  }
}

function tooLate(message: string): Error {
  return Object.assign(new Error(message), { code: 'DEADLINE' });
}
