import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { isUserId } from '../lib/user-id.ts';
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
 * @throws UNAUTHENTICATED when the token is invalid, AUTH_SERVICE_UNAVAILABLE when the keys cannot be fetched
 */
export type VerifyToken = (token: string) => Promise<Viewer>;

/** Tolerated difference between the clocks of issuer and service. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** How long a verified token is cached, so that a withdrawn key stops working within a minute. */
const CACHE_TTL_MS = 60_000;
const MAX_CACHED_TOKENS = 10_000;

interface Claims {
  sub: string;
  expiresAtMs: number;
}

/**
 * Creates a verifier that caches verified tokens by their digest.
 * @param now the wall clock, by which tokens are dated
 */
export function createTokenVerifier(rules: TokenRules, now: () => Date): VerifyToken {
  const cache = new LRUCache<string, { viewer: Viewer; verifiedAtMs: number; expiresAtMs: number }>({
    max: MAX_CACHED_TOKENS,
  });

  return async (token) => {
    const digest = hash('sha256', token, 'base64');
    const cached = cache.get(digest);
    const nowMs = now().getTime();
    if (cached !== undefined && isFresh(cached, nowMs)) return cached.viewer;
    const { sub, expiresAtMs } = await verify(token, rules, new Date(nowMs));
    const viewer = { id: sub, token };
    cache.set(digest, { viewer, verifiedAtMs: nowMs, expiresAtMs });
    return viewer;
  };
}

/** An entry is not fresh either when the clock was set back by more than the TTL. */
function isFresh({ verifiedAtMs, expiresAtMs }: { verifiedAtMs: number; expiresAtMs: number }, nowMs: number): boolean {
  return Math.abs(nowMs - verifiedAtMs) < CACHE_TTL_MS && nowMs < expiresAtMs;
}

async function verify(token: string, rules: TokenRules, now: Date): Promise<Claims> {
  try {
    const { payload } = await verifySignature(token, rules, now);
    return readClaims(payload, rules.maxAgeSeconds, now);
  } catch (error) {
    if (error instanceof AppError) throw error;
    // NOTE: jose throws a TypeError, not a JOSEError, for keys that are too weak
    throw new AppError('UNAUTHENTICATED', 'Could not validate credentials', { cause: error });
  }
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

/** Checks the claims that jose does not: `sub` is a user id, and `iat`, if present, is neither too old nor in the future. */
function readClaims(payload: JWTPayload, maxAgeSeconds: number, now: Date): Claims {
  const { sub, exp, iat } = payload;
  if (!isUserId(sub)) throw new errors.JWTClaimValidationFailed('sub is not a user id', payload, 'sub');
  if (exp === undefined) throw new errors.JWTClaimValidationFailed('exp is missing', payload, 'exp');
  const age = iat === undefined ? 0 : now.getTime() / 1000 - iat;
  if (age < -CLOCK_TOLERANCE_SECONDS || age > maxAgeSeconds + CLOCK_TOLERANCE_SECONDS) {
    throw new errors.JWTClaimValidationFailed('iat is too old or in the future', payload, 'iat');
  }
  return { sub, expiresAtMs: Math.min(exp, (iat ?? exp) + maxAgeSeconds) * 1000 };
}
