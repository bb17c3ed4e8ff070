import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openDatabase } from '../../src/db/client.ts';
import { preparedQuery } from '../../src/db/query/prepared-query.ts';
import { badges } from '../../src/db/schema/badges.ts';
import { describe, expect, it } from '../support/fixtures.ts';

setFlagsFromString('--expose-gc');
const collect: (options: { type: 'minor' | 'major' }) => void = runInNewContext('gc');

const TIMES = 2000;

const run = preparedQuery({ id: badges.id, name: badges.name }, () => ({
  toSQL: () => ({ sql: `select n, 'Badge ' || n from generate_series($1, 10) as n`, params: [1] }),
}));

function longLivedBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? 0;
}

describe('the garbage of a prepared query', () => {
  // The unpatched driver retains all objects of a query until a major collection.
  it('is freed by minor collections', async ({ db, onTestFinished }) => {
    const database = openDatabase({ url: db.url, poolSize: 1 });
    onTestFinished(() => database.close(1));
    const runOften = async () => {
      for (let i = 0; i < TIMES; i++) {
        await run(database.db, {});
        if (i % 100 === 0) collect({ type: 'minor' });
      }
      collect({ type: 'minor' });
    };
    await runOften();
    collect({ type: 'major' });
    const before = longLivedBytes();
    await runOften();
    expect((longLivedBytes() - before) / TIMES).toBeLessThan(800);
  });
});
