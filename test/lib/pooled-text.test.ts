import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PooledText } from '../../src/lib/pooled-text.ts';

const MEGABYTE = 1024 * 1024;

function bytesOf(text: PooledText): Buffer {
  return Buffer.concat([...text.pieces()]);
}

describe('a pooled text', () => {
  it('has the bytes of the text in UTF-8, for all characters and all ends of chunks', () => {
    const unit = fc.constantFrom('x', 'é', '\u1100', '\u{1f600}', '\ud800', '\udc00');
    const texts = fc.tuple(fc.array(unit, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 300_000 }), unit);
    fc.assert(
      fc.property(texts, ([units, repetitions, last]) => {
        const text =
          units
            .join('')
            .repeat(repetitions)
            .slice(0, 3 * MEGABYTE) + last;
        const pooled = new PooledText(text);
        const expected = Buffer.from(text);
        expect(pooled.byteLength).toBe(expected.length);
        expect(bytesOf(pooled).equals(expected)).toBe(true);
        pooled.release();
      }),
      { numRuns: 100 },
    );
  });

  it('has its own memory until it is released, which later texts then use', () => {
    const before = process.memoryUsage().arrayBuffers;
    const first = new PooledText('a'.repeat(8 * MEGABYTE));
    for (let n = 0; n < 50; n++) {
      const other = new PooledText(String(n % 10).repeat(8 * MEGABYTE));
      expect([...other.pieces()].at(-1)?.subarray(-3).toString()).toBe(String(n % 10).repeat(3));
      other.release();
    }
    expect([...first.pieces()].every((piece) => piece.every((byte) => byte === 0x61))).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * MEGABYTE);
    first.release();
    first.release();
    const [one, two] = [new PooledText('b'.repeat(4 * MEGABYTE)), new PooledText('c'.repeat(4 * MEGABYTE))];
    expect(bytesOf(one).every((byte) => byte === 0x62)).toBe(true);
    expect(bytesOf(two).every((byte) => byte === 0x63)).toBe(true);
  });
});
