import { createHash, Hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

describe('patches/ are applied to what Apollo Server hashes a query with: it', () => {
  const ofApolloServer = createRequire(createRequire(import.meta.url).resolve('@apollo/server'));
  const patched = ofApolloServer('@apollo/utils.createhash') as { createHash: typeof createHash };

  it('hashes in one call, without an object for it', () => {
    expect(patched.createHash('sha256')).not.toBeInstanceOf(Hash);
  });

  it('gives the same digests', () => {
    for (const text of ['', '{ viewer { id } }', 'é \u{1f600}', 'x'.repeat(100_000)]) {
      const digest = createHash('sha256').update(text).digest('hex');
      expect(patched.createHash('sha256').update(text).digest('hex')).toBe(digest);
    }
  });
});
