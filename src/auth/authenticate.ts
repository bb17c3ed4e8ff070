import { AppError } from '../errors.ts';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import { createJwksCache } from './jwks-cache.ts';
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
   * Returns the viewer of an `Authorization` header; null for a header that is missing or empty.
   * @throws UNAUTHENTICATED, also for schemes other than Bearer; AUTH_SERVICE_UNAVAILABLE, SERVICE_UNAVAILABLE
   */
  viewerOf(authorization: string | undefined, excludeWait: ExcludeWait): Promise<Viewer | null>;
  /** Fetches the keys before the first verification needs them. */
  warmUp(): Promise<void>;
}

const BEARER = /^Bearer(?:\s+(.*))?$/i;
/** Contains no characters that the challenge of RFC 6750, section 3 would have to escape. */
const WRONG_SCHEME = 'The Authorization header must have the scheme Bearer and a token';
/** The token syntax of RFC 6750, section 2.1. jose accepts spaces within a token. */
const TOKEN = /^[\w.~+/-]+=*$/;

/**
 * Creates the authenticator of bearer tokens.
 * @param now the wall clock
 */
export function createAuthenticator(options: AuthenticatorOptions, now: () => Date): Authenticator {
  const { key, warmUp } = createKeySource(options.keys);
  const verify: VerifyToken = createTokenVerifier({ ...options, key }, now);
  return {
    async viewerOf(authorization, excludeWait) {
      if (authorization === undefined || authorization.trim() === '') return null;
      const bearer = BEARER.exec(authorization);
      if (bearer === null) throw new AppError('UNAUTHENTICATED', 'Not authenticated', { graphqlMessage: WRONG_SCHEME });
      const token = bearer[1]?.trim() ?? '';
      if (!TOKEN.test(token)) throw new AppError('UNAUTHENTICATED', 'Could not validate credentials');
      return verify(token, excludeWait);
    },
    warmUp,
  };
}

function createKeySource(keys: AuthenticatorOptions['keys']): Pick<Authenticator, 'warmUp'> & Pick<TokenRules, 'key'> {
  if ('secret' in keys) return { key: Buffer.from(keys.secret), warmUp: async () => {} };
  const cache = createJwksCache(keys.jwksUrl, () => performance.now());
  return { key: cache.find, warmUp: cache.warmUp };
}
