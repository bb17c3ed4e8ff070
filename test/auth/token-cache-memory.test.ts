import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../src/auth/verify-token.ts';
import { collectGarbage } from '../support/garbage-collection.ts';

const TOKENS = 4000;
const CLAIM_CHARACTERS = 9000;
/** Of the entries, whose limit is 16 MB, and of the code that runs for the first time. */
const MAX_BYTES = 24_000_000;

describe('the cache of verified tokens', () => {
  it('is bounded by the memory of the tokens', async () => {
    const key = Buffer.from('a shared secret of at least 32 bytes');
    const rules = { issuer: 'issuer', audience: 'audience', algorithms: ['HS256'], maxAgeSeconds: 3600, key };
    const verify = createTokenVerifier(rules, () => new Date());
    const claims = { groups: 'x'.repeat(CLAIM_CHARACTERS) };
    const sign = (id: string) =>
      new SignJWT({ ...claims, sub: id, iss: 'issuer', aud: 'audience' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(key);
    const verifyNext = async (id: string) => {
      // A flat text, as the headers of a request are.
      const token = Buffer.from(await sign(id)).toString();
      expect((await verify(token, (lookup) => lookup())).id).toBe(id);
      return token.length;
    };
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    let bytes = 0;
    for (let n = 0; n < TOKENS; n++) bytes += await verifyNext(`user-${n}`);
    collectGarbage();
    expect(bytes).toBeGreaterThan(2 * MAX_BYTES);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(MAX_BYTES);
  });
});
