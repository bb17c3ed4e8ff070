import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  DelegateBackoff,
  handleAll,
  handleWhen,
  retry,
  SamplingBreaker,
} from 'cockatiel';
import { AppError } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { TimeLimitError, withTimeLimit } from '../lib/time-limit.ts';
import { FairSlots, type QueuedCall, type Release, type TrafficClass } from './fair-slots.ts';
import { FetchError, fetchErrorType, type ObserveRequest, observed, type Send } from './fetch-json.ts';

/** Observes the calls to the auth-service, for metrics. */
interface CallObserver {
  observeCall: ObserveRequest;
  countFailedLookup(errorType: string): void;
  changeCircuit(state: 'closed' | 'open' | 'half-open'): void;
}

export interface CallPolicyOptions {
  /** Concurrent calls. */
  slots: { shared: number; reserved: number };
  /** Where the client logs that its circuit breaker opens and closes. */
  log?: Pick<Log, 'warn' | 'info'> | undefined;
  observer?: CallObserver | undefined;
}

/** Time limit of a lookup, waiting, tries and pauses included. */
const TOTAL_TIMEOUT_MS = 1000;
/** Time limit of one call, from when it is sent: two fit into the total. */
const TRY_TIMEOUT_MS = 450;
/** The longest `Retry-After` that a lookup waits for before its second try. */
const MAX_RETRY_AFTER_SECONDS = 0.5;
/** Errors of this process and its host: no connection was attempted. */
const LOCAL_ERRORS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);
/** How long an open circuit rejects calls before it lets one through. */
const HALF_OPEN_AFTER_MS = 5000;

/**
 * Creates the policies of the calls to the auth-service, in this order. A lookup has a total timeout. Each of its calls
 * has two tries. Each try waits for a slot, and has a circuit breaker and a timeout from when it is sent.
 *
 * The circuit breaker judges the auth-service alone. A wait for a slot is outside it, and a lookup never cancels a call
 * that it has sent.
 */
export function createCallPolicies(options: CallPolicyOptions) {
  const { observer } = options;
  const slots = new FairSlots(options.slots);
  const secondTry = retry(handleWhen(isRetryable), {
    maxAttempts: 1,
    backoff: new DelegateBackoff(() => 20 + Math.random() * 80),
  });
  const breaker = createBreaker(options);

  return {
    /**
     * Runs a lookup within the total timeout.
     * @throws AUTH_SERVICE_UNAVAILABLE
     */
    lookup: async <Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
      try {
        return await withTimeLimit(TOTAL_TIMEOUT_MS, work);
      } catch (cause) {
        observer?.countFailedLookup(lookupErrorType(cause));
        throw unavailable(cause);
      }
    },
    withSecondTry: <Result>(attempt: () => Promise<Result>, signal: AbortSignal): Promise<Result> =>
      secondTry.execute(attempt, signal),
    /** Waits for a slot. An open circuit rejects its calls at once, so they need none. */
    acquireSlot: async (call: QueuedCall): Promise<Release> =>
      breaker.state === CircuitState.Open ? () => {} : slots.acquire(call),
    /** Sends a call behind the circuit breaker, with the timeout of a try. */
    send: async <Result>(send: Send<Result>, trafficClass: TrafficClass): Promise<Result> => {
      const outcome = await breaker.execute(() =>
        sendWithinTimeLimit(observed(send, observer?.observeCall), trafficClass),
      );
      if ('error' in outcome) throw outcome.error;
      return outcome.result;
    },
  };
}

export type CallPolicies = ReturnType<typeof createCallPolicies>;

/** Returns the kind of a failure: one of a few words, or the status of the response. */
function lookupErrorType(error: unknown): string {
  if (error instanceof TimeLimitError) return 'timeout';
  if (error instanceof BrokenCircuitError) return 'circuit_open';
  return fetchErrorType(error);
}

function createBreaker({ log, observer }: CallPolicyOptions) {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: HALF_OPEN_AFTER_MS,
    // NOTE: the breaker opens above the threshold; half of the calls failing is to open it
    breaker: new SamplingBreaker({ threshold: 0.499, duration: 10_000, minimumRps: 2 }),
  });
  breaker.onBreak((reason) => {
    const err = 'error' in reason ? reason.error : undefined;
    log?.warn({ err }, 'the circuit to the auth-service opened');
    observer?.changeCircuit('open');
  });
  breaker.onHalfOpen(() => {
    log?.info({}, 'the circuit to the auth-service is half-open');
    observer?.changeCircuit('half-open');
  });
  breaker.onReset(() => {
    log?.info({}, 'the circuit to the auth-service closed');
    observer?.changeCircuit('closed');
  });
  return breaker;
}

/** Sends a call. Only failures of the auth-service are thrown, for the circuit breaker to count. */
async function sendWithinTimeLimit<Result>(
  send: Send<Result>,
  trafficClass: TrafficClass,
): Promise<{ result: Result } | { error: unknown }> {
  try {
    return { result: await withTimeLimit(TRY_TIMEOUT_MS, send) };
  } catch (error) {
    if (isServiceFailure(error, trafficClass)) throw error;
    return { error };
  }
}

/**
 * Returns whether the error is a failure of the auth-service: no complete response in time, or a status of 5xx, 408 or
 * 429. Other responses reject one request, and must not open the circuit for other clients. So does a 429 for a user's
 * own data.
 */
function isServiceFailure(error: unknown, trafficClass: TrafficClass): boolean {
  if (error instanceof TimeLimitError) return true;
  if (!(error instanceof FetchError)) return false;
  const { status, retryable, cause } = error;
  if (status === undefined) return retryable && !LOCAL_ERRORS.has((cause as { code?: unknown } | undefined)?.code);
  return status >= 500 || status === 408 || (status === 429 && trafficClass !== 'own');
}

function isRetryable(error: unknown): boolean {
  if (error instanceof TimeLimitError) return true;
  return error instanceof FetchError && error.retryable && (error.retryAfterSeconds ?? 0) <= MAX_RETRY_AFTER_SECONDS;
}

function unavailable(cause: unknown): AppError {
  const requested = cause instanceof FetchError ? cause.retryAfterSeconds : undefined;
  const usual = cause instanceof BrokenCircuitError ? HALF_OPEN_AFTER_MS / 1000 : 2;
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'The auth-service is temporarily unavailable', {
    cause,
    retryAfterSeconds: Math.min(Math.max(requested ?? usual, 1), 60),
  });
}
