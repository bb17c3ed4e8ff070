import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Service, serviceEnv } from '../../support/app.ts';
import { badgeBody, it as base, describe, expect } from '../../support/fixtures.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { findTestPort } from '../../support/ports.ts';
import { spawnService } from '../../support/process.ts';
import { openSocket, requestText } from '../../support/raw-sockets.ts';
import { untilReady } from '../../support/ready.ts';
import { createHeldInserts, heldMutation, untilHeld, whileHeld } from './held-inserts.ts';

const it = base.extend('heldInserts', { scope: 'file', auto: true }, async ({ db }) => createHeldInserts(db.sql));

/** A client of the operations server of a service in this process. */
function operationsOf({ app }: Service) {
  const address = app.operations?.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('There is no operations server');
  return createHttpClient(`http://127.0.0.1:${address.port}`);
}

describe('with OPERATIONS_PORT', () => {
  it('health and metrics are on that port, and no other path', async ({ serve }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
    const operations = operationsOf(service);
    await service.rest('/users/ada/badges');
    await untilReady(operations);
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      const { status, headers } = await operations.rest(path);
      expect([status, headers['x-content-type-options'], headers['cache-control']]).toEqual([
        200,
        'nosniff',
        'no-store',
      ]);
      expect((await operations.rest(path, { method: 'HEAD' })).status).toBe(200);
      expect((await operations.rest(path, { method: 'DELETE' })).status).toBe(405);
    }
    expect((await operations.rest('/metrics')).text).toContain('http_route="/users/:auth_user_id/badges"');
    for (const path of ['/', '/graphql', '/users/ada/badges', '/docs', '/openapi.json']) {
      expect((await operations.rest(path)).status).toBe(404);
    }
    operations.disconnect();
  });

  it('the public port has health checks and no metrics', async ({ serve }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
    const statuses = async (...paths: string[]) =>
      Promise.all(paths.map(async (path) => (await service.rest(path)).status));
    await untilReady(service);
    expect(await statuses('/health/live', '/health/ready', '/metrics', '/metrics/')).toEqual([200, 200, 404, 404]);
    expect(await service.rest('/metrics', { method: 'POST' })).toMatchObject({ status: 404 });
  });

  it('both ports keep idle connections for 72 s, which is longer than routers do, and announce it', async ({
    serve,
  }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
    const operations = operationsOf(service);
    for (const { rest } of [service, operations]) {
      expect((await rest('/health/live')).headers['keep-alive']).toBe('timeout=72');
    }
    operations.disconnect();
  });

  it('it responds while the public port rejects every request', async ({ serve, db, createUser }) => {
    const service = await serve({ OPERATIONS_PORT: '0', MAX_REQUESTS_IN_FLIGHT: '1', RATE_LIMIT_PER_MINUTE: '1000' });
    const operations = operationsOf(service);
    const { token } = await createUser();
    const { query, variables } = heldMutation();
    await untilReady(operations);
    const [held] = await whileHeld(db.sql, async () => {
      const pending = service.graphql(query, variables, { token });
      await untilHeld(db.sql, 1);
      await untilReady(operations);
      for (const path of ['/health/live', '/health/ready', '/metrics']) {
        expect((await operations.rest(path)).status).toBe(200);
      }
      expect((await service.rest('/users/ada/badges')).status).toBe(503);
      return [pending];
    });
    expect(await held).toMatchObject({ status: 200, errors: undefined });
    operations.disconnect();
  });

  it('metrics are rendered at most 20 times a second', async ({ serve }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
    const operations = operationsOf(service);
    await operations.rest('/metrics');
    const start = performance.now();
    for (let i = 0; i < 10; i++) await operations.rest('/metrics');
    expect(performance.now() - start).toBeGreaterThan(400);
    operations.disconnect();
  });
});

describe('without OPERATIONS_PORT', () => {
  it('metrics are on the public port, and count as any request', async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1', RATE_LIMIT_PER_MINUTE: '100' });
    expect(service.app.operations).toBeUndefined();
    expect(await service.rest('/metrics')).toMatchObject({ status: 200, headers: { 'ratelimit-limit': '100' } });
    expect(await service.rest('/unknown')).toMatchObject({ status: 404, headers: { 'ratelimit-limit': '100' } });
    const { token } = await createUser();
    const { query, variables } = heldMutation();
    const [held] = await whileHeld(db.sql, async () => {
      const pending = service.graphql(query, variables, { token });
      await untilHeld(db.sql, 1);
      expect((await service.rest('/metrics')).status).toBe(503);
      expect((await service.rest('/health/live')).status).toBe(200);
      return [pending];
    });
    expect(await held).toMatchObject({ status: 200, errors: undefined });
  });
});

describe('a process with OPERATIONS_PORT', { timeout: 60_000 }, () => {
  it('on SIGTERM is not ready first, and closes that port last', async ({ serveProcess, createUser }) => {
    const port = await findTestPort();
    const service = await serveProcess({ OPERATIONS_PORT: String(port), DRAIN_SECONDS: '3' });
    const operations = createHttpClient(`http://127.0.0.1:${port}`);
    const { id, token } = await createUser();
    await untilReady(operations);
    const post = requestText(`POST /users/${id}/badges`, {
      headers: `Authorization: Bearer ${token}\r\n`,
      body: JSON.stringify(badgeBody()),
    });
    const connect = async () => {
      try {
        (await openSocket(service.url)).destroy();
        return undefined;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    // The shutdown waits up to 10 s for the end of this request.
    const open = await openSocket(service.url, post.slice(0, -1));
    service.kill('SIGTERM');
    await expect.poll(async () => (await operations.rest('/health/ready')).status, { interval: 5 }).toBe(503);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
    await expect.poll(connect, { timeout: 10_000, interval: 20 }).toBe('ECONNREFUSED');
    expect((await operations.rest('/health/live')).status).toBe(200);
    expect(await operations.rest('/health/ready')).toMatchObject({ status: 503, body: { status: 'shutting down' } });
    open.write('}');
    expect(await text(open)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await service.exit).toEqual({ code: 0, signal: null });
    await expect(operations.rest('/health/live')).rejects.toThrow();
    expect(service.stderr).toEqual([]);
    operations.disconnect();
  });

  it('exits with 1 when that port is taken', async ({ db, auth }) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const service = await spawnService(serviceEnv(db, auth, { OPERATIONS_PORT: String(port) }));
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr.join('\n')).toMatch(new RegExp(`OPERATIONS_PORT=${port}: listen EADDRINUSE.*${port}`));
    taken.close();
  });

  it('exits with 1 and the reason when the port is PORT, or no port', async ({ db, auth }) => {
    for (const [OPERATIONS_PORT, problem] of [
      ['4999', 'OPERATIONS_PORT must differ from PORT'],
      ['70000', 'OPERATIONS_PORT is "70000", expected an integer from 0 to 65535'],
      ['health', 'OPERATIONS_PORT is "health", expected an integer from 0 to 65535'],
    ] as const) {
      const service = await spawnService(serviceEnv(db, auth, { PORT: '4999', OPERATIONS_PORT }));
      expect(await service.exit).toEqual({ code: 1, signal: null });
      expect(service.stderr.slice(1)).toEqual([`  - ${problem}`]);
    }
  });
});
