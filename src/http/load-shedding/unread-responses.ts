import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connections.ts';
import { EvictionQueue } from './eviction-queue.ts';
import type { Exchange } from './exchange.ts';

/** Maximum connections with unread responses, and the maximum bytes of these. As much memory again is not yet collected. */
const MAX_UNREAD = 1000;
const MAX_UNREAD_BYTES = 48 * 1024 * 1024;
/** A large response waits while the unread ones and it would have more bytes. The rest is for the responses that do not wait. */
const MAX_BYTES_WITH_LARGE = 32 * 1024 * 1024;
/** A connection whose client has read nothing for this long closes when a large response needs its room, */
const STALLED_MS = 1000;
/** and so does one whose client has read a response for this long without its end: at 20 MB, less than 4 MB/s. */
const MAX_READING_MS = 5000;
/** A response waits for as long, and the next part of a list until its client has gone. */
const MAX_WAIT_MS = 2000;
/** Maximum responses that wait, since each holds its rows, and maximum lists that do, since each is in flight. */
const MAX_WAITING = { response: 8, list: 50 } as const;
const CHECK_INTERVAL_MS = 20;

/** Gives the reserved room back: when the response is written or rejected. */
export type ReleaseRoom = () => void;

/** A whole response, or the next part of a list, whose caller holds no memory while it waits. */
export type LargePart = keyof typeof MAX_WAITING;

export interface WaitForRoom {
  part?: LargePart | undefined;
  isClosed: () => boolean;
}

/**
 * The responses that clients have not read, by connection: the one that has read nothing for longest first. Over the
 * limits its connection closes.
 */
export class UnreadResponses extends EvictionQueue<Connection<Exchange>> {
  /** Settle when the part of the kind that came last has its room, or waits no longer. */
  readonly #lastInLine: Record<LargePart, Promise<unknown>> = { response: Promise.resolve(), list: Promise.resolve() };
  #reservedBytes = 0;
  readonly #waiting = { response: 0, list: 0 };

  constructor(close: (connection: Connection<Exchange>) => void) {
    super({ maxItems: MAX_UNREAD, maxBytes: MAX_UNREAD_BYTES, evict: close });
  }

  /** Waits in line for the room of a large part. Returns undefined if there is none in time. */
  async reserve(bytes: number, { part = 'response', isClosed }: WaitForRoom): Promise<ReleaseRoom | undefined> {
    if (this.#waiting[part] >= MAX_WAITING[part]) return undefined;
    const deadline = part === 'list' ? Number.POSITIVE_INFINITY : performance.now() + MAX_WAIT_MS;
    this.#waiting[part]++;
    try {
      const room = this.#lastInLine[part].then(() =>
        this.#waitForRoom(bytes, () => isClosed() || performance.now() > deadline),
      );
      this.#lastInLine[part] = room;
      return await room;
    } finally {
      this.#waiting[part]--;
    }
  }

  async #waitForRoom(bytes: number, isOver: () => boolean): Promise<ReleaseRoom | undefined> {
    while (!this.#hasRoom(bytes)) {
      if (isOver()) return undefined;
      await sleep(CHECK_INTERVAL_MS);
      // The event loop polls the sockets between timers and this: a busy thread has not yet seen what clients have read.
      await setImmediate();
      while (!this.#hasRoom(bytes) && this.evictOldest(isTooSlow));
    }
    this.#reservedBytes += bytes;
    return () => {
      this.#reservedBytes -= bytes;
    };
  }

  #hasRoom(bytes: number): boolean {
    const unread = this.bytes + this.#reservedBytes;
    return unread === 0 || unread + bytes <= MAX_BYTES_WITH_LARGE;
  }
}

/** A connection whose request is in flight waits for the service, not for its client. */
function isTooSlow({ current }: Connection<Exchange>, { idle, held }: { idle: number; held: number }): boolean {
  return (idle >= STALLED_MS || held >= MAX_READING_MS) && current?.isInFlight === false;
}
