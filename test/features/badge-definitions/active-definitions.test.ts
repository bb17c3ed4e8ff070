import { type Db, openDatabase } from '../../../src/db/client.ts';
import { inTransaction } from '../../../src/db/transaction.ts';
import { activeDefinitions } from '../../../src/features/badge-definitions/active-definitions.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { badge, it as base, count, streak } from './definitions.ts';

async function findRevision(tx: Db): Promise<number> {
  const [row] = await tx.execute('select revision from badge_definition_revision');
  return Number(row?.revision);
}

/**
 * Opens a pool, with functions that use the definitions as a replica does: in a transaction that has read the revision.
 */
const it = base.extend('openReplica', async ({ db }, { onCleanup }) => {
  const opened: ReturnType<typeof openDatabase>[] = [];
  onCleanup(async () => {
    for (const database of opened) await database.close(1);
  });
  return (poolSize = 3) => {
    const statements: string[] = [];
    const database = openDatabase({ url: db.url, poolSize, onQuery: (sql) => void statements.push(sql) });
    opened.push(database);
    const pool = database.db;
    const active = () => inTransaction(pool, async (tx) => activeDefinitions(pool, await findRevision(tx), tx));
    const loads = () => statements.filter((sql) => sql.includes('badge_definition_versions')).length;
    return { pool, active, loads };
  };
});

describe('the active definitions in memory', () => {
  it('are loaded once, and again after each change that a service has acknowledged', async ({
    openReplica,
    manager,
    define,
  }) => {
    const replicas = [openReplica(), openReplica()];
    const { key } = await define({ rule: streak(1) });
    const nameOnEach = () => Promise.all(replicas.map(async ({ active }) => (await active()).byKey.get(key)?.name));
    const loadsOfEach = () => replicas.map(({ loads }) => loads());
    expect(await nameOnEach()).toEqual([undefined, undefined]);
    for (let round = 1; round <= 5; round++) {
      const name = `Name ${round}`;
      await manager.update({ key, state: 'ACTIVE', name });
      for (let use = 0; use < 3; use++) expect(await nameOnEach()).toEqual([name, name]);
      expect(loadsOfEach()).toEqual([round + 1, round + 1]);
    }
    await manager.update({ key, state: 'LOCKED' });
    expect(await nameOnEach()).toEqual([undefined, undefined]);
  });

  it('are not loaded again after an update that changes nothing, is rejected or concerns a draft', async ({
    openReplica,
    manager,
    define,
  }) => {
    const { active, loads } = openReplica();
    const { key } = await define({ state: 'ACTIVE' });
    await active();
    await manager.update({ key, state: 'ACTIVE' });
    await manager.update({ key, state: 'DRAFT' });
    await manager.create({ key });
    const draft = await define({ state: 'DRAFT' });
    await manager.update({ key: draft.key, name: 'Another name' });
    await active();
    expect(loads()).toBe(1);
  });

  it('are loaded by one query for simultaneous transactions, also when they hold all connections', async ({
    openReplica,
    define,
  }) => {
    const { active, loads } = openReplica(3);
    const { key } = await define({ state: 'ACTIVE' });
    const results = await Promise.all(Array.from({ length: 30 }, () => active()));
    expect(results.every(({ byKey }) => byKey.has(key))).toBe(true);
    expect(loads()).toBe(1);
  });

  it('are loaded by a transaction that holds the only connection, while a query of the pool waits for it', async ({
    openReplica,
    define,
  }) => {
    const { pool } = openReplica(1);
    const { key } = await define({ state: 'ACTIVE' });
    const { loaded, waiting } = await inTransaction(pool, async (tx) => {
      const revision = await findRevision(tx);
      const ofPool = activeDefinitions(pool, revision);
      return { loaded: await activeDefinitions(pool, revision, tx), waiting: [ofPool] };
    });
    expect(loaded.byKey.has(key)).toBe(true);
    expect((await Promise.all(waiting))[0]?.byKey.has(key)).toBe(true);
  });

  it('are loaded by another transaction when the one that loads them fails', async ({ openReplica, define }) => {
    const { pool, active } = openReplica();
    const { key } = await define({ state: 'ACTIVE' });
    const failing = inTransaction(pool, async (tx) => {
      await tx.execute('select 1 / 0').catch(() => undefined);
      return activeDefinitions(pool, Number.MAX_SAFE_INTEGER, tx);
    });
    const [failed, succeeded] = await Promise.allSettled([failing, active()]);
    expect([failed.status, succeeded.status]).toEqual(['rejected', 'fulfilled']);
    expect((await active()).byKey.has(key)).toBe(true);
  });

  it('are loaded again when the revision is lower, as after a failover that has lost changes', async ({
    openReplica,
    define,
    db,
  }) => {
    const { active } = openReplica();
    const { key } = await define({ state: 'ACTIVE' });
    expect((await active()).byKey.has(key)).toBe(true);
    await db.sql`update badge_definitions set state = 'locked' where key = ${key}`;
    await db.sql`update badge_definition_revision set revision = revision - 1`;
    expect((await active()).byKey.has(key)).toBe(false);
  });

  it('are loaded again when another change follows a failover that has lost one', async ({
    openReplica,
    define,
    db,
  }) => {
    const { active } = openReplica();
    await define({ state: 'ACTIVE' });
    const [before] = await db.sql`select revision from badge_definition_revision`;
    const { key: lost } = await define({ state: 'ACTIVE' });
    expect((await active()).byKey.has(lost)).toBe(true);
    await db.sql`delete from badge_definition_versions where key = ${lost}`;
    await db.sql`delete from badge_definitions where key = ${lost}`;
    await db.sql`update badge_definition_revision set revision = ${before?.revision}`;
    const { key: next } = await define({ state: 'ACTIVE' });
    const { byKey } = await active();
    expect([byKey.has(lost), byKey.has(next)]).toEqual([false, true]);
  });

  it('are listed with and without a rule', async ({ openReplica, define, db }) => {
    await db.sql`update badge_definitions set state = 'archived'`;
    await db.sql`update badge_definition_revision set revision = revision + 1`;
    const state = 'ACTIVE';
    const byHand = await define({ state });
    const lessons = await define({ state, rule: { any: [count('lesson.completed'), count('lesson.completed', 9)] } });
    const mixed = await define({
      state,
      rule: { all: [count('lesson.completed'), { sum: { verb: 'practice', gte: 5 } }, streak(3)] },
    });
    const chained = await define({ state, rule: { any: [badge(lessons.key), { goalsCompleted: { gte: 1 } }] } });
    await define({ rule: count('practice') });
    const { byKey, ruled } = await openReplica().active();
    const keys = (definitions: readonly { key: string }[] = []) => definitions.map(({ key }) => key);
    expect([...byKey.keys()]).toEqual(keys([byHand, lessons, mixed, chained]));
    expect(keys(ruled)).toEqual(keys([lessons, mixed, chained]));
  });

  it('are none in a database without definitions', async ({ openReplica, db }) => {
    await db.sql`delete from badge_definition_versions`;
    await db.sql`delete from badge_definitions`;
    await db.sql`update badge_definition_revision set revision = revision + 1`;
    expect((await openReplica().active()).byKey.size).toBe(0);
  });

  it('fail a change of tracked data, instead of a repetition without end, when the revision is lost', async ({
    db,
    service,
    createUser,
  }) => {
    const { token } = await createUser();
    const [kept] = await db.sql`delete from badge_definition_revision returning *`;
    try {
      service.statements.clear();
      const input = { eventId: crypto.randomUUID(), verb: 'practice' };
      const { errors } = await service.graphql(
        'mutation($input: RecordActivityInput!) { recordActivity(input: $input) { replayed } }',
        { input },
        { token },
      );
      expect(errors?.[0].extensions.code).toBe('INTERNAL');
      expect(service.statements.length).toBeLessThan(4);
    } finally {
      await db.sql`insert into badge_definition_revision ${db.sql(kept as object)}`;
    }
  });
});
