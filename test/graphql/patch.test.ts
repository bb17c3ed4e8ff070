import { createHash, Hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

describe('the patched @apollo/utils.createhash of Apollo Server', () => {
  const requireFromApolloServer = createRequire(createRequire(import.meta.url).resolve('@apollo/server'));
  const patched = requireFromApolloServer('@apollo/utils.createhash') as { createHash: typeof createHash };

  it('hashes without a Hash object', () => {
    expect(patched.createHash('sha256')).not.toBeInstanceOf(Hash);
  });

  it('returns the same digests as node:crypto', () => {
    for (const text of ['', '{ viewer { id } }', 'é \u{1f600}', 'x'.repeat(100_000)]) {
      const digest = createHash('sha256').update(text).digest('hex');
      expect(patched.createHash('sha256').update(text).digest('hex')).toBe(digest);
    }
  });
});
