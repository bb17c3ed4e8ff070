import { setTimeout as delay } from 'node:timers/promises';
import { sql as text } from 'drizzle-orm';
import { openDatabase } from '../../src/db/client.ts';
import { toDatabaseAppError } from '../../src/db/errors.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect } from '../support/fixtures.ts';
import { countWaiting, terminateWaiting } from '../support/waiting.ts';
import { expectCompletePool, expectUnavailable, it, POOL_SIZE, READ, serveProxied, untilAvailable } from './pool.ts';

const UNKNOWN =
  /its outcome is unknown: repeat a request that had an Idempotency-Key with the same key, and read the data before/;

describe('a backend that is terminated', () => {
  it('in a write causes 503 for that write only, with an unknown outcome', async ({ serve, proxy, db, createUser }) => {
    const service = await serveProxied({ serve, proxy: { url: withLongLockTimeout(proxy.url) } });
    const [ada, eve] = [await createUser(), await createUser()];
    await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    const write = await db.sql.begin(async (tx) => {
      await tx`select id from auth_users where id = ${ada.id} for update`;
      const create = () => service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
      const { held } = await waitingWrite(create, () => countWaiting(db.sql));
      await terminateWaiting(db.sql);
      const other = await service.rest(`/users/${eve.id}/badges`, { token: eve.token, body: badgeBody() });
      expect(other.status).toBe(200);
      return { answer: await held };
    });
    expectUnavailable(write.answer);
    expect(write.answer.body.detail).toMatch(UNKNOWN);
    expect(await db.sql`select id from badges where auth_user_id = ${ada.id}`).toHaveLength(1);
    await expectCompletePool(service, db.sql);
  });

  it('between two statements ends the transaction, and no later statement runs elsewhere', async ({
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const database = openDatabase({ url: db.url, poolSize: 1 });
    const lateInsert = Promise.withResolvers<void>();
    const transaction = inTransaction(database.db, async (tx) => {
      const [row] = await tx.execute<{ pid: number }>(text`select pg_backend_pid() as pid`);
      await db.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
      await database.db.execute(text`select 1`);
      lateInsert.resolve(tx.execute(text`insert into auth_users (id) values (${id})`).then(() => undefined));
      await lateInsert.promise;
    });
    expect(await transaction.catch(toDatabaseAppError)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await lateInsert.promise.catch(toDatabaseAppError)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await db.sql`select id from auth_users where id = ${id}`).toEqual([]);
    await database.close(1);
  });

  it('while idle is replaced, and the next requests succeed', async ({ proxied, db }) => {
    await expectCompletePool(proxied, db.sql);
    const ofService = db.sql`datname = current_database() and application_name = 'user-service'`;
    const sessions = async () => (await db.sql`select from pg_stat_activity where ${ofService}`).length;
    // Those of the services of other tests may not have ended.
    await expect.poll(sessions).toBe(POOL_SIZE);
    const terminated = await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where ${ofService}`;
    expect(terminated).toHaveLength(POOL_SIZE);
    await untilAvailable(proxied);
    await expectCompletePool(proxied, db.sql);
  });
});

describe('a connection that breaks after a write was sent', () => {
  for (const [fault, isCommitted] of [
    ['reset-on-response', true],
    ['reset', false],
  ] as const) {
    it(`(${fault}) has an unknown outcome, which a retry with the same idempotency key resolves`, async ({
      proxied,
      proxy,
      db,
      createUser,
    }) => {
      const { id, token } = await createUser();
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const body = badgeBody({ name: `Badge ${crypto.randomUUID()}` });
      const post = () => proxied.rest(`/users/${id}/badges`, { token, body, headers });
      const badges = () => db.sql`select id from badges where auth_user_id = ${id}`;
      proxy.onText = { text: body.name, fault };
      const lost = await post();
      expectUnavailable(lost);
      expect(lost.body.detail).toMatch(UNKNOWN);
      expect(await badges()).toHaveLength(isCommitted ? 1 : 0);

      proxy.clearFaults();
      const repeated = await post();
      expect(repeated.status).toBe(200);
      expect(await badges()).toEqual([{ id: String(repeated.body.id) }]);
      await expectCompletePool(proxied, db.sql);
    });
  }
});

describe('a server that becomes read-only', () => {
  it('causes 503 for writes and none for reads, until it accepts writes again', async ({
    serve,
    proxy,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const [row] = await db.sql<{ name: string }[]>`select current_database() as name`;
    const setReadOnly = (readOnly: string) =>
      db.sql.unsafe(`alter database ${row?.name} set default_transaction_read_only = ${readOnly}`);

    // The setting applies to new sessions only. Open ones keep theirs, as on a server that was the primary.
    await setReadOnly('on');
    const service = await serveProxied({ serve, proxy });
    const write = () => service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    for (let i = 0; i < 5; i++) {
      expectUnavailable(await write());
      expect(await service.rest(READ)).toMatchObject({ status: 200 });
    }
    await setReadOnly('off');
    await expect.poll(async () => (await write()).status, { interval: 50 }).toBe(200);
    const writes = await Promise.all(Array.from({ length: 2 * POOL_SIZE }, write));
    expect(writes.map(({ status }) => status)).toEqual(writes.map(() => 200));
    await expectCompletePool(service, db.sql);
  });
});

/** Sends a write until one waits for the lock: on a busy machine, its wait of 0.5 s may end before the test sees it. */
async function waitingWrite<Answer>(
  send: () => Promise<Answer>,
  countWaiting: () => Promise<number>,
): Promise<{ held: Promise<Answer> }> {
  const held = send();
  const isOver = held.then(() => true);
  while (!(await Promise.race([isOver, delay(5, false)]))) {
    if ((await countWaiting()) === 1) return { held };
  }
  return waitingWrite(send, countWaiting);
}
