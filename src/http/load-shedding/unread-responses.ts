import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { EvictionQueue } from './eviction-queue.ts';
import { type Connection, EXCHANGE_BYTES, type Exchange } from './exchange.ts';

/**
 * Maximum connections with unread responses, and the maximum bytes of these. As much memory again is not yet collected.
 */
const MAX_UNREAD = 1000;
const MAX_UNREAD_BYTES = 48 * 1024 * 1024;
/**
 * A large response waits while the unread ones and it would have more bytes. The rest is for the responses that do not
 * wait.
 */
const MAX_BYTES_WITH_LARGE = 32 * 1024 * 1024;
/** A connection closes when a large response needs its space and its client has read nothing for this time. */
const STALLED_MS = 1000;
/** It also closes when its client has read one response for this time, since a slow reader keeps the space. */
const MAX_READING_MS = 5000;
/** Maximum time that a response waits. The next part of a list waits until its connection is closed. */
const MAX_WAIT_MS = 2000;
/** Maximum responses that wait, each of which holds its rows, and maximum lists, each of which is in flight. */
const MAX_WAITING = { response: 8, list: 50 } as const;
/** Interval of the checks for buffer space: the longest delay after space has become free. */
const CHECK_INTERVAL_MS = 20;

/** Releases the reserved buffer space: when the response is written or rejected. */
type ReleaseBuffer = () => void;

/** A whole response, or the next part of a list, whose caller holds no memory while it waits. */
type LargePart = keyof typeof MAX_WAITING;

interface ReservationOptions {
  part?: LargePart | undefined;
  isClosed: () => boolean;
}

/**
 * The responses that clients have not read, by connection: the one that has read nothing for longest first. Over the
 * limits its connection closes.
 */
export class UnreadResponses extends EvictionQueue<Connection> {
  /** The parts of a kind get their buffer space one after another. */
  readonly #mutex = new KeyedMutex();
  #reservedBytes = 0;
  readonly #waiting = { response: 0, list: 0 };

  constructor(close: (connection: Connection) => void) {
    super({ maxItems: MAX_UNREAD, maxBytes: MAX_UNREAD_BYTES, evict: close });
  }

  /** Adds a response, or replaces the bytes that its client has not read. */
  addResponse(exchange: Exchange, bytes: number): void {
    this.removeResponse(exchange);
    exchange.unreadBytes = bytes + EXCHANGE_BYTES;
    this.add(exchange.connection, exchange.unreadBytes);
  }

  removeResponse(exchange: Exchange): void {
    if (exchange.unreadBytes === 0) return;
    this.subtract(exchange.connection, exchange.unreadBytes);
    exchange.unreadBytes = 0;
  }

  /** Waits for the buffer space of a large part. Returns undefined if there is none in time. */
  async reserve(
    bytes: number,
    { part = 'response', isClosed }: ReservationOptions,
  ): Promise<ReleaseBuffer | undefined> {
    if (this.#waiting[part] >= MAX_WAITING[part]) return undefined;
    const deadline = part === 'list' ? Number.POSITIVE_INFINITY : performance.now() + MAX_WAIT_MS;
    this.#waiting[part]++;
    try {
      const release = await this.#mutex.acquire(part);
      return await this.#waitForSpace(bytes, () => isClosed() || performance.now() > deadline).finally(release);
    } finally {
      this.#waiting[part]--;
    }
  }

  async #waitForSpace(bytes: number, isOver: () => boolean): Promise<ReleaseBuffer | undefined> {
    while (!this.#fits(bytes)) {
      if (isOver()) return undefined;
      await sleep(CHECK_INTERVAL_MS);
      // The event loop polls the sockets between timers and this: a busy thread has not yet seen what clients have
      // read.
      await setImmediate();
      while (!this.#fits(bytes) && this.evictOldest(isTooSlow));
    }
    this.#reservedBytes += bytes;
    return () => {
      this.#reservedBytes -= bytes;
    };
  }

  #fits(bytes: number): boolean {
    const unread = this.bytes + this.#reservedBytes;
    return unread === 0 || unread + bytes <= MAX_BYTES_WITH_LARGE;
  }
}

/**
 * Returns whether the client reads too slowly. A connection whose request is in flight waits for the service, not for
 * its client.
 */
function isTooSlow({ current }: Connection, { idle, held }: { idle: number; held: number }): boolean {
  return (idle >= STALLED_MS || held >= MAX_READING_MS) && current?.isInFlight === false;
}
