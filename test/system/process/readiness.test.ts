import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { migrate } from '../../../src/db/migrations.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { emptyDatabase, migrationsFolder } from '../../support/migrations.ts';
import { createProxy } from '../../support/proxy.ts';
import { untilReady } from '../../support/ready.ts';

/** Sends one request, after which the server closes the connection, and returns the response as text. */
async function send(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  return text(socket);
}

describe('readiness', () => {
  const WARNINGS = [
    ['the database is not migrated'],
    ['the database does not respond', 'the database is not migrated'],
  ];
  const UNMIGRATED = [
    ['is empty', 0],
    ['is of version 2.0.0', 1],
  ] as const;

  it.for(UNMIGRATED)(
    'reports that the database is not migrated when it %s, and logs it at the start',
    async ([, count], { serveProcess, onTestFinished }) => {
      const empty = await emptyDatabase(onTestFinished);
      if (count > 0) await migrate(empty.url, { folder: await migrationsFolder(onTestFinished, { count }) });
      const service = await serveProcess({ DATABASE_URL: empty.url });
      const warnings = () =>
        service.stdout.flatMap((line) => /"msg":"(the database [^"]*)"/.exec(line)?.slice(1) ?? []);
      await expect.poll(() => warnings().length).toBe(1);
      const readiness = async () => {
        const { status, body } = await service.rest('/health/ready');
        return { status, body };
      };
      // On a busy machine, the first ping exceeds its time limit, which is the reason until the next one.
      await expect.poll(readiness).toEqual({ status: 503, body: { status: 'the database is not migrated' } });
      expect(WARNINGS).toContainEqual(warnings());
    },
  );

  it('reports that the database does not respond, and logs it at the start', async ({ db, serveProcess }) => {
    const { url } = await createProxy(db.url);
    const service = await serveProcess({ DATABASE_URL: url });
    const warnings = () => service.stdout.filter((line) => line.includes('"msg":"the database does not respond"'));
    await expect.poll(() => warnings().length).toBe(1);
    expect((await service.rest('/health/ready')).body).toEqual({ status: 'the database does not respond' });
  });
});

describe('a request of HTTP/1.0 without Host', () => {
  it('gets a response from /health, as simple load balancers need, and 400 from other paths', async ({ service }) => {
    const address = service.app.http.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await untilReady(service);
    for (const path of ['/health/live', '/health/ready']) {
      expect(await send(port, `OPTIONS ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 (?!400)/);
      expect(await send(port, `GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    }
    expect(await send(port, 'GET /users/ada/badges HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await send(port, 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});
