import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const CODE_BLOCK = /^```ts (\S+)\n(.*?)^```$/gms;
const text = await readFile('docs/CLIENTS.md', 'utf8');
const blocks = Array.from(text.matchAll(CODE_BLOCK), ([, path = '', code = '']) => ({ path, code }));

describe('docs/CLIENTS.md', () => {
  it.each(blocks)('has the code that the tests run: $path', async ({ path, code }) => {
    expect(code).toBe(await readFile(path, 'utf8'));
  });

  it('has the code of both libraries', () => {
    expect(blocks.map(({ path }) => path)).toEqual([
      'test/clients/apollo-cache.ts',
      'test/clients/apollo-client.ts',
      'test/clients/apollo-retry.ts',
      'test/clients/urql-cache.ts',
    ]);
  });
});
