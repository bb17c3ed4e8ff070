import { jwtVerify } from 'jose';
import { createJwksCache } from '../../src/auth/jwks-cache.ts';

export const minutes = 60_000;
export const hours = 60 * minutes;

/** Keys of this address on a clock that the test moves: what happens within a day is told in milliseconds. */
export function keysOnClock(url: string) {
  let now = 0;
  const keys = createJwksCache(url, () => now);
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** The subject of a token whose signature is good, else the code of the error. */
    async verify(token: string): Promise<unknown> {
      try {
        return (await jwtVerify(token, keys.find)).payload.sub;
      } catch (error) {
        return (error as { code: string }).code;
      }
    },
  };
}
