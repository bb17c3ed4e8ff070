import { AppError } from '../errors.ts';
import { createRemoteKeys } from './key-set.ts';
import { createTokenVerifier, type VerifyToken } from './verify-token.ts';
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
  const remote =
    'jwksUrl' in options.keys ? createRemoteKeys(options.keys.jwksUrl, () => performance.now()) : undefined;
  const key = 'secret' in options.keys ? Buffer.from(options.keys.secret) : undefined;
  const verify: VerifyToken = createTokenVerifier({ ...options, key: remote?.find ?? (key as Uint8Array) }, now);
  return {
    async viewerOf(authorization) {
      const bearer = BEARER.exec(authorization ?? '');
      if (bearer === null) return null;
      const token = bearer[1]?.trim() ?? '';
      if (!TOKEN.test(token)) throw new AppError('UNAUTHENTICATED', 'Could not validate credentials');
      return verify(token);
    },
    warm: async () => remote?.warm(),
  };
}
