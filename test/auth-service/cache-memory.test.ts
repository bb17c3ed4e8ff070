import { describe, expect, it } from '../support/fixtures.ts';
import { collectGarbage } from '../support/garbage-collection.ts';
import { createClient } from './client.ts';

const LOOKUPS = 300;
const DOCUMENT_CHARACTERS = 100_000;

describe('the cache of users', () => {
  it('keeps ids, and not the documents of which they were a part', async ({ auth }) => {
    const client = createClient(auth, 'graphql');
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < LOOKUPS; n++) {
      const document = JSON.parse(JSON.stringify(`{ learner(id: "unknown-user-${n}") }`.padEnd(DOCUMENT_CHARACTERS)));
      const id: string = document.slice(document.indexOf('"') + 1, document.lastIndexOf('"'));
      expect((await client.usersByIds([id])).get(id)).toBeNull();
    }
    collectGarbage();
    const kept = process.memoryUsage().heapUsed - before;
    expect(kept).toBeLessThan((LOOKUPS * DOCUMENT_CHARACTERS) / 2);
  });
});
