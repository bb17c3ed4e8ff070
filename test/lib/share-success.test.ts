import { describe, expect, it } from 'vitest';
import { shareSuccess } from '../../src/lib/share-success.ts';

describe('a shared result', () => {
  it('is created once for all calls, and again only after a failure', async () => {
    const outcomes = [() => Promise.reject(new Error('first')), () => Promise.resolve('page')];
    let calls = 0;
    const page = shareSuccess(() => (outcomes[calls++] ?? outcomes[0])?.() as Promise<string>);
    const failed = [page(), page()];
    for (const result of failed) await expect(result).rejects.toThrow('first');
    expect(await Promise.all([page(), page()])).toEqual(['page', 'page']);
    expect([await page(), calls]).toEqual(['page', 2]);
  });
});
