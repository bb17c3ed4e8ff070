import { errors, type FlattenedJWSInput, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors.ts';
import { fetchJwks, type Jwks, unixTime } from './jwks.ts';

/** Age at which the JWKS is fetched again. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** Age up to which a JWKS verifies tokens while the endpoint fails (stale-if-error). */
const STALE_IF_ERROR_MS = 24 * 3_600_000;
/** Age up to which a JWKS is the newest one for tokens that were issued before it. */
const SEARCH_AFTER_MS = 30_000;
/** Minimum time between a failed fetch and the next one. */
const RETRY_AFTER_ERROR_MS = 2000;
/** Fetches for unknown key ids: this many at once, and then one in each interval. */
const MAX_SEARCHES = 10;
const SEARCH_INTERVAL_MS = 3000;
/** How many tokens may wait for searches at once. */
const MAX_WAITING = 256;
/** How far the `Date` of a response may be behind: servers generate it once a second, and may be late. */
const DATE_DELAY_MS = 100;

/** The public keys of the auth-service. */
export interface JwksCache {
  /**
   * Returns the key of a token.
   * @throws AUTH_SERVICE_UNAVAILABLE when the keys cannot be fetched, SERVICE_UNAVAILABLE when too many tokens have unknown keys
   */
  find: JWTVerifyGetKey;
  /** Fetches the keys before the first token needs them; errors are left to the first token. */
  warmUp(): Promise<void>;
}

/**
 * Creates a cache of the keys of a JWKS endpoint. jose's `createRemoteJWKSet` does not serve stale keys while the
 * endpoint fails, and fetches again for each token then (docs/decisions/0014).
 *
 * A token with an unknown key id is rejected only if the JWKS was generated after the token was issued. Otherwise its key
 * may have been published since, and the JWKS is fetched again (a search). One search answers for all tokens that were
 * issued before it; while the rate of searches is exhausted, such tokens get SERVICE_UNAVAILABLE.
 * @param now a monotonic clock, in milliseconds
 */
export function createJwksCache(url: string, now: () => number): JwksCache {
  let current: (Jwks & { fetchedAt: number }) | undefined;
  let pending: Promise<void> | undefined;
  /** The error of the latest fetch; undefined when it succeeded. */
  let latestError: unknown;
  let retryAt = 0;

  const fetchOnce = async (): Promise<void> => {
    try {
      current = { ...(await fetchJwks(url)), fetchedAt: now() };
      latestError = undefined;
    } catch (error) {
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
  const search = createSearch(now, async () => {
    // NOTE: a fetch that began before the search may have missed the key
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
    else if (!isNewest || age() > SEARCH_AFTER_MS) await search();
    if (latestError !== undefined) throw keysUnavailable(latestError);
    return load();
  };
  const loadPending = async (): Promise<Jwks> => {
    await pending;
    return load();
  };
  return { find: findInNewest([load, loadPending, loadNewest]), warmUp: refresh };
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
        if (!(error instanceof errors.JWKSNoMatchingKey) || !isSearchable(header.kid, keys)) throw error;
        unknownKey = error;
      }
    }
    throw unknownKey;
  };
}

/** No key has an id of another type than string. A key id that is known, but not for the token's algorithm, is not searched. */
function isSearchable(kid: unknown, { keyIds }: Jwks): boolean {
  return kid === undefined || (typeof kid === 'string' && !keyIds.has(kid));
}

/**
 * Returns the latest second in which the token can have been issued. Its `iat` is not verified: a forged one chooses
 * between a rejection and a search, no more.
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
 * Returns a function that searches for an unknown key by a fetch at the next full second, so that one search answers for
 * all tokens that were issued before. Searches that wait share their fetch, and their rate is limited.
 */
function createSearch(now: () => number, fetchAgain: () => Promise<void>) {
  const takeSearch = createRateLimit(now);
  let next: Promise<void> | undefined;
  let waiting = 0;

  const schedule = async (): Promise<void> => {
    const retryAfterMs = takeSearch();
    if (retryAfterMs > 0) throw searchesExhausted(retryAfterMs);
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000) + DATE_DELAY_MS));
  };
  const searchOnce = async (): Promise<void> => {
    await schedule().finally(() => {
      next = undefined;
    });
    await fetchAgain();
  };

  return async (): Promise<void> => {
    if (waiting >= MAX_WAITING) throw searchesExhausted(1000);
    waiting++;
    try {
      next ??= searchOnce();
      await next;
    } finally {
      waiting--;
    }
  };
}

/** Returns a token bucket (as a GCRA): a function that takes a search, or returns how many milliseconds are missing. */
function createRateLimit(now: () => number): () => number {
  let paidUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const start = Math.max(paidUntil, now());
    const missing = start - now() - (MAX_SEARCHES - 1) * SEARCH_INTERVAL_MS;
    if (missing > 0) return missing;
    paidUntil = start + SEARCH_INTERVAL_MS;
    return 0;
  };
}

function keysUnavailable(cause: unknown): AppError {
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'Credentials cannot be verified at the moment', { cause });
}

/** Returns the error of a limit of this service: no dependency has failed, so it has no cause and is not logged. */
function searchesExhausted(retryAfterMs: number): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'Credentials cannot be verified at the moment', {
    retryAfterSeconds: Math.ceil(retryAfterMs / 1000),
  });
}
