import { AdaptiveLimit, type Clock } from './adaptive-limit.ts';

/** Maximum bytes of the bodies of all requests in flight. Parsed JSON takes up to six times its bytes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A request, as far as its time in flight is concerned. */
export interface InFlightRequest {
  isInFlight: boolean;
  /** Start of the measurement; undefined unless the request is measured. */
  startedAt: number | undefined;
  /** Bytes of the body while the request is in flight. */
  bodyBytes: number;
}

/** The requests that the service works on: their number, their bodies, and how fast they finish. */
export class InFlight {
  readonly #maxRequests: number;
  readonly #adaptive: AdaptiveLimit;
  #requests = 0;
  #bodyBytes = 0;

  constructor(maxRequests: number, clock: Clock) {
    this.#maxRequests = maxRequests;
    this.#adaptive = new AdaptiveLimit(clock);
  }

  /** Returns whether one more request exceeds a limit; the caller then rejects it. */
  rejects(bodyBytes: number): boolean {
    return (
      this.#requests >= this.#maxRequests ||
      this.#bodyBytes + bodyBytes > MAX_BODY_BYTES ||
      this.#adaptive.rejects(this.#requests)
    );
  }

  start(request: InFlightRequest, bodyBytes: number): void {
    request.bodyBytes = bodyBytes;
    this.resume(request);
    request.startedAt = this.#adaptive.start(this.#requests);
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
    request.isInFlight = false;
    this.#requests--;
    this.#bodyBytes -= request.bodyBytes;
    this.endMeasurement(request);
  }

  /** Ends the measurement of a request that stays in flight. */
  endMeasurement(request: InFlightRequest): void {
    if (request.startedAt !== undefined) this.#adaptive.finish(request.startedAt, this.#requests);
    request.startedAt = undefined;
  }
}
