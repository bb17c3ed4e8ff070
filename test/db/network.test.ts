import { badgeBody, describe, expect } from '../support/fixtures.ts';
import type { TcpProxy } from '../support/proxy.ts';
import { COMMIT, countWaiting, expectUnavailable, expectWholePool, it, READ, timed, untilWell } from './pool.ts';

/** What a service meets when it asks for a connection. */
const atConnect: [name: string, spoil: (proxy: TcpProxy) => unknown, withinMs: number][] = [
  ['a port where nobody listens', (proxy) => proxy.close(), 1000],
  ['a server that ends the connection', (proxy) => Object.assign(proxy, { onConnect: 'end' }), 1000],
  ['a server that resets the connection', (proxy) => Object.assign(proxy, { onConnect: 'reset' }), 1000],
  ['a server that says nothing', (proxy) => Object.assign(proxy, { onConnect: 'silent' }), 2300],
];

/** What happens to the connections that it has. */
const midLife: [name: string, spoil: (proxy: TcpProxy) => unknown][] = [
  ['are ended', (proxy) => proxy.endAll()],
  ['are reset', (proxy) => proxy.resetAll()],
];

describe('a connection is asked of', () => {
  for (const [name, spoil, withinMs] of atConnect) {
    it(`${name}: 503, and the pool is whole as soon as the server is well`, async ({ proxied, proxy, db }) => {
      await spoil(proxy);
      for (let round = 0; round < 3; round++) {
        const { ms, result } = await timed(() => Promise.all([1, 2, 3, 4, 5].map(() => proxied.rest(READ))));
        result.forEach(expectUnavailable);
        expect(ms).toBeLessThan(withinMs);
      }
      expect(await proxied.rest('/health/live')).toMatchObject({ status: 200 });
      proxy.clearFaults();
      await proxy.open().catch(() => undefined);
      await untilWell(proxied, 2500);
      await expectWholePool(proxied, db.sql);
    });
  }
});

describe('the connections of the pool', () => {
  for (const [name, spoil] of midLife) {
    it(`${name} while they are idle: the next request has a new one`, async ({ proxied, proxy, db }) => {
      await expectWholePool(proxied, db.sql);
      spoil(proxy);
      await expect.poll(() => proxy.connections()).toBe(0);
      expect(await proxied.rest(READ)).toMatchObject({ status: 200 });
      await expectWholePool(proxied, db.sql);
    });

    it(`${name} while they work: 503, nothing is left half done`, async ({ proxied, proxy, db, createUser }) => {
      const { id, token } = await createUser();
      await proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() });
      const before = await db.snapshot();
      await db.sql.begin(async (tx) => {
        await tx`select id from auth_users where id = ${id} for update`;
        const writes = [1, 2, 3, 4, 5].map(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(3);
        spoil(proxy);
        for (const write of await Promise.all(writes.slice(0, 3))) expectUnavailable(write);
        await tx`rollback`;
        const later = (await Promise.all(writes.slice(3))).filter(({ status }) => status === 200);
        expect((await db.snapshot()).badges).toHaveLength((before.badges?.length ?? 0) + later.length);
      });
      await expectWholePool(proxied, db.sql);
    });
  }

  it('go silent: 503 within 2 s, and one such answer is enough to renew them all', async ({ proxied, proxy, db }) => {
    await expectWholePool(proxied, db.sql);
    proxy.blackhole();
    const { ms, result } = await timed(() => proxied.rest(READ));
    expectUnavailable(result);
    expect(ms).toBeGreaterThan(1700);
    expect(ms).toBeLessThan(2500);
    expect(await proxied.rest('/health/live')).toMatchObject({ status: 200 });
    proxy.clearFaults();
    expect(await proxied.rest(READ)).toMatchObject({ status: 200 });
    await expectWholePool(proxied, db.sql);
  });

  it('go silent at COMMIT: 503 in time, which says that the outcome is unknown', async ({
    proxied,
    proxy,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    proxy.onText = { text: COMMIT, fault: 'drop' };
    const { ms, result } = await timed(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
    expectUnavailable(result);
    expect(result.body.detail).toContain('its outcome is unknown');
    expect(ms).toBeLessThan(3000);
    proxy.clearFaults();
    await untilWell(proxied, 2500);
    await expectWholePool(proxied, db.sql);
  });
});

describe('answers that come', () => {
  it('late and in no steady rhythm are waited for', async ({ proxied, proxy, db, createUser }) => {
    Object.assign(proxy, { latencyMs: 100, jitterMs: 100 });
    const { id, token } = await createUser();
    const { result, ms } = await timed(() =>
      Promise.all([1, 2, 3].map(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }))),
    );
    const created = result.filter(({ status }) => status === 200);
    result.filter(({ status }) => status !== 200).forEach(expectUnavailable);
    expect(ms).toBeLessThan(3500);
    await expect.poll(async () => (await proxied.rest(READ)).status).toBe(200);
    expect(await db.sql`select id from badges where auth_user_id = ${id}`).toHaveLength(created.length);
    proxy.clearFaults();
    await expectWholePool(proxied, db.sql);
  });

  it('too late are not waited for longer than 3 s', async ({ proxied, proxy, createUser }) => {
    const { id, token } = await createUser();
    await untilWell(proxied);
    proxy.latencyMs = 900;
    const { result, ms } = await timed(() => proxied.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
    expectUnavailable(result);
    expect(ms).toBeLessThan(3500);
    proxy.clearFaults();
    await untilWell(proxied, 2500);
  });

  it('a byte at a time are put together', async ({ proxied, proxy, createUser }) => {
    proxy.sliceBytes = 1;
    const { id, token } = await createUser();
    const created = await proxied.rest(`/users/${id}/badges`, { token, body: badgeBody({ name: 'Größe ☃' }) });
    expect(created).toMatchObject({ status: 200, body: { name: 'Größe ☃' } });
    expect(await proxied.rest(`/users/${id}/badges`)).toMatchObject({ body: [{ name: 'Größe ☃' }] });
  });
});
