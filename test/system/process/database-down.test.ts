import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import { badgeBody, it as base, describe, expect } from '../../support/fixtures.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { createProxy } from '../../support/proxy.ts';
import { untilReady } from '../../support/ready.ts';

/** A proxy to the database, initially closed. */
const it = base.extend('proxy', async ({ db }, { onCleanup }) => {
  const proxy = await createProxy(db.url);
  onCleanup(() => proxy.close());
  return proxy;
});

const RECOVERY_MS = 5000 + BUSY_MACHINE_MS;

const statusOf = async (client: HttpClient, path: string) => (await client.rest(path)).status;

async function expectUnavailable(client: HttpClient) {
  expect(await statusOf(client, '/health/live')).toBe(200);
  expect(await statusOf(client, '/health/ready')).toBe(503);
  const start = performance.now();
  const list = await client.rest('/users/ada/badges');
  expect(performance.now() - start).toBeLessThan(2000 + BUSY_MACHINE_MS);
  expect(list).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  expect(Number(list.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  const { errors } = await client.graphql('{ learner(id: "unknown-user") { id } badge(id: "1") { id } }');
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['badge'], 'SERVICE_UNAVAILABLE']]);
  expect(list.text).not.toMatch(/ECONN|127\.0\.0\.1|select|postgres/i);
}

describe('a service whose database is down', () => {
  it('when it starts is live, is not ready, responds with 503, and recovers within 5 s', async ({
    serveProcess,
    proxy,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const service = await serveProcess({ DATABASE_URL: proxy.url });
    for (let i = 0; i < 15; i++) await expectUnavailable(service);
    const write = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expect(write.status).toBe(503);

    await proxy.open();
    await untilReady(service, RECOVERY_MS);
    expect(await service.rest(`/users/${id}/badges`)).toMatchObject({ status: 200, body: [] });
    expect((await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status).toBe(200);
    expect(service.stderr).toEqual([]);
  });

  it('while it runs is live, is not ready, responds with 503, and recovers within 5 s', async ({
    serveProcess,
    proxy,
  }) => {
    await proxy.open();
    const service = await serveProcess({ DATABASE_URL: proxy.url });
    await untilReady(service);
    await proxy.close();
    await expect.poll(() => statusOf(service, '/health/ready')).toBe(503);
    for (let i = 0; i < 15; i++) await expectUnavailable(service);
    await proxy.open();
    await untilReady(service, RECOVERY_MS);
    expect(await statusOf(service, '/users/ada/badges')).toBe(200);
  });

  it('exits with 0 on SIGTERM', async ({ serveProcess, proxy }) => {
    const service = await serveProcess({ DATABASE_URL: proxy.url });
    await expectUnavailable(service);
    service.kill('SIGTERM');
    expect(await service.exit).toEqual({ code: 0, signal: null });
  });
});
