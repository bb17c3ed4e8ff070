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

interface Watch {
  statement: Statement;
  /** Whether it takes its connection from the pool, not from a transaction. */
  isPooled: boolean;
  /** Whether its success gives a connection back to the pool. */
  frees: boolean;
  endsAt: number;
  /** How many connections had come free when it was last looked at. */
  freed: number;
  /** Absent once the statement is settled. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Makes every statement of `client` come to an end. postgres.js 3.4.9 waits for ever: for a connection of a pool that is
 * all in use, and for an answer where the network has gone silent, which no timeout of the server's can help.
 *
 * - A statement that waits for a connection is refused as soon as for 0.5 s none has come free by work well done, and
 *   after 1.8 s in any case: a burst is let through, a pool that is stuck is not queued for.
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
  client.unsafe = deadlines.over(client.unsafe, { isPooled: true, overAt: Number.POSITIVE_INFINITY });
  client.begin = ((work) => {
    const overAt = performance.now() + TRANSACTION_MS;
    return begin((tx) => {
      tx.unsafe = deadlines.over(tx.unsafe, { isPooled: false, overAt });
      return work(tx);
    });
  }) satisfies Begin as typeof client.begin;
}

class Deadlines {
  readonly #client: postgres.Sql;
  /** Whether the server has ever answered: until then a slow first connection is not told from a stuck pool. */
  #isReached = false;
  #freed = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(client: postgres.Sql) {
    this.#client = client;
  }

  over(unsafe: Unsafe, { isPooled, overAt }: { isPooled: boolean; overAt: number }): Unsafe {
    return ((sql, parameters, options) => {
      const query = unsafe(sql, parameters, options);
      this.#watch({
        statement: query as unknown as Statement,
        isPooled,
        frees: isPooled ? !sql.startsWith('begin') : sql === 'commit',
        endsAt: Math.min(performance.now() + ANSWER_MS, overAt),
        freed: this.#freed,
        timer: undefined,
      });
      return query;
    }) as Unsafe;
  }

  #watch(watch: Watch): void {
    this.#sleep(watch, watch.isPooled ? ACQUIRE_MS : watch.endsAt - performance.now());
    watch.statement.then(
      () => {
        settle(watch);
        this.#isReached = true;
        if (watch.frees) this.#freed++;
      },
      (error) => {
        settle(watch);
        if (error?.code === READ_ONLY_TRANSACTION) this.#renew();
      },
    );
  }

  #sleep(watch: Watch, ms: number): void {
    watch.timer = setTimeout(this.#wake, Math.max(ms, 0), watch);
  }

  /** First what has come in is read: this process may have been too busy to see an answer that is there. */
  readonly #wake = (watch: Watch): void => void setImmediate(this.#check, watch);

  readonly #check = (watch: Watch): void => {
    if (watch.timer === undefined) return;
    const left = watch.endsAt - performance.now();
    const isSent = watch.statement.socket !== undefined;
    const mayHope = isSent || watch.freed !== this.#freed || !this.#isReached;
    watch.freed = this.#freed;
    if (left <= 0 || !mayHope) this.#giveUp(watch);
    else this.#sleep(watch, isSent ? left : Math.min(left, ACQUIRE_MS));
  };

  #giveUp({ statement, isPooled }: Watch): void {
    if (statement.socket !== undefined) {
      const error = tooLate('PostgreSQL did not answer in time');
      statement.reject(error);
      statement.socket.destroy(error);
      this.#renew();
      return;
    }
    statement.reject(tooLate('no connection came free in time'));
    // Takes it out of the pool's queue.
    if (isPooled) statement.cancel();
  }

  #renew(): void {
    if (performance.now() - this.#renewedAt < RENEW_EVERY_MS) return;
    this.#renewedAt = performance.now();
    // Undeclared, too. It closes what is idle at once and the rest after what they are at; the pool goes on.
    void (this.#client as unknown as { close(): Promise<void> }).close();
  }
}

function settle(watch: Watch): void {
  clearTimeout(watch.timer);
  watch.timer = undefined;
}

function tooLate(message: string): Error {
  return Object.assign(new Error(message), { code: 'DEADLINE' });
}
