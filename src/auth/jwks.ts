import { createPublicKey, type JsonWebKey } from 'node:crypto';
import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  flattenedVerify,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import { FetchError, fetchJsonResponse, type ObserveRequest, observed } from '../auth-service/fetch-json.ts';
import { isObject } from '../lib/is-object.ts';
import { withTimeLimit } from '../lib/time-limit.ts';

/** Time limit of one request to the JWKS endpoint. */
const FETCH_TIMEOUT_MS = 1500;
/** Maximum size of a JWKS. Some issuers publish many keys with their certificates. */
const MAX_JWKS_BYTES = 1_000_000;
/** Maximum number of keys with one key id that are tried, since anonymous requests cause the tries. */
const MAX_KEYS_PER_ID = 8;
/** The private members of JWKs (RFC 7518, sections 6.2 to 6.4; RFC 8037). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** The usable keys of a JWKS. */
export interface Jwks {
  find: JWTVerifyGetKey;
  /** The key ids of the JWKS, those of unusable keys included. */
  keyIds: ReadonlySet<unknown>;
  /** The second in which the JWKS was generated, by the clock that is behind, the endpoint's or this one: Unix time. */
  generatedAt: number;
}

/**
 * Fetches a JWKS, and measures it. Keys that are not public keys for signatures are ignored. A response without any
 * usable key is an error: as a JWKS it would reject every token.
 * @throws {FetchError | TimeLimitError}
 */
export async function fetchJwks(url: string, observe?: ObserveRequest): Promise<Jwks> {
  return withTimeLimit(
    FETCH_TIMEOUT_MS,
    observed((signal) => fetchWithin(url, signal), observe),
  );
}

async function fetchWithin(url: string, signal: AbortSignal): Promise<Jwks> {
  const sentAt = unixTime();
  // NOTE: without keys no token is valid, and a fetch that fails is not repeated for two seconds
  const { body, headers } = await fetchJsonResponse(url, { signal, maxBytes: MAX_JWKS_BYTES, keepAlive: false });
  const published = (body as { keys?: unknown } | null)?.keys;
  const members: JWK[] = Array.isArray(published) ? published.filter(isObject) : [];
  const keys = members.filter(isUsable);
  if (keys.length === 0) throw new FetchError('response without public keys', { retryable: false });
  const date = Math.floor(Date.parse(headers.date ?? '') / 1000);
  return {
    find: findAmong(keys),
    keyIds: new Set(members.map(({ kid }) => kid)),
    generatedAt: Number.isNaN(date) ? sentAt : Math.min(date, unixTime()),
  };
}

/** Returns the seconds since 1970, without the fraction. */
export function unixTime(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Returns whether the key can verify signatures. A private key that is published proves nothing, so it is not usable,
 * not even its public part.
 */
function isUsable(jwk: JWK): boolean {
  if (!isForSignatures(jwk) || PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return false;
  try {
    createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function isForSignatures({ alg = '', use = 'sig', key_ops: operations = ['verify'] }: JWK): boolean {
  return typeof alg === 'string' && use === 'sig' && Array.isArray(operations) && operations.includes('verify');
}

/**
 * Returns jose's lookup of keys. Of several keys with the key id of a token, it returns the one that signed the token.
 */
function findAmong(keys: JWK[]): JWTVerifyGetKey {
  const find = createLocalJWKSet({ keys });
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      // NOTE: without a key id there is no reason to prefer one of the keys
      if (!(error instanceof errors.JWKSMultipleMatchingKeys) || header?.kid === undefined) throw error;
      return await findSigningKey(error, token);
    }
  };
}

async function findSigningKey(candidates: errors.JWKSMultipleMatchingKeys, token: FlattenedJWSInput) {
  let tried = 0;
  for await (const key of candidates) {
    if (await hasSigned(key, token)) return key;
    if (++tried === MAX_KEYS_PER_ID) break;
  }
  throw new errors.JWSSignatureVerificationFailed();
}

async function hasSigned(key: CryptoKey, token: FlattenedJWSInput): Promise<boolean> {
  try {
    await flattenedVerify(token, key);
    return true;
  } catch {
    return false;
  }
}
