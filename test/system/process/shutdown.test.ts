import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { serviceEnv } from '../../support/app.ts';
import type { AuthService } from '../../support/auth-service.ts';
import { slow } from '../../support/faults.ts';
import { badgeBody, it as base, describe, expect } from '../../support/fixtures.ts';
import { type Json, parseJson } from '../../support/json.ts';
import { type ServiceProcess, spawnService } from '../../support/process.ts';
import { untilReady } from '../../support/ready.ts';
import { createHeldInserts, heldBody, untilHeld, whileHeld } from './held-inserts.ts';

const it = base.extend('heldInserts', { scope: 'file', auto: true }, async ({ db }) => createHeldInserts(db.sql));

const success = { code: 0, signal: null };
const failure = { code: 1, signal: null };

const readiness = async (service: ServiceProcess) => {
  const { status, body } = await service.rest('/health/ready');
  return { status, state: body.status };
};
const isListening = (service: ServiceProcess) =>
  service.rest('/health/live').then(
    () => true,
    () => false,
  );
const shuttingDown = { status: 503, state: 'shutting down' };

/** Opens a connection that sends these bytes and then nothing. */
async function openSocket({ url }: ServiceProcess, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

/** Returns the ids of the users that the service looks up. On a busy machine, a lookup takes two calls. */
const lookedUp = (auth: AuthService): Set<string> =>
  new Set(auth.callsTo('graphql').flatMap(({ body }) => body.variables.representations.map(({ id }: Json) => id)));

/** Returns whether a process with this id exists, in any state. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Sends reads and writes in sequence until the service is not ready, and returns all statuses. */
async function callUntilNotReady(service: ServiceProcess, { id, token }: { id: string; token: string }) {
  const statuses: number[] = [];
  while ((await readiness(service)).status === 200) {
    const write = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const read = await service.rest(`/users/${id}/badges`);
    const query = await service.graphql('{ viewer { id badges(first: 1) { id } } }', {}, { token });
    statuses.push(write.status, read.status, query.status);
  }
  return statuses;
}

describe('SIGTERM', () => {
  it('under load: readiness fails first, every request gets its response, and the exit code is 0', {
    timeout: 60_000,
  }, async ({ serveProcess, auth, createUser, db }) => {
    const users = await Promise.all(Array.from({ length: 8 }, () => createUser()));
    const service = await serveProcess({ DRAIN_SECONDS: '6', MAX_BADGES_PER_USER: '100000' });
    await untilReady(service);
    await service.rest('/users/unknown-user');
    const load = users.map((ada) => callUntilNotReady(service, ada));
    const created = async () => (await db.rowCounts()).badges ?? 0;
    await expect.poll(created, { timeout: 30_000 }).toBeGreaterThan(100);
    service.kill('SIGTERM');

    const answers = (await Promise.all(load)).flat();
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await created()).toBe(answers.length / 3);
    expect(await readiness(service)).toEqual(shuttingDown);
    expect((await service.rest('/health/live')).status).toBe(200);

    auth.fail('graphql', slow(200));
    auth.calls.clear();
    const duringDrain = users.map(({ id }) => service.rest(`/users/${id}`));
    await expect.poll(() => lookedUp(auth).size).toBe(users.length);
    expect((await Promise.all(duringDrain)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await service.exit).toEqual(success);
    expect(exists(service.pid)).toBe(false);
    expect(service.stderr).toEqual([]);
  });

  it('without a drain time: requests in flight get their responses', async ({ serveProcess, createUser, db }) => {
    const users = await Promise.all(Array.from({ length: 8 }, () => createUser()));
    const service = await serveProcess({ DATABASE_POOL_SIZE: '10' });
    const create = (body: object) =>
      Promise.all(
        users.map(async ({ id, token }) => (await service.rest(`/users/${id}/badges`, { token, body })).status),
      );
    // Opens the connections, so that all inserts wait at the same time.
    await create(badgeBody());
    const [inFlight] = await whileHeld(db.sql, async () => {
      const pending = create(heldBody());
      await untilHeld(db.sql, users.length);
      service.kill('SIGTERM');
      await expect.poll(() => isListening(service), { interval: 5 }).toBe(false);
      return [pending];
    });
    expect(await inFlight).toEqual(Array(8).fill(200));
    expect(await service.exit).toEqual(success);
  });

  it('twice: the process exits with 1 at once', async ({ serveProcess }) => {
    for (const [first, second] of [
      ['SIGTERM', 'SIGTERM'],
      ['SIGINT', 'SIGTERM'],
    ] as const) {
      const service = await serveProcess({ DRAIN_SECONDS: '30' });
      service.kill(first);
      await expect.poll(() => readiness(service)).toEqual(shuttingDown);
      const start = performance.now();
      service.kill(second);
      expect(await service.exit).toEqual(failure);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  it.concurrent('with idle connections and incomplete requests: the process exits with 0 within 15 s', {
    timeout: 60_000,
  }, async ({ serveProcess, expect }) => {
    const service = await serveProcess();
    const sockets = await Promise.all([
      openSocket(service, ''),
      openSocket(service, 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Half: '),
      openSocket(service, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'),
      openSocket(service, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/l'),
      openSocket(
        service,
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      ),
    ]);
    const start = performance.now();
    service.kill('SIGTERM');
    expect(await service.exit).toEqual(success);
    expect(performance.now() - start).toBeLessThan(15_000);
    for (const socket of sockets) socket.destroy();
  });

  it.concurrent('with a drain time that is longer than the limit of the shutdown after it: the service accepts requests until its end', {
    timeout: 90_000,
  }, async ({ serveProcess, expect }) => {
    const service = await serveProcess({ DRAIN_SECONDS: '20' });
    const start = performance.now();
    service.kill('SIGTERM');
    await setTimeout(16_000);
    expect((await service.rest('/health/live')).status).toBe(200);
    expect(await service.exit).toEqual(success);
    expect(performance.now() - start).toBeGreaterThan(20_000);
  });

  it.concurrent('in production: the service accepts requests for 5 s, with Connection: close', {
    timeout: 60_000,
  }, async ({ serveProcess, expect }) => {
    const service = await serveProcess({ NODE_ENV: 'production' });
    const start = performance.now();
    service.kill('SIGTERM');
    await expect.poll(() => readiness(service)).toEqual(shuttingDown);
    const { status, headers } = await service.rest('/users/ada/badges');
    expect({ status, connection: headers.connection }).toEqual({ status: 200, connection: 'close' });
    expect(await service.exit).toEqual(success);
    expect(performance.now() - start).toBeGreaterThan(4900);
  });
});

describe('an uncaught error', () => {
  for (const [name, signal, err] of [
    ['an exception', 'SIGALRM', expect.objectContaining({ message: 'thrown by the test' })],
    ['a rejection', 'SIGVTALRM', expect.objectContaining({ message: 'rejected by the test' })],
    ['a rejection without an error', 'SIGWINCH', undefined],
  ] as const) {
    it(`${name}: is logged as fatal, requests in flight get their responses, and the exit code is 1`, async ({
      serveProcess,
      createUser,
      db,
    }) => {
      const { id, token } = await createUser();
      const service = await serveProcess({
        DRAIN_SECONDS: '3',
        NODE_OPTIONS: '--import=./test/system/process/crash.ts',
      });
      const [inFlight] = await whileHeld(db.sql, async () => {
        const pending = service.rest(`/users/${id}/badges`, { token, body: heldBody() });
        await untilHeld(db.sql, 1);
        service.kill(signal);
        await expect.poll(() => readiness(service)).toEqual(shuttingDown);
        expect((await service.rest('/users/ada/badges')).status).toBe(200);
        return [pending];
      });
      expect((await inFlight).status).toBe(200);
      expect(await service.exit).toEqual(failure);
      const fatal = service.stdout.map((line) => parseJson(line)).filter(({ level }) => level === 'fatal');
      expect(fatal.map((line) => [line.msg, line.err])).toEqual([['uncaught error', err]]);
      expect(service.stderr).toEqual([]);
    });
  }

  it('twice: each is logged as fatal, and the exit code is 1', async ({ serveProcess }) => {
    const service = await serveProcess({
      DRAIN_SECONDS: '30',
      NODE_OPTIONS: '--import=./test/system/process/crash.ts',
    });
    service.kill('SIGALRM');
    await expect.poll(() => readiness(service)).toEqual(shuttingDown);
    service.kill('SIGVTALRM');
    expect(await service.exit).toEqual(failure);
    expect(service.stdout.filter((line) => parseJson(line).level === 'fatal')).toHaveLength(2);
  });

  it('during a shutdown: the exit code is 1', async ({ serveProcess }) => {
    const service = await serveProcess({
      DRAIN_SECONDS: '30',
      NODE_OPTIONS: '--import=./test/system/process/crash.ts',
    });
    service.kill('SIGTERM');
    await expect.poll(() => readiness(service)).toEqual(shuttingDown);
    service.kill('SIGALRM');
    expect(await service.exit).toEqual(failure);
  });
});

describe('an address on which a process cannot listen', () => {
  it('causes exit code 1 and a message that names HOST, without a stack', async ({ db, auth }) => {
    const service = await spawnService(serviceEnv(db, auth, { HOST: 'no-such-host.invalid' }));
    expect(await service.exit).toEqual(failure);
    expect(service.stderr.join('\n')).toMatch(/HOST=no-such-host\.invalid with PORT=\d+: getaddrinfo \w+/);
    expect(service.stderr).toHaveLength(2);
  });

  it('causes exit code 1 and EADDRINUSE for a port in use, and does not affect the process that uses it', async ({
    serveProcess,
    db,
    auth,
  }) => {
    const first = await serveProcess();
    const second = await spawnService(serviceEnv(db, auth, { PORT: new URL(first.url).port }));
    expect(await second.exit).toEqual(failure);
    expect(second.stderr.join('\n')).toMatch(/PORT=\d+: listen EADDRINUSE/);
    expect((await first.rest('/health/live')).status).toBe(200);
  });
});
