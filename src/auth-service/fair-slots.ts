/**
 * The kind of a call, by which waiting calls are ordered: a user's own data, a single user, or one of many calls of a
 * lookup.
 */
export type Lane = 'own' | 'single' | 'bulk';

export interface Ticket {
  lane: Lane;
  /** The user or the lookup that the call is for. The flows of a lane are served round-robin. */
  flow: unknown;
  /** Ends the wait. */
  signal: AbortSignal;
}

/** Gives the slot back. */
export type Release = () => void;

/** The lanes in the order in which they are served (weighted round-robin); a lane without waiting calls is skipped. */
const LANE_ORDER = ['own', 'single', 'own', 'bulk'] as const satisfies readonly Lane[];

/**
 * Flows of a lane that wait: about as many calls as the slots finish before the waits end. Further flows fail at once, so
 * that their requests are not in flight while they wait in vain.
 */
const MAX_WAITING_FLOWS = 250;

type Grant = (release: Release) => void;

/**
 * The slots of concurrent calls, which are granted by fair queueing: no lane and no flow waits for all calls of another.
 * The signal of its ticket ends a wait.
 */
export class FairSlots {
  readonly #free: { shared: number; reserved: number };
  readonly #lanes = { own: new Flows(), single: new Flows(), bulk: new Flows() };
  #position = 0;

  /** @param size the shared slots, and the slots that are reserved for the lane `own` */
  constructor(size: { shared: number; reserved: number }) {
    this.#free = { ...size };
  }

  /** Waits for a slot. Rejects when the ticket's signal is aborted first, or when too many flows of the lane wait. */
  acquire({ lane, flow, signal }: Ticket): Promise<Release> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || !this.#lanes[lane].hasRoom(flow)) return reject(noSlot());
      const giveUp = () => {
        this.#lanes[lane].remove(flow, grant);
        reject(noSlot());
      };
      const grant: Grant = (release) => {
        signal.removeEventListener('abort', giveUp);
        resolve(release);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#lanes[lane].add(flow, grant);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    this.#grantWhileFree('reserved', () => this.#lanes.own.next());
    this.#grantWhileFree('shared', () => this.#nextOfLanes());
  }

  #grantWhileFree(kind: 'shared' | 'reserved', next: () => Grant | undefined): void {
    while (this.#free[kind] > 0) {
      const grant = next();
      if (grant === undefined) return;
      this.#free[kind]--;
      grant(() => {
        this.#free[kind]++;
        this.#dispatch();
      });
    }
  }

  #nextOfLanes(): Grant | undefined {
    for (let step = 0; step < LANE_ORDER.length; step++) {
      const lane = LANE_ORDER[(this.#position + step) % LANE_ORDER.length] ?? 'own';
      const grant = this.#lanes[lane].next();
      if (grant !== undefined) {
        this.#position = (this.#position + step + 1) % LANE_ORDER.length;
        return grant;
      }
    }
    return undefined;
  }
}

/** The waiting calls of one lane by flow, in the order in which the flows are served. */
class Flows {
  readonly #waiting = new Map<unknown, Set<Grant>>();

  hasRoom(flow: unknown): boolean {
    return this.#waiting.size < MAX_WAITING_FLOWS || this.#waiting.has(flow);
  }

  add(flow: unknown, grant: Grant): void {
    const waiting = this.#waiting.get(flow) ?? new Set();
    this.#waiting.set(flow, waiting.add(grant));
  }

  remove(flow: unknown, grant: Grant): void {
    const waiting = this.#waiting.get(flow);
    waiting?.delete(grant);
    if (waiting?.size === 0) this.#waiting.delete(flow);
  }

  /** Removes the first call of the first flow, and moves that flow to the end. */
  next(): Grant | undefined {
    for (const [flow, waiting] of this.#waiting) {
      this.#waiting.delete(flow);
      const [grant] = waiting;
      if (grant === undefined) continue;
      waiting.delete(grant);
      if (waiting.size > 0) this.#waiting.set(flow, waiting);
      return grant;
    }
    return undefined;
  }
}

function noSlot(): Error {
  return new Error('no slot for the call became free in time');
}
