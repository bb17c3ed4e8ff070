import type { Db } from './client.ts';
import { is, PgTransaction } from './drizzle.ts';

type Values = Readonly<Record<string, unknown>>;

/** One statement for many keys: what it finds for each of them, in their order. */
export type Ask<Key, Found> = (db: Db, keys: readonly Key[], values: Values) => Promise<Found[]>;

/**
 * A statement's own price is hardly seen among so many, and who shares it waits for all of it. With more requests in one
 * statement there is nothing left to do here while PostgreSQL is at it (docs/PERFORMANCE.md).
 */
const MOST_REQUESTS = 24;
const MOST_KEYS = 40;

interface Share<Found> {
  from: number;
  to: number;
  resolve: (found: Found[]) => void;
  reject: (error: unknown) => void;
}

interface Gathering<Key, Found> {
  keys: Key[];
  values: Values;
  shares: Share<Found>[];
}

/**
 * Lets requests share statements: those that ask in one turn of the event loop, with the same values, are answered by one
 * statement for the keys of all. Nobody waits for others to come: a quiet service sends at once, and the busier it is, the
 * more requests it finds in a turn.
 *
 * It is for reads whose answer does not depend on the caller, and of which no key can fail alone: an error is given to
 * everybody who shares. What is read is as new as the last of the requests. A transaction shares with nobody.
 */
export function gathered<Key, Found>(ask: Ask<Key, Found>) {
  const gatherers = new WeakMap<Db, Gatherer<Key, Found>>();
  return (db: Db, keys: readonly Key[], values: Values = {}): Promise<Found[]> => {
    if (keys.length > MOST_KEYS || is(db, PgTransaction)) return ask(db, keys, values);
    let gatherer = gatherers.get(db);
    if (gatherer === undefined) {
      gatherer = new Gatherer((all, same) => ask(db, all, same));
      gatherers.set(db, gatherer);
    }
    return gatherer.ask(keys, values);
  };
}

class Gatherer<Key, Found> {
  readonly #send: (keys: readonly Key[], values: Values) => Promise<Found[]>;
  /** What this turn has asked for, by its values. */
  #open = new Map<string, Gathering<Key, Found>>();

  constructor(send: (keys: readonly Key[], values: Values) => Promise<Found[]>) {
    this.#send = send;
  }

  ask(keys: readonly Key[], values: Values): Promise<Found[]> {
    return new Promise((resolve, reject) => {
      const { keys: all, shares } = this.#gatheringFor(keys.length, values);
      const from = all.length;
      all.push(...keys);
      shares.push({ from, to: all.length, resolve, reject });
    });
  }

  #gatheringFor(count: number, values: Values): Gathering<Key, Found> {
    const name = JSON.stringify(values);
    const open = this.#open.get(name);
    if (open !== undefined && hasRoom(open, count)) return open;
    if (open !== undefined) void this.#answer(open);
    // Behind everything that this turn of the event loop has read from its sockets.
    else if (this.#open.size === 0) setImmediate(this.#endTurn);
    const gathering = { keys: [], values, shares: [] };
    this.#open.set(name, gathering);
    return gathering;
  }

  readonly #endTurn = (): void => {
    const gatherings = this.#open;
    this.#open = new Map();
    for (const gathering of gatherings.values()) void this.#answer(gathering);
  };

  async #answer({ keys, values, shares }: Gathering<Key, Found>): Promise<void> {
    try {
      const found = await this.#send(keys, values);
      for (const { from, to, resolve } of shares) resolve(found.slice(from, to));
    } catch (error) {
      for (const { reject } of shares) reject(error);
    }
  }
}

function hasRoom<Key, Found>({ keys, shares }: Gathering<Key, Found>, count: number): boolean {
  return shares.length < MOST_REQUESTS && keys.length + count <= MOST_KEYS;
}
