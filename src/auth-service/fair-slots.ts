/**
 * The traffic class of a call, by which waiting calls are scheduled. It is a user's own data, a single user, or one of
 * many calls of a lookup.
 */
export type TrafficClass = 'own' | 'single' | 'bulk';

/** A call that waits for a slot. */
export interface QueuedCall {
  trafficClass: TrafficClass;
  /** The user or the lookup that the call is for. The flows of a class are served round-robin. */
  flow: unknown;
  /** Ends the wait. */
  signal: AbortSignal;
}

/** Releases the slot. */
export type Release = () => void;

/** The order in which classes are served (weighted round-robin). A class without waiting calls is skipped. */
const CLASS_ORDER = ['own', 'single', 'own', 'bulk'] as const satisfies readonly TrafficClass[];

/**
 * Flows of a class that wait: about as many calls as the slots finish before the waits end. Further flows fail at once,
 * so that requests without a chance of a slot do not stay in flight.
 */
const MAX_WAITING_FLOWS = 250;

type Grant = (release: Release) => void;

/**
 * The slots of concurrent calls, which are granted by fair queueing: no class and no flow waits for all calls of
 * another. The signal of a call ends its wait.
 */
export class FairSlots {
  readonly #free: { shared: number; reserved: number };
  readonly #queues = { own: new FlowQueues(), single: new FlowQueues(), bulk: new FlowQueues() };
  #position = 0;

  /** @param size the shared slots, and the slots that are reserved for the class `own` */
  constructor(size: { shared: number; reserved: number }) {
    this.#free = { ...size };
  }

  /** Waits for a slot. Rejects when the call's signal is aborted first, or when too many flows of its class wait. */
  acquire({ trafficClass, flow, signal }: QueuedCall): Promise<Release> {
    const queues = this.#queues[trafficClass];
    return new Promise((resolve, reject) => {
      if (signal.aborted || !queues.canEnqueue(flow)) return reject(noSlot());
      const onAbort = () => {
        queues.remove(flow, grant);
        reject(noSlot());
      };
      const grant: Grant = (release) => {
        signal.removeEventListener('abort', onAbort);
        resolve(release);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queues.enqueue(flow, grant);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    this.#grantWhileFree('reserved', () => this.#queues.own.dequeue());
    this.#grantWhileFree('shared', () => this.#nextOfClasses());
  }

  #grantWhileFree(pool: 'shared' | 'reserved', next: () => Grant | undefined): void {
    while (this.#free[pool] > 0) {
      const grant = next();
      if (grant === undefined) return;
      this.#free[pool]--;
      grant(() => {
        this.#free[pool]++;
        this.#dispatch();
      });
    }
  }

  #nextOfClasses(): Grant | undefined {
    for (let step = 0; step < CLASS_ORDER.length; step++) {
      const trafficClass = CLASS_ORDER[(this.#position + step) % CLASS_ORDER.length] ?? 'own';
      const grant = this.#queues[trafficClass].dequeue();
      if (grant !== undefined) {
        this.#position = (this.#position + step + 1) % CLASS_ORDER.length;
        return grant;
      }
    }
    return undefined;
  }
}

/** The waiting calls of one class, a queue for each flow, in the order in which the flows are served. */
class FlowQueues {
  readonly #waiting = new Map<unknown, Set<Grant>>();

  canEnqueue(flow: unknown): boolean {
    return this.#waiting.size < MAX_WAITING_FLOWS || this.#waiting.has(flow);
  }

  enqueue(flow: unknown, grant: Grant): void {
    const waiting = this.#waiting.get(flow) ?? new Set();
    this.#waiting.set(flow, waiting.add(grant));
  }

  remove(flow: unknown, grant: Grant): void {
    const waiting = this.#waiting.get(flow);
    waiting?.delete(grant);
    if (waiting?.size === 0) this.#waiting.delete(flow);
  }

  /** Removes the first call of the first flow, and moves that flow to the end. */
  dequeue(): Grant | undefined {
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
