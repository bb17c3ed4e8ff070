import { jwtVerify } from 'jose';
import { createJwksCache, type JwksHooks } from '../../src/auth/jwks-cache.ts';

export const minutes = 60_000;
export const hours = 60 * minutes;

/** Creates a JWKS cache of `url` with a clock that the test advances. */
export function createKeysWithClock(url: string, hooks: JwksHooks = {}) {
  let now = 0;
  const keys = createJwksCache(url, () => now, hooks);
  return {
    age: keys.age,
    keepFresh: keys.keepFresh,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    /** Returns the subject of a token with a valid signature, or else the error code. */
    async verify(token: string): Promise<unknown> {
      try {
        return (await jwtVerify(token, keys.find)).payload.sub;
      } catch (error) {
        return (error as { code: string }).code;
      }
    },
  };
}
