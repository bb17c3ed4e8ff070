import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, errors, type JWK, type JWTVerifyGetKey } from 'jose';
import { FetchError, fetchJson } from '../auth-service/fetch-json.ts';
import { AppError } from '../errors.ts';

/** Time limit of one request to the JWKS endpoint. */
const FETCH_TIMEOUT_MS = 1500;
/** Age at which the JWKS is fetched again. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** Age up to which a JWKS verifies tokens while the endpoint fails (stale-if-error). */
const STALE_IF_ERROR_MS = 24 * 3_600_000;
/** Minimum time between two fetches for unknown key ids. */
const UNKNOWN_KEY_COOLDOWN_MS = 30_000;
/** Minimum time between a failed fetch and the next one. */
const RETRY_AFTER_ERROR_MS = 2000;

interface KeySet {
  find: JWTVerifyGetKey;
  fetchedAt: number;
}

/** The public keys of the auth-service. */
export interface JwksCache {
  /** Returns the key of a token. Throws AUTH_SERVICE_UNAVAILABLE when the keys cannot be fetched. */
  find: JWTVerifyGetKey;
  /** Fetches the keys before the first token needs them; errors are left to the first token. */
  warmUp(): Promise<void>;
}

/**
 * Creates a cache of the keys of a JWKS endpoint. jose's `createRemoteJWKSet` does not serve stale keys while the
 * endpoint fails, and fetches again for each token then (docs/decisions).
 * @param now a monotonic clock, in milliseconds
 */
export function createJwksCache(url: string, now: () => number): JwksCache {
  let current: KeySet | undefined;
  let pending: Promise<void> | undefined;
  /** The error of the latest fetch; undefined when it succeeded. */
  let latestError: unknown;
  let retryAt = 0;
  let nextUnknownKeyFetchAt = 0;

  const fetchOnce = async (): Promise<void> => {
    try {
      current = { find: await fetchKeySet(url), fetchedAt: now() };
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
  const age = (): number => (current === undefined ? Number.POSITIVE_INFINITY : now() - current.fetchedAt);

  const load = async (): Promise<KeySet> => {
    if (age() > REFRESH_AFTER_MS) {
      const refreshed = refresh();
      // NOTE: while stale keys are usable, tokens wait for a healthy endpoint only
      if (age() > STALE_IF_ERROR_MS || latestError === undefined) await refreshed;
    }
    if (current === undefined || age() > STALE_IF_ERROR_MS) throw keysUnavailable(latestError);
    return current;
  };
  /** Returns the newest JWKS. A key that is unknown while the endpoint fails may have been published since. */
  const loadNewest = async (): Promise<KeySet> => {
    if (pending !== undefined || latestError !== undefined || now() >= nextUnknownKeyFetchAt) {
      nextUnknownKeyFetchAt = now() + UNKNOWN_KEY_COOLDOWN_MS;
      await refresh();
    }
    if (latestError !== undefined) throw keysUnavailable(latestError);
    return load();
  };
  const find: JWTVerifyGetKey = async (header, token) => {
    const keys = await load();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await loadNewest()).find(header, token);
    }
  };
  return { find, warmUp: refresh };
}

/** Rejects a response without public keys: as a JWKS it would reject every token. */
async function fetchKeySet(url: string): Promise<JWTVerifyGetKey> {
  const body = await fetchJson(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  const published = (body as { keys?: unknown } | null | undefined)?.keys;
  const keys = Array.isArray(published) ? published.filter(isPublicKey) : [];
  if (keys.length === 0) throw new FetchError('response without public keys', { retryable: false });
  return createLocalJWKSet({ keys });
}

function isPublicKey(jwk: JWK | null): jwk is JWK {
  if (jwk?.use === 'enc') return false;
  try {
    createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function keysUnavailable(cause: unknown): AppError {
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'Credentials cannot be verified at the moment', { cause });
}
