import { AppError } from '../errors.ts';
import { createRemoteKeys } from './key-set.ts';
import { createTokenVerifier, type TokenRules, type VerifyToken } from './verify-token.ts';
import type { Viewer } from './viewer.ts';

export interface AuthenticatorOptions {
  issuer: string;
  audience: string;
  keys: { jwksUrl: string } | { secret: string };
  algorithms: readonly string[];
  maxAgeSeconds: number;
}

export interface Authenticator {
  /**
   * The caller that an `Authorization` header speaks for; null without one, or with another scheme than Bearer.
   * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
   */
  viewerOf(authorization: string | undefined): Promise<Viewer | null>;
  /** Fetches what the first verification needs. */
  warm(): Promise<void>;
}

const BEARER = /^Bearer(?:\s+(.*))?$/i;
/** RFC 6750, 2.1. jose itself lets spaces through within a token. */
const TOKEN = /^[\w.~+/-]+=*$/;

/** @param now the wall clock */
export function createAuthenticator(options: AuthenticatorOptions, now: () => Date): Authenticator {
  const { key, warm } = openKeys(options.keys);
  const verify: VerifyToken = createTokenVerifier({ ...options, key }, now);
  return {
    async viewerOf(authorization) {
      const bearer = BEARER.exec(authorization ?? '');
      if (bearer === null) return null;
      const token = bearer[1]?.trim() ?? '';
      if (!TOKEN.test(token)) throw new AppError('UNAUTHENTICATED', 'Could not validate credentials');
      return verify(token);
    },
    warm,
  };
}

function openKeys(keys: AuthenticatorOptions['keys']): { key: TokenRules['key']; warm: () => Promise<void> } {
  if ('secret' in keys) return { key: Buffer.from(keys.secret), warm: async () => {} };
  const remote = createRemoteKeys(keys.jwksUrl, () => performance.now());
  return { key: remote.find, warm: remote.warm };
}
