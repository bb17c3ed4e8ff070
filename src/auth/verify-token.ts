import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import { isUserId } from '../lib/user-id.ts';
import { readScopes } from './scopes.ts';
import type { Viewer } from './viewer.ts';

export interface TokenRules {
  issuer: string;
  audience: string;
  algorithms: readonly string[];
  /** Maximum age of a token that has an `iat`. */
  maxAgeSeconds: number;
  /** The JWKS lookup, or the shared secret. */
  key: JWTVerifyGetKey | Uint8Array;
}

/**
 * Returns the viewer of a bearer token.
 * @throws AUTH_SERVICE_UNAVAILABLE or SERVICE_UNAVAILABLE when its key cannot be fetched, any other error when the
 * token is invalid. jose throws a TypeError, not a JOSEError, for keys that are too weak
 */
export type VerifyToken = (token: string, excludeWait: ExcludeWait) => Promise<Viewer>;

/** The token syntax of RFC 6750, section 2.1. jose accepts spaces within a token. */
const TOKEN = /^[\w.~+/-]+=*$/;
/** Tolerated difference between the clocks of issuer and service. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** How long a verified token is cached. It is accepted for this time although its key is no longer in the JWKS. */
const CACHE_TTL_MS = 60_000;
/** Maximum of cached tokens, and of their memory in bytes: a client can have long tokens. */
const MAX_CACHED_TOKENS = 10_000;
const MAX_CACHED_BYTES = 16 * 1024 * 1024;
/** Memory of a cached token besides its characters, each of which is a byte. */
const BYTES_PER_TOKEN = 400;

/** Maximum length of a `zoneinfo`: more than the longest name of a time zone. */
const MAX_ZONEINFO_LENGTH = 64;

interface VerifiedToken {
  viewer: Viewer;
  expiresAtMs: number;
}

/**
 * Creates a verifier that caches verified tokens by their digest.
 * @param now the wall clock, by which tokens are dated
 */
export function createTokenVerifier(rules: TokenRules, now: () => Date): VerifyToken {
  const cache = new LRUCache<string, VerifiedToken & { verifiedAtMs: number }>({
    max: MAX_CACHED_TOKENS,
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ viewer }) => viewer.token.length + BYTES_PER_TOKEN,
  });

  return async (token, excludeWait) => {
    if (!TOKEN.test(token)) throw new errors.JWSInvalid('invalid characters');
    const digest = hash('sha256', token, 'base64');
    const cached = cache.get(digest);
    const nowMs = now().getTime();
    if (cached !== undefined && isFresh(cached, nowMs)) return cached.viewer;
    const verified = await verify(token, excludeLookup(rules, excludeWait), new Date(nowMs));
    cache.set(digest, { ...verified, verifiedAtMs: nowMs });
    return verified.viewer;
  };
}

/** Returns whether an entry may be used. It is not fresh either when the clock was set back by more than the TTL. */
function isFresh({ verifiedAtMs, expiresAtMs }: { verifiedAtMs: number; expiresAtMs: number }, nowMs: number): boolean {
  return Math.abs(nowMs - verifiedAtMs) < CACHE_TTL_MS && nowMs < expiresAtMs;
}

/**
 * Excludes the lookup of the key, which may wait for the JWKS. The verification of the signature is work of this
 * service.
 */
function excludeLookup(rules: TokenRules, excludeWait: ExcludeWait): TokenRules {
  const { key } = rules;
  if (typeof key !== 'function') return rules;
  return { ...rules, key: (header, token) => excludeWait(async () => key(header, token)) };
}

async function verify(token: string, rules: TokenRules, now: Date): Promise<VerifiedToken> {
  const { payload } = await verifySignature(token, rules, now);
  const { sub, expiresAtMs } = readClaims(payload, rules.maxAgeSeconds, now);
  const viewer = { id: sub, token, scopes: readScopes(payload), zoneinfo: readZoneinfo(payload) };
  return { viewer, expiresAtMs };
}

function verifySignature(token: string, { key, issuer, audience, algorithms }: TokenRules, now: Date) {
  const options = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: now,
    requiredClaims: ['exp', 'sub'],
  };
  return typeof key === 'function' ? jwtVerify(token, key, options) : jwtVerify(token, key, options);
}

/**
 * Checks the claims that jose does not: `sub` is a user id, and `iat`, if present, is neither too old nor in the
 * future.
 */
function readClaims(payload: JWTPayload, maxAgeSeconds: number, now: Date) {
  const { sub, exp, iat } = payload;
  if (!isUserId(sub)) throw new errors.JWTClaimValidationFailed('sub is not a user id', payload, 'sub');
  if (exp === undefined) throw new errors.JWTClaimValidationFailed('exp is missing', payload, 'exp');
  const age = iat === undefined ? 0 : now.getTime() / 1000 - iat;
  if (age < -CLOCK_TOLERANCE_SECONDS || age > maxAgeSeconds + CLOCK_TOLERANCE_SECONDS) {
    throw new errors.JWTClaimValidationFailed('iat is too old or in the future', payload, 'iat');
  }
  return { sub, expiresAtMs: Math.min(exp, (iat ?? exp) + maxAgeSeconds) * 1000 };
}

function readZoneinfo({ zoneinfo }: JWTPayload): string | undefined {
  return typeof zoneinfo === 'string' && zoneinfo.length <= MAX_ZONEINFO_LENGTH ? zoneinfo : undefined;
}
