import {
  BrokenCircuitError,
  bulkhead,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
  SamplingBreaker,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { type AuthService, type AuthUser, MAX_IDS_PER_LOOKUP, type OwnAuthUser } from './auth-service.ts';
import { FetchError } from './fetch-json.ts';
import { createGraphqlLookup, createRestLookup, type Lookup } from './lookups.ts';

export interface AuthServiceOptions {
  url: string;
  lookup: 'graphql' | 'rest';
  token: string | undefined;
  userFields: string;
}

/** Time limit of a lookup, tries and pauses included. */
const TOTAL_TIMEOUT_MS = 1000;
/** Time limit of one try: two fit into the total. */
const TRY_TIMEOUT_MS = 450;
/** The longest `Retry-After` that a lookup waits for before its second try. */
const MAX_RETRY_AFTER_SECONDS = 0.5;
/** How long an open circuit rejects calls before it lets one through. */
const HALF_OPEN_AFTER_MS = 5000;
const FOUND_TTL_MS = 60_000;
const NOT_FOUND_TTL_MS = 10_000;
const MAX_CACHED_USERS = 10_000;
/** Concurrent requests to the auth-service: a GraphQL request asks for up to 100 users, a REST request for one. */
const MAX_CONCURRENT = { graphql: 32, rest: 8 } as const;
const MAX_QUEUED = 1000;

/**
 * Creates the client of the auth-service. A lookup gets one second and two tries, behind a circuit breaker and a bulkhead.
 * Found users are cached for a minute, missing ones for ten seconds.
 */
export function createAuthServiceClient(options: AuthServiceOptions): AuthService {
  const policies = createPolicies(MAX_CONCURRENT[options.lookup]);
  const createLookup = options.lookup === 'rest' ? createRestLookup : createGraphqlLookup;
  const lookup: Lookup = createLookup(options, policies.call);
  const cache = new LRUCache<string, { user: AuthUser | null }>({ max: MAX_CACHED_USERS });

  const fetchUsers = async (ids: readonly string[]): Promise<[string, AuthUser | null][]> => {
    const users = await policies.lookup((signal) => lookup({ ids, signal, token: options.token }));
    for (const [id, user] of users) cache.set(id, { user }, { ttl: user === null ? NOT_FOUND_TTL_MS : FOUND_TTL_MS });
    return [...users];
  };

  return {
    async usersByIds(ids) {
      const uniqueIds = [...new Set(ids)];
      const cached = new Map(uniqueIds.map((id) => [id, cache.get(id)]));
      const missing = uniqueIds.filter((id) => cached.get(id) === undefined);
      const fetched = new Map((await Promise.all(chunk(missing, MAX_IDS_PER_LOOKUP).map(fetchUsers))).flat());
      return new Map(uniqueIds.map((id) => [id, cached.get(id)?.user ?? fetched.get(id) ?? null]));
    },

    async ownUser({ id, token }) {
      const users = await policies.lookup((signal) => lookup({ ids: [id], signal, token, withEmail: true }));
      return (users.get(id) as OwnAuthUser | null | undefined) ?? null;
    },
  };
}

/** Returns the policies around each request (`call`) and around each lookup with all its requests (`lookup`). */
function createPolicies(maxConcurrent: number) {
  const totalTimeout = timeout(TOTAL_TIMEOUT_MS, TimeoutStrategy.Aggressive);
  const secondTry = retry(handleWhen(isRetryable), {
    maxAttempts: 1,
    backoff: new DelegateBackoff(() => 20 + Math.random() * 80),
  });
  const breaker = circuitBreaker(handleWhen(isServiceFailure), {
    halfOpenAfter: HALF_OPEN_AFTER_MS,
    // NOTE: the breaker opens above the threshold; half of the calls failing is to open it
    breaker: new SamplingBreaker({ threshold: 0.499, duration: 10_000, minimumRps: 2 }),
  });
  const tryTimeout = timeout(TRY_TIMEOUT_MS, TimeoutStrategy.Aggressive);
  const call = wrap(secondTry, breaker, bulkhead(maxConcurrent, MAX_QUEUED), tryTimeout);

  return {
    call: <Result>(send: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result> =>
      call.execute((context) => send(context.signal), signal),
    lookup: async <Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
      try {
        return await totalTimeout.execute(({ signal }) => work(signal));
      } catch (cause) {
        throw unavailable(cause);
      }
    },
  };
}

/** A rejected token is the client's error. It must not open the circuit for other clients. */
function isServiceFailure(error: unknown): boolean {
  return !(error instanceof FetchError && (error.status === 401 || error.status === 403));
}

function isRetryable(error: unknown): boolean {
  if (error instanceof TaskCancelledError) return true;
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

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
