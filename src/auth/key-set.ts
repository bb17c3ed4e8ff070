import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, errors, type JWK, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors.ts';
import { FetchFailure, fetchJson } from '../lib/fetch-json.ts';

const TIMEOUT_MS = 1500;
const FRESH_MS = 10 * 60_000;
const USABLE_MS = 24 * 3_600_000;
const COOLDOWN_MS = 30_000;
const RETRY_MS = 2000;

interface KeySet {
  find: JWTVerifyGetKey;
  fetchedAt: number;
}

/** The auth-service's public keys. */
export interface RemoteKeys {
  /** Finds the key of a token. Throws AUTH_SERVICE_UNAVAILABLE when the keys cannot be had: that says nothing of the token. */
  find: JWTVerifyGetKey;
  /** Fetches the keys ahead of the first token; a failure is left to the first token to meet. */
  warm(): Promise<void>;
}

/**
 * Keys from a JWKS endpoint. jose's own remote set has no stale-if-error and asks again for every token while the
 * endpoint is down; this one serves the last good set for up to 24 hours, asks for unknown keys at most every 30 seconds
 * and asks an endpoint that failed at most every 2 seconds.
 * @param now a monotonic clock, in milliseconds
 */
export function createRemoteKeys(url: string, now: () => number): RemoteKeys {
  let current: KeySet | undefined;
  let fetching: Promise<void> | undefined;
  /** Of the last fetch; undefined when it went well. */
  let failure: unknown;
  let retryAt = 0;
  let searchAgainAt = 0;

  const fetchOnce = async (): Promise<void> => {
    try {
      current = { find: await fetchKeySet(url), fetchedAt: now() };
      failure = undefined;
    } catch (error) {
      failure = error;
      retryAt = now() + RETRY_MS;
    }
  };
  const refresh = (): Promise<void> => {
    if (fetching === undefined && failure !== undefined && now() < retryAt) return Promise.resolve();
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const age = (): number => (current === undefined ? Number.POSITIVE_INFINITY : now() - current.fetchedAt);

  const load = async (): Promise<KeySet> => {
    if (age() > FRESH_MS) {
      const refreshed = refresh();
      // NOTE: who has keys that were good a moment ago waits for an endpoint that is well, not for one that just failed
      if (age() > USABLE_MS || failure === undefined) await refreshed;
    }
    if (current === undefined || age() > USABLE_MS) throw keysUnavailable(failure);
    return current;
  };
  /** The newest set, for a key that is not in the one at hand. When that cannot be had, the key may be a new one. */
  const search = async (): Promise<KeySet> => {
    if (fetching !== undefined || failure !== undefined || now() >= searchAgainAt) {
      searchAgainAt = now() + COOLDOWN_MS;
      await refresh();
    }
    if (failure !== undefined) throw keysUnavailable(failure);
    return load();
  };
  const find: JWTVerifyGetKey = async (header, token) => {
    const keys = await load();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await search()).find(header, token);
    }
  };
  return { find, warm: refresh };
}

/** An answer without a single public key is no key set: taken for one, it would log everybody out. */
async function fetchKeySet(url: string): Promise<JWTVerifyGetKey> {
  const answer = await fetchJson(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const published = (answer as { keys?: unknown } | null | undefined)?.keys;
  const keys = Array.isArray(published) ? published.filter(isPublicKey) : [];
  if (keys.length === 0) throw new FetchFailure('an answer without public keys', { retryable: false });
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
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'Credentials cannot be checked at the moment', { cause });
}
