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
  /** The oldest that a token with an `iat` may be. */
  maxAgeSeconds: number;
  /** The key of a token, or the one secret of all. */
  key: JWTVerifyGetKey | Uint8Array;
}

/**
 * Who a bearer token speaks for.
 * @throws UNAUTHENTICATED when the token is not good, AUTH_SERVICE_UNAVAILABLE when that cannot be known
 */
export type VerifyToken = (token: string) => Promise<Viewer>;

const LEEWAY_SECONDS = 5;
const REMEMBERED_MS = 60_000;
const REMEMBERED_TOKENS = 10_000;

/** What a good token says: whom it speaks for, and until when at the latest. */
interface Claims {
  sub: string;
  endsAtMs: number;
}

/**
 * A good token is remembered by its digest, so that its signature is checked once a minute and not at every request.
 * @param now the wall clock: tokens are dated by it
 */
export function createTokenVerifier(rules: TokenRules, now: () => Date): VerifyToken {
  const remembered = new LRUCache<string, { viewer: Viewer; checkedAtMs: number; endsAtMs: number }>({
    max: REMEMBERED_TOKENS,
  });

  return async (token) => {
    const digest = hash('sha256', token, 'base64');
    const known = remembered.get(digest);
    const nowMs = now().getTime();
    if (known !== undefined && isFresh(known, nowMs)) return known.viewer;
    const { sub, endsAtMs } = await check(token, rules, new Date(nowMs));
    const viewer = { id: sub, token };
    remembered.set(digest, { viewer, checkedAtMs: nowMs, endsAtMs });
    return viewer;
  };
}

/** Also no longer when the clock has jumped back. */
function isFresh({ checkedAtMs, endsAtMs }: { checkedAtMs: number; endsAtMs: number }, nowMs: number): boolean {
  return Math.abs(nowMs - checkedAtMs) < REMEMBERED_MS && nowMs < endsAtMs;
}

async function check(token: string, rules: TokenRules, now: Date): Promise<Claims> {
  try {
    const { payload } = await verifySignature(token, rules, now);
    return readClaims(payload, rules.maxAgeSeconds, now);
  } catch (error) {
    if (error instanceof AppError) throw error;
    // NOTE: jose throws a plain TypeError for keys that are too weak, so every failure counts, not its own kinds alone
    throw new AppError('UNAUTHENTICATED', 'Could not validate credentials', { cause: error });
  }
}

function verifySignature(token: string, { key, issuer, audience, algorithms }: TokenRules, now: Date) {
  const options = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: LEEWAY_SECONDS,
    currentDate: now,
    requiredClaims: ['exp', 'sub'],
  };
  return typeof key === 'function' ? jwtVerify(token, key, options) : jwtVerify(token, key, options);
}

/** What jose leaves unchecked: that `sub` is an id, and that `iat`, where there is one, is neither old nor in the future. */
function readClaims(payload: JWTPayload, maxAgeSeconds: number, now: Date): Claims {
  const { sub, exp, iat } = payload;
  if (!isUserId(sub)) throw new errors.JWTClaimValidationFailed('not the id of a person', payload, 'sub');
  if (exp === undefined) throw new errors.JWTClaimValidationFailed('missing', payload, 'exp');
  const age = iat === undefined ? 0 : now.getTime() / 1000 - iat;
  if (age < -LEEWAY_SECONDS || age > maxAgeSeconds + LEEWAY_SECONDS) {
    throw new errors.JWTClaimValidationFailed('too old, or from the future', payload, 'iat');
  }
  return { sub, endsAtMs: Math.min(exp, (iat ?? exp) + maxAgeSeconds) * 1000 };
}
