import { AdaptiveLimit, type Clock } from './adaptive-limit.ts';

/** Maximum bytes of the bodies of all requests in flight, and of the values that are parsed from them. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A request, as far as its time in flight is concerned. */
export interface InFlightRequest {
  isInFlight: boolean;
  /** Start of the measurement, later by the excluded waits; undefined unless the request is measured. */
  startedAt: number | undefined;
  /** Bytes of the body while the request is in flight. */
  bodyBytes: number;
  /** The excluded waits that have not ended. */
  waits: number;
  /** Start of the first of these. */
  waitingSince: number;
}

/**
 * The requests that the service works on: their number, their bodies, and how fast they finish. A request in an
 * excluded wait counts for the fixed limits only.
 */
export class InFlight {
  readonly #maxRequests: number;
  readonly #clock: Clock;
  readonly #adaptive: AdaptiveLimit;
  #requests = 0;
  /** Those in an excluded wait. */
  #waiting = 0;
  #bodyBytes = 0;

  constructor(maxRequests: number, clock: Clock) {
    this.#maxRequests = maxRequests;
    this.#clock = clock;
    this.#adaptive = new AdaptiveLimit(clock);
  }

  get requests(): number {
    return this.#requests;
  }

  /** Returns the limit that one more request exceeds, if any; the caller then rejects it. */
  exceededLimit(bodyBytes: number): 'concurrency' | 'body_bytes' | undefined {
    if (this.#requests >= this.#maxRequests) return 'concurrency';
    if (this.#bodyBytes + bodyBytes > MAX_BODY_BYTES) return 'body_bytes';
    return this.#adaptive.rejects(this.#active) ? 'concurrency' : undefined;
  }

  start(request: InFlightRequest, bodyBytes: number): void {
    request.bodyBytes = bodyBytes;
    this.resume(request);
    request.startedAt = this.#adaptive.start(this.#active);
  }

  /** Adds bytes to the body of a request in flight. Returns false when they exceed the limit. */
  growBody(request: InFlightRequest, bytes: number): boolean {
    if (!request.isInFlight || bytes === 0) return true;
    if (this.#bodyBytes + bytes > MAX_BODY_BYTES) return false;
    request.bodyBytes += bytes;
    this.#bodyBytes += bytes;
    return true;
  }

  /** Counts a request again that was stopped, without measuring it. */
  resume(request: InFlightRequest): void {
    if (request.isInFlight) return;
    request.isInFlight = true;
    this.#requests++;
    this.#bodyBytes += request.bodyBytes;
  }

  stop(request: InFlightRequest): void {
    if (!request.isInFlight) return;
    if (request.waits > 0) this.#endWaits(request);
    request.isInFlight = false;
    this.#requests--;
    this.#bodyBytes -= request.bodyBytes;
    this.endMeasurement(request);
  }

  /** Ends the measurement of a request that stays in flight. */
  endMeasurement(request: InFlightRequest): void {
    if (request.startedAt !== undefined) this.#adaptive.finish(request.startedAt, this.#active);
    request.startedAt = undefined;
  }

  /** Stops a request that was not answered, or was rejected: it does not count as a fast one. */
  abandon(request: InFlightRequest): void {
    const { startedAt } = request;
    if (startedAt !== undefined && this.#adaptive.isFast(startedAt)) request.startedAt = undefined;
    this.stop(request);
  }

  /** Excludes a wait of a request in flight from its measurement. Waits of a request may overlap. */
  async excludeWait<Result>(request: InFlightRequest | undefined, wait: () => Promise<Result>): Promise<Result> {
    if (request === undefined || !request.isInFlight) return wait();
    this.#startWait(request);
    try {
      return await wait();
    } finally {
      this.#endWait(request);
    }
  }

  /** The requests that the adaptive limit counts. */
  get #active(): number {
    return this.#requests - this.#waiting;
  }

  #startWait(request: InFlightRequest): void {
    request.waits++;
    if (request.waits > 1) return;
    request.waitingSince = this.#clock.now();
    this.#waiting++;
  }

  #endWait(request: InFlightRequest): void {
    if (request.waits > 1) request.waits--;
    else if (request.waits === 1) this.#endWaits(request);
  }

  #endWaits(request: InFlightRequest): void {
    request.waits = 0;
    this.#waiting--;
    if (request.startedAt !== undefined) request.startedAt += this.#clock.now() - request.waitingSince;
  }
}
