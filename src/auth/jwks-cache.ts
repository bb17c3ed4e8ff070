import { errors, type FlattenedJWSInput, type JWTVerifyGetKey } from 'jose';
import type { ObserveRequest } from '../auth-service/fetch-json.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { TimeLimitError, withTimeLimit } from '../lib/time-limit.ts';
import { fetchJwks, type Jwks, unixTime } from './jwks.ts';

/**
 * Time limit of the lookup of a token's key, all waits for fetches included: longer than the time limit of one fetch.
 */
const LOOKUP_TIMEOUT_MS = 2000;
/** Age at which the JWKS is fetched again. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** Interval in which the age is compared, so that the keys are refreshed without tokens as well. */
const REFRESH_INTERVAL_MS = 60_000;
/** Age up to which a JWKS verifies tokens while the endpoint fails (stale-if-error). */
const STALE_IF_ERROR_MS = 24 * 3_600_000;
/** Age up to which a JWKS needs no refetch for tokens that were issued before it was generated. */
const REFETCH_AFTER_MS = 30_000;
/** Minimum time between a failed fetch and the next one. */
const RETRY_AFTER_ERROR_MS = 2000;
/** Refetches for unknown key ids: this many at once, and then one in each interval. */
const MAX_REFETCHES = 10;
const REFETCH_INTERVAL_MS = 3000;
/** How many tokens may wait for refetches at once. */
const MAX_WAITING = 256;
/** How far the `Date` of a response may be behind: servers generate it once a second, and may be late. */
const DATE_DELAY_MS = 100;

/** The public keys of the auth-service. */
interface JwksCache {
  /**
   * Returns the key of a token.
   * @throws AUTH_SERVICE_UNAVAILABLE when the keys cannot be fetched in time, SERVICE_UNAVAILABLE when too many tokens
   * have unknown keys
   */
  find: JWTVerifyGetKey;
  /** Returns the age of the keys in milliseconds; infinite before the first ones have arrived. */
  age(): number;
  /** Fetches the keys before the first token needs them, and refreshes them until the returned function is called. */
  keepFresh(): () => void;
}

export interface JwksHooks {
  /** Where the cache logs that fetches begin to fail, and that they succeed again. */
  log?: Pick<Log, 'warn' | 'info'>;
  observeFetch?: ObserveRequest;
}

/**
 * Creates a cache of the keys of a JWKS endpoint. jose's `createRemoteJWKSet` does not serve stale keys while the
 * endpoint fails, and then refetches for each token (docs/decisions/0014).
 *
 * A token with an unknown key id is rejected only if the JWKS was generated after the token was issued. Otherwise its
 * key may have been published since, and the JWKS is refetched. One refetch serves all tokens that were issued before
 * it. Over the rate limit of refetches, such tokens get SERVICE_UNAVAILABLE.
 * @param now a monotonic clock, in milliseconds
 */
export function createJwksCache(url: string, now: () => number, { log, observeFetch }: JwksHooks = {}): JwksCache {
  let current: (Jwks & { fetchedAt: number }) | undefined;
  let pending: Promise<void> | undefined;
  /** The error of the latest fetch; undefined when it succeeded. */
  let latestError: unknown;
  let retryAt = 0;

  const fetchOnce = async (): Promise<void> => {
    try {
      current = { ...(await fetchJwks(url, observeFetch)), fetchedAt: now() };
      if (latestError !== undefined) log?.info({}, 'the JWKS is fetched again');
      latestError = undefined;
    } catch (error) {
      if (latestError === undefined) log?.warn({ err: error }, 'the JWKS cannot be fetched');
      latestError = error;
      retryAt = now() + RETRY_AFTER_ERROR_MS;
    }
  };
  const refresh = (): Promise<void> => {
    if (pending === undefined && latestError !== undefined && now() < retryAt) return Promise.resolve();
    pending ??= fetchOnce().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const refetch = createRefetch(now, async () => {
    // NOTE: a fetch that began before the refetch may have missed the key
    await pending;
    await refresh();
  });
  const age = (): number => (current === undefined ? Number.POSITIVE_INFINITY : now() - current.fetchedAt);

  const load = async (): Promise<Jwks> => {
    if (age() > REFRESH_AFTER_MS) {
      const refreshed = refresh();
      // NOTE: while stale keys are usable, tokens wait for a healthy endpoint only
      if (age() > STALE_IF_ERROR_MS || latestError === undefined) await refreshed;
    }
    if (current === undefined || age() > STALE_IF_ERROR_MS) throw keysUnavailable(latestError);
    return current;
  };
  /** Returns a JWKS that was generated after the token was issued. */
  const loadNewest = async (token: FlattenedJWSInput): Promise<Jwks> => {
    const isNewest = current !== undefined && current.generatedAt > latestTimeOfIssue(token);
    if (latestError !== undefined) await refresh();
    else if (!isNewest || age() > REFETCH_AFTER_MS) await refetch();
    if (latestError !== undefined) throw keysUnavailable(latestError);
    return load();
  };
  const loadPending = async (): Promise<Jwks> => {
    await pending;
    return load();
  };
  const keepFresh = () => {
    void refresh();
    const refreshOld = () => void ((age() > REFRESH_AFTER_MS || latestError !== undefined) && refresh());
    const timer = setInterval(refreshOld, REFRESH_INTERVAL_MS).unref();
    return () => clearInterval(timer);
  };
  return { find: limitTime(findInNewest([load, loadPending, loadNewest])), age, keepFresh };
}

/** Limits the time of a lookup. The fetch for which it waits continues, for the tokens that come later. */
function limitTime(find: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await withTimeLimit(LOOKUP_TIMEOUT_MS, async () => find(header, token));
    } catch (error) {
      throw error instanceof TimeLimitError ? keysUnavailable(error) : error;
    }
  };
}

type Source = (token: FlattenedJWSInput) => Promise<Jwks>;

/** Returns the lookup of a key in the sources, in turn, until one of them knows the key id. */
function findInNewest(sources: readonly Source[]): JWTVerifyGetKey {
  return async (header, token) => {
    let unknownKey: unknown;
    for (const source of sources) {
      const keys = await source(token);
      try {
        return await keys.find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || !mayBeNewKey(header.kid, keys)) throw error;
        unknownKey = error;
      }
    }
    throw unknownKey;
  };
}

/**
 * Returns whether a newer JWKS may have the key: its id is missing or unknown. No key has an id of another type than
 * string.
 */
function mayBeNewKey(kid: unknown, { keyIds }: Jwks): boolean {
  return kid === undefined || (typeof kid === 'string' && !keyIds.has(kid));
}

/**
 * Returns the latest second in which the token can have been issued. Its `iat` is not verified: a forged one chooses
 * between a rejection and a refetch, no more.
 */
function latestTimeOfIssue({ payload }: FlattenedJWSInput): number {
  const now = unixTime();
  try {
    const { iat } = JSON.parse(Buffer.from(String(payload), 'base64url').toString());
    return typeof iat === 'number' && iat < now ? iat : now;
  } catch {
    return now;
  }
}

/**
 * Returns a function that refetches the JWKS at the next full second, for an unknown key. One refetch then serves all
 * tokens that were issued before. Calls that wait share a refetch, and the rate of refetches is limited.
 */
function createRefetch(now: () => number, refreshNow: () => Promise<void>) {
  const admitRefetch = createRateLimiter(now);
  let next: Promise<void> | undefined;
  let waiting = 0;

  const schedule = async (): Promise<void> => {
    const retryAfterMs = admitRefetch();
    if (retryAfterMs > 0) throw refetchLimitError(retryAfterMs);
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000) + DATE_DELAY_MS));
  };
  const refetchOnce = async (): Promise<void> => {
    await schedule().finally(() => {
      next = undefined;
    });
    await refreshNow();
  };

  return async (): Promise<void> => {
    if (waiting >= MAX_WAITING) throw refetchLimitError(1000);
    waiting++;
    try {
      next ??= refetchOnce();
      await next;
    } finally {
      waiting--;
    }
  };
}

/**
 * Returns a rate limiter ([GCRA](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm)): a function that returns
 * 0 for an admitted refetch. Otherwise it returns the milliseconds until one conforms to the rate.
 */
function createRateLimiter(now: () => number): () => number {
  let theoreticalArrival = Number.NEGATIVE_INFINITY;
  return () => {
    const arrival = Math.max(theoreticalArrival, now());
    const waitMs = arrival - now() - (MAX_REFETCHES - 1) * REFETCH_INTERVAL_MS;
    if (waitMs > 0) return waitMs;
    theoreticalArrival = arrival + REFETCH_INTERVAL_MS;
    return 0;
  };
}

function keysUnavailable(cause: unknown): AppError {
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'Credentials cannot be verified at the moment', { cause });
}

/** Returns the error of a limit of this service: no dependency has failed, so it has no cause and is only counted. */
function refetchLimitError(retryAfterMs: number): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'Credentials cannot be verified at the moment', {
    retryAfterSeconds: Math.ceil(retryAfterMs / 1000),
    rejection: 'unknown_keys',
  });
}
