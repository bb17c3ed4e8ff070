import { openDatabase } from '../../src/db/client.ts';
import { preparedQuery } from '../../src/db/query/prepared-query.ts';
import { badges } from '../../src/db/schema/badges.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { longLivedBytesOf } from '../support/garbage-collection.ts';

const LIMIT = 800;

const run = preparedQuery({ id: badges.id, name: badges.name }, () => ({
  toSQL: () => ({ sql: `select n, 'Badge ' || n from generate_series($1, 10) as n`, params: [1] }),
}));

describe('the garbage of a prepared query', () => {
  // The unpatched driver retains all objects of a query until a major collection.
  it('is freed by minor collections', async ({ db, onTestFinished }) => {
    const database = openDatabase({ url: db.url, poolSize: 1 });
    onTestFinished(() => database.close(1));
    expect(await longLivedBytesOf(() => run(database.db, {}), LIMIT)).toBeLessThan(LIMIT);
  });
});
