import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { serviceEnv } from '../../support/app.ts';
import { slow } from '../../support/faults.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import { parseJson } from '../../support/json.ts';
import { type ServiceProcess, spawnService } from '../../support/process.ts';

const good = { code: 0, signal: null };
const failed = { code: 1, signal: null };

const readiness = async (service: ServiceProcess) => {
  const { status, body } = await service.rest('/health/ready');
  return { status, said: body.status };
};
const stopping = { status: 503, said: 'shutting down' };

/** A connection that has sent this much and then falls silent. */
async function openSocket({ url }: ServiceProcess, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

/** Whether a process of this id is there, in whatever state. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Reads and writes, one after the other, until the service is not ready; the statuses of all answers. */
async function callUntilStopping(service: ServiceProcess, { id, token }: { id: string; token: string }) {
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
  it('under load: not ready first, every request that was taken is answered, 0', async ({
    serveProcess,
    auth,
    createUser,
    db,
  }) => {
    const people = await Promise.all(Array.from({ length: 8 }, () => createUser()));
    const service = await serveProcess({ DRAIN_SECONDS: '1', MAX_BADGES_PER_USER: '100000' });
    const load = people.map((ada) => callUntilStopping(service, ada));
    const created = async () => (await db.rowCounts()).badges ?? 0;
    await expect.poll(created, { timeout: 10_000 }).toBeGreaterThan(100);
    service.kill('SIGTERM');

    const answers = (await Promise.all(load)).flat();
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await created()).toBe(answers.length / 3);
    expect(await readiness(service)).toEqual(stopping);
    expect((await service.rest('/health/live')).status).toBe(200);

    auth.fail('graphql', slow(400));
    auth.calls.clear();
    const late = people.map(({ id }) => service.rest(`/users/${id}`));
    await expect.poll(() => auth.calls.length).toBe(people.length);
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await service.exit).toEqual(good);
    expect(exists(service.pid)).toBe(false);
    expect(service.stderr).toEqual([]);
  });

  it('without a drain time: what is in flight is answered all the same', async ({ serveProcess, auth, createUser }) => {
    const people = await Promise.all(Array.from({ length: 8 }, () => createUser()));
    const service = await serveProcess();
    auth.fail('graphql', slow(400));
    auth.calls.clear();
    const inFlight = people.map(({ id }) => service.rest(`/users/${id}`));
    await expect.poll(() => auth.calls.length).toBe(people.length);
    service.kill('SIGTERM');
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await service.exit).toEqual(good);
  });

  it('with connections that say nothing: idle, silent or half a request', async ({ serveProcess }) => {
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
    expect(await service.exit).toEqual(good);
    expect(performance.now() - start).toBeLessThan(12_000);
    for (const socket of sockets) socket.destroy();
  });

  it('twice: 1 at once', async ({ serveProcess }) => {
    for (const [first, second] of [
      ['SIGTERM', 'SIGTERM'],
      ['SIGINT', 'SIGTERM'],
    ] as const) {
      const service = await serveProcess({ DRAIN_SECONDS: '30' });
      service.kill(first);
      await expect.poll(() => readiness(service)).toEqual(stopping);
      const start = performance.now();
      service.kill(second);
      expect(await service.exit).toEqual(failed);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  it('in production leaves routers five seconds to notice, and asks clients to connect elsewhere', async ({
    serveProcess,
  }) => {
    const service = await serveProcess({ NODE_ENV: 'production' });
    const start = performance.now();
    service.kill('SIGTERM');
    await expect.poll(() => readiness(service)).toEqual(stopping);
    const { status, headers } = await service.rest('/users/ada/badges');
    expect({ status, connection: headers.connection }).toEqual({ status: 200, connection: 'close' });
    expect(await service.exit).toEqual(good);
    expect(performance.now() - start).toBeGreaterThan(4900);
  });
});

describe('an error that nothing caught', () => {
  for (const [name, signal, message] of [
    ['exception', 'SIGALRM', 'thrown by the test'],
    ['rejection', 'SIGVTALRM', 'rejected by the test'],
  ] as const) {
    it(`${name}: is logged as fatal; what is in flight is answered, not ready, 1`, async ({
      serveProcess,
      auth,
      createUser,
    }) => {
      const ada = await createUser();
      const service = await serveProcess({
        DRAIN_SECONDS: '1',
        NODE_OPTIONS: '--import=./test/system/process/crash.ts',
      });
      auth.fail('graphql', slow(300));
      auth.calls.clear();
      const inFlight = service.rest(`/users/${ada.id}`);
      await expect.poll(() => auth.calls.length).toBe(1);
      service.kill(signal);
      await expect.poll(() => readiness(service)).toEqual(stopping);
      expect((await service.rest('/users/ada/badges')).status).toBe(200);
      expect((await inFlight).status).toBe(200);
      expect(await service.exit).toEqual(failed);
      const fatal = service.stdout.map((line) => parseJson(line)).filter(({ level }) => level === 'fatal');
      expect(fatal).toEqual([expect.objectContaining({ err: expect.objectContaining({ message }) })]);
      expect(service.stderr).toEqual([]);
    });
  }

  it('twice: each is logged, and the end is the same', async ({ serveProcess }) => {
    const service = await serveProcess({ DRAIN_SECONDS: '1', NODE_OPTIONS: '--import=./test/system/process/crash.ts' });
    service.kill('SIGALRM');
    await expect.poll(() => readiness(service)).toEqual(stopping);
    service.kill('SIGVTALRM');
    expect(await service.exit).toEqual(failed);
    expect(service.stdout.filter((line) => parseJson(line).level === 'fatal')).toHaveLength(2);
  });

  it('while a signal is being obeyed: 1', async ({ serveProcess }) => {
    const service = await serveProcess({ DRAIN_SECONDS: '1', NODE_OPTIONS: '--import=./test/system/process/crash.ts' });
    service.kill('SIGTERM');
    await expect.poll(() => readiness(service)).toEqual(stopping);
    service.kill('SIGALRM');
    expect(await service.exit).toEqual(failed);
  });
});

describe('a port that is taken', () => {
  it('ends the start: 1, and which one', async ({ serveProcess, db, auth }) => {
    const first = await serveProcess();
    const second = await spawnService(serviceEnv(db, auth, { PORT: new URL(first.url).port }));
    expect(await second.exit).toEqual(failed);
    expect(second.stderr.join('\n')).toContain('EADDRINUSE');
    expect((await first.rest('/health/live')).status).toBe(200);
  });
});
