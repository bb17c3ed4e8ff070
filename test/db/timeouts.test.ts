import { sql as text } from 'drizzle-orm';
import { openDatabase } from '../../src/db/client.ts';
import { toDatabaseAppError } from '../../src/db/errors.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import type { Service } from '../support/app.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';
import { countWaiting } from '../support/waiting.ts';
import { createFailureTrigger } from './failure-trigger.ts';
import { expectCompletePool, expectUnavailable, timed } from './pool.ts';

/** `small` is a service with two connections. */
const it = base
  .extend('failureTrigger', { scope: 'file', auto: true }, ({ db }) => createFailureTrigger(db.sql))
  .extend('small', ({ serve }) => serve({ DATABASE_POOL_SIZE: '2' }));

const noUser = { id: '', token: '' };

const write = (service: Service, { id, token }: { id: string; token: string }, name = 'First steps') =>
  service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name }) });

const times = <Result>(count: number, act: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

describe('a pool whose connections are all in use', () => {
  it('by blocked transactions causes 503 within 2 s, and the process stays live and ready', async ({
    small,
    db,
    createUser,
  }) => {
    const users = await times(30, () => createUser());
    await times(30, (i) => write(small, users[i] ?? noUser));
    const before = await db.snapshot();
    const answers = await db.sql.begin(async (tx) => {
      await tx`lock table badges in exclusive mode`;
      const writes = times(30, (i) => timed(() => write(small, users[i] ?? noUser)));
      expect(await small.rest('/health/live')).toMatchObject({ status: 200 });
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
      expect(await small.rest('/health/ready')).toMatchObject({ status: 200 });
      return writes;
    });
    for (const { result } of answers) expectUnavailable(result);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2000 + BUSY_MACHINE_MS);
    expect(await db.snapshot()).toEqual(before);
    await expectCompletePool(small, db.sql, 2);
  });

  it('by transactions that complete serves a burst from its queue', async ({ serve, db, createUser }) => {
    const ada = await createUser();
    const longTimeout = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '2' });
    const { ms, result } = await timed(() => times(12, () => write(longTimeout, ada, 'sleep 0.06')));
    expect(result.map(({ status }) => status)).toEqual(result.map(() => 200));
    expect(ms).toBeGreaterThan(700);
  });
});

describe('a statement', () => {
  it('that exceeds statement_timeout is cancelled and causes 503', async ({ small, db, createUser }) => {
    const before = await db.snapshot();
    const { ms, result } = await timed(async () => write(small, await createUser(), 'sleep 5'));
    expectUnavailable(result);
    expect(ms).toBeGreaterThan(1400);
    expect(ms).toBeLessThan(1500 + BUSY_MACHINE_MS);
    expect(await db.snapshot()).toEqual(before);
    await expectCompletePool(small, db.sql, 2);
  });

  it('that waits for a row lock is cancelled after 0.5 s and causes 503', async ({ small, db, createUser }) => {
    const ada = await createUser();
    await write(small, ada);
    const { ms, result } = await db.sql.begin(async (tx) => {
      await tx`select id from auth_users where id = ${ada.id} for update`;
      return timed(() => write(small, ada));
    });
    expectUnavailable(result);
    expect(ms).toBeGreaterThan(450);
    expect(ms).toBeLessThan(500 + BUSY_MACHINE_MS);
    expect((await write(small, ada)).status).toBe(200);
  });

  it('of a client that disconnects is cancelled, rolled back and not logged as an error', async ({
    serve,
    db,
    createUser,
  }) => {
    const small = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '2' });
    const { id, token } = await createUser();
    const disconnect = new AbortController();
    const body = badgeBody({ name: 'sleep 5' });
    const calls = times(2, () =>
      small.rest(`/users/${id}/badges`, { token, body, signal: disconnect.signal }).catch((error) => error.name),
    );
    await expect.poll(() => countWaiting(db.sql, { event: 'Timeout' }), { interval: 5 }).toBe(1);
    disconnect.abort();
    expect(await calls).toEqual(['AbortError', 'AbortError']);
    await expectCompletePool(small, db.sql, 2);
    expect(await db.sql`select id from badges where auth_user_id = ${id}`).toEqual([]);
    expect(small.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a transaction', () => {
  it('that stalls loses its connection and its locks', async ({ db, createUser }) => {
    const { id } = await createUser();
    await db.sql`insert into auth_users (id) values (${id})`;
    const database = openDatabase({ url: db.url, poolSize: 2 });
    const work = Promise.withResolvers<void>();
    const stalled = inTransaction(database.db, async (tx) => {
      await tx.execute(text`select id from auth_users where id = ${id} for update`);
      await work.promise;
      await tx.execute(text`update auth_users set first_seen_at = 'epoch' where id = ${id}`);
    }).catch(toDatabaseAppError);
    const { ms } = await timed(() => db.sql`select id from auth_users where id = ${id} for update`);
    expect(ms).toBeLessThan(4000);
    expect(await stalled).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    work.resolve();
    const one = await times(4, () => database.db.execute(text`select 1 as one`));
    expect(one).toEqual(Array(4).fill([{ one: 1 }]));
    expect(await db.sql`select from auth_users where id = ${id} and first_seen_at = 'epoch'`).toEqual([]);
    await database.close(1);
  });
});
