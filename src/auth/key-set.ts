import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors.ts';
import { fetchJson } from '../lib/fetch-json.ts';

const TIMEOUT_MS = 2000;
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
  let failure: unknown;
  let askAgainAt = 0;

  const fetchOnce = async (): Promise<void> => {
    try {
      current = { find: await fetchKeySet(url), fetchedAt: now() };
      failure = undefined;
      askAgainAt = now() + COOLDOWN_MS;
    } catch (error) {
      failure = error;
      askAgainAt = now() + RETRY_MS;
    }
  };
  const refresh = (): Promise<void> => {
    if (fetching === undefined && now() < askAgainAt) return Promise.resolve();
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const usable = (): KeySet | undefined => (current && now() - current.fetchedAt < USABLE_MS ? current : undefined);

  const load = async (): Promise<KeySet> => {
    const known = usable();
    if (known === undefined) await refresh();
    else if (now() - known.fetchedAt > FRESH_MS) void refresh();
    const keys = usable();
    if (keys === undefined) throw keysUnavailable(failure);
    return keys;
  };
  const find: JWTVerifyGetKey = async (header, token) => {
    const keys = await load();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return (usable() ?? keys).find(header, token);
    }
  };
  return { find, warm: refresh };
}

async function fetchKeySet(url: string): Promise<JWTVerifyGetKey> {
  const answer = await fetchJson(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return createLocalJWKSet(answer as JSONWebKeySet);
}

function keysUnavailable(cause: unknown): AppError {
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'Credentials cannot be checked at the moment', { cause });
}
