import { AppError } from '../errors.ts';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import { createJwksCache, type JwksHooks } from './jwks-cache.ts';
import { type RejectionReason, rejectionReasonOf } from './rejection-reason.ts';
import { createTokenVerifier, type TokenRules, type VerifyToken } from './verify-token.ts';
import type { Viewer } from './viewer.ts';

export interface AuthenticatorOptions {
  issuer: string;
  audience: string;
  /** The URL of a JWKS or a shared secret, never both. */
  keys: { jwksUrl: string } | { secret: string };
  algorithms: readonly string[];
  maxAgeSeconds: number;
}

interface Authenticator {
  /**
   * Returns the viewer of an `Authorization` header; null for a header that is missing or empty. `onRejected` gets the
   * reason of UNAUTHENTICATED, which the error does not tell the client.
   * @throws UNAUTHENTICATED, also for schemes other than Bearer; AUTH_SERVICE_UNAVAILABLE, SERVICE_UNAVAILABLE
   */
  viewerOf(
    authorization: string | undefined,
    excludeWait: ExcludeWait,
    onRejected?: (reason: RejectionReason) => void,
  ): Promise<Viewer | null>;
  /**
   * Fetches the keys before the first verification needs them, and refreshes them until the returned function is
   * called.
   */
  keepKeysFresh(): () => void;
}

interface AuthenticatorHooks extends JwksHooks {
  /** Called once if there is a JWKS, with a function that returns the age of its keys. */
  exportKeyAge?: (readSeconds: () => number) => void;
}

const BEARER = /^Bearer(?:\s+(.*))?$/i;
/** Contains no characters that the challenge of RFC 6750, section 3 would have to escape. */
const WRONG_SCHEME = 'The Authorization header must have the scheme Bearer and a token';

/**
 * Creates the authenticator of bearer tokens.
 * @param now the wall clock
 */
export function createAuthenticator(
  options: AuthenticatorOptions,
  now: () => Date,
  hooks: AuthenticatorHooks = {},
): Authenticator {
  const { key, keepKeysFresh } = createKeySource(options.keys, hooks);
  const verify: VerifyToken = createTokenVerifier({ ...options, key }, now);
  return {
    async viewerOf(authorization = '', excludeWait, onRejected = () => {}) {
      if (authorization.trim() === '') return null;
      const bearer = BEARER.exec(authorization);
      if (bearer === null) {
        onRejected('scheme');
        throw new AppError('UNAUTHENTICATED', 'Not authenticated', { graphqlMessage: WRONG_SCHEME });
      }
      try {
        return await verify(bearer[1]?.trim() ?? '', excludeWait);
      } catch (error) {
        if (error instanceof AppError) throw error;
        onRejected(rejectionReasonOf(error));
        throw new AppError('UNAUTHENTICATED', 'Could not validate credentials', { cause: error });
      }
    },
    keepKeysFresh,
  };
}

type KeySource = Pick<Authenticator, 'keepKeysFresh'> & Pick<TokenRules, 'key'>;

function createKeySource(keys: AuthenticatorOptions['keys'], hooks: AuthenticatorHooks): KeySource {
  if ('secret' in keys) return { key: Buffer.from(keys.secret), keepKeysFresh: () => () => {} };
  const { find, age, keepFresh } = createJwksCache(keys.jwksUrl, () => performance.now(), hooks);
  hooks.exportKeyAge?.(() => age() / 1000);
  return { key: find, keepKeysFresh: keepFresh };
}
