import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect, type SignedIn } from '../support/fixtures.ts';
import type { TcpProxy } from '../support/proxy.ts';
import { countWaiting } from '../support/waiting.ts';
import { expectCompletePool, expectUnavailable, it, POOL_SIZE, READ, timed, untilAvailable } from './pool.ts';

/** Faults of new connections. */
const connectFaults: [name: string, inject: (proxy: TcpProxy) => unknown, withinMs: number][] = [
  ['a closed port', (proxy) => proxy.close(), 1000],
  ['a server that ends the connection', (proxy) => Object.assign(proxy, { onConnect: 'end' }), 1000],
  ['a server that resets the connection', (proxy) => Object.assign(proxy, { onConnect: 'reset' }), 1000],
  ['a server that does not respond', (proxy) => Object.assign(proxy, { onConnect: 'silent' }), 2300],
];

/** Faults of open connections. */
const connectionFaults: [name: string, inject: (proxy: TcpProxy) => unknown][] = [
  ['are ended', (proxy) => proxy.endAll()],
  ['are reset', (proxy) => proxy.resetAll()],
];

describe('a new connection to', () => {
  for (const [name, inject, withinMs] of connectFaults) {
    it(`${name} causes 503, and the pool is complete once the server is available`, async ({ proxied, proxy, db }) => {
      await inject(proxy);
      for (let round = 0; round < 3; round++) {
        const { ms, result } = await timed(() => Promise.all([1, 2, 3, 4, 5].map(() => proxied.rest(READ))));
        result.forEach(expectUnavailable);
        expect(ms).toBeLessThan(withinMs + BUSY_MACHINE_MS);
      }
      expect(await proxied.rest('/health/live')).toMatchObject({ status: 200 });
      proxy.clearFaults();
      await proxy.open().catch(() => undefined);
      await untilAvailable(proxied);
      await expectCompletePool(proxied, db.sql);
    });
  }
});

describe('a write that finds no connection', () => {
  it('causes 503 and leaves no doubt, because nothing was sent', async ({ proxied, proxy, createUser }) => {
    const { id, token } = await createUser();
    await proxy.close();
    const response = await proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expectUnavailable(response);
    expect(response.body.detail).not.toContain('its outcome is unknown');
    await proxy.open();
    await untilAvailable(proxied);
  });
});

describe('open connections that', () => {
  for (const [name, inject] of connectionFaults) {
    it(`${name} while idle are replaced for the next request`, async ({ proxied, proxy, db }) => {
      await expectCompletePool(proxied, db.sql);
      inject(proxy);
      await expect.poll(() => proxy.connections()).toBe(0);
      expect(await proxied.rest(READ)).toMatchObject({ status: 200 });
      await expectCompletePool(proxied, db.sql);
    });

    it(`${name} while in use cause 503, and the outcome of their writes is unknown`, async ({
      serve,
      proxy,
      db,
      createUser,
    }) => {
      const proxied = await serve({
        DATABASE_URL: withLongLockTimeout(proxy.url),
        DATABASE_POOL_SIZE: String(POOL_SIZE),
      });
      const users = await Promise.all([1, 2, 3, 4, 5].map(() => createUser()));
      const write = ({ id, token }: SignedIn) => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() });
      await Promise.all(users.map(write));
      await expectCompletePool(proxied, db.sql);
      const before = await db.snapshot();
      await db.sql.begin(async (tx) => {
        await tx`select id from auth_users where id = any(${users.map(({ id }) => id)}) for update`;
        const writes = users.map(write);
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(3);
        inject(proxy);
        for (const response of await Promise.all(writes.slice(0, 3))) {
          expectUnavailable(response);
          expect(response.body.detail).toContain('its outcome is unknown');
        }
        await tx`rollback`;
        const later = (await Promise.all(writes.slice(3))).filter(({ status }) => status === 200);
        // PostgreSQL completes a statement whose client is gone, if it gets the lock before its lock_timeout.
        const inserted = (await db.snapshot()).badges?.length ?? 0;
        const known = (before.badges?.length ?? 0) + later.length;
        expect(inserted).toBeGreaterThanOrEqual(known);
        expect(inserted).toBeLessThanOrEqual(known + 3);
      });
      await expectCompletePool(proxied, db.sql);
    });
  }

  it('are silent cause 503 within 2.5 s, and one timeout replaces all of them', async ({ proxied, proxy, db }) => {
    await expectCompletePool(proxied, db.sql);
    proxy.blackhole();
    const { ms, result } = await timed(() => proxied.rest(READ));
    expectUnavailable(result);
    expect(ms).toBeGreaterThan(1700);
    expect(ms).toBeLessThan(2500 + BUSY_MACHINE_MS);
    expect(await proxied.rest('/health/live')).toMatchObject({ status: 200 });
    proxy.clearFaults();
    expect(await proxied.rest(READ)).toMatchObject({ status: 200 });
    await expectCompletePool(proxied, db.sql);
  });

  it('are silent after a write was sent cause 503 with an unknown outcome', async ({
    proxied,
    proxy,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const body = badgeBody({ name: `Badge ${crypto.randomUUID()}` });
    proxy.onText = { text: body.name, fault: 'drop' };
    const { ms, result } = await timed(() => proxied.rest(`/users/${id}/badges`, { token, body }));
    expectUnavailable(result);
    expect(result.body.detail).toContain('its outcome is unknown');
    expect(ms).toBeLessThan(3000 + BUSY_MACHINE_MS);
    proxy.clearFaults();
    await untilAvailable(proxied);
    await expectCompletePool(proxied, db.sql);
  });
});

describe('responses of the database that arrive', () => {
  it('late and with jitter are awaited', async ({ proxied, proxy, db, createUser }) => {
    Object.assign(proxy, { latencyMs: 100, jitterMs: 100 });
    const { id, token } = await createUser();
    const { result, ms } = await timed(() =>
      Promise.all([1, 2, 3].map(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }))),
    );
    const created = result.filter(({ status }) => status === 200);
    result.filter(({ status }) => status !== 200).forEach(expectUnavailable);
    expect(created.length).toBeGreaterThan(0);
    expect(ms).toBeLessThan(3500 + BUSY_MACHINE_MS);
    await expect.poll(async () => (await proxied.rest(READ)).status).toBe(200);
    expect(await db.sql`select id from badges where auth_user_id = ${id}`).toHaveLength(created.length);
    proxy.clearFaults();
    await expectCompletePool(proxied, db.sql);
  });

  it('too late together cause 503 after 1.8 to 3 s', async ({ proxied, proxy, createUser }) => {
    const { id, token } = await createUser();
    await untilAvailable(proxied);
    // A new statement takes two round trips. Their sum exceeds the limit by more than timers are late on a busy
    // machine.
    proxy.latencyMs = 1500;
    const { result, ms } = await timed(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
    expectUnavailable(result);
    expect(ms).toBeGreaterThan(1700);
    expect(ms).toBeLessThan(3500 + BUSY_MACHINE_MS);
    proxy.clearFaults();
    await untilAvailable(proxied);
  });

  it('one byte at a time are reassembled', async ({ proxied, proxy, createUser }) => {
    const { id, token } = await createUser();
    await untilAvailable(proxied);
    proxy.sliceBytes = 1;
    const created = await proxied.rest(`/users/${id}/badges`, { token, body: badgeBody({ name: 'Größe ☃' }) });
    expect(created).toMatchObject({ status: 200, body: { name: 'Größe ☃' } });
    expect(await proxied.rest(`/users/${id}/badges`)).toMatchObject({ body: [{ name: 'Größe ☃' }] });
  });
});
