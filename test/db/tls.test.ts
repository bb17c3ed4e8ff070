import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { readConfig } from '../../src/config.ts';
import { migrate } from '../../src/db/migrations.ts';
import { serviceEnv } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';
import { createSelfSignedCertificate } from './certificate.ts';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const certificate = createSelfSignedCertificate();

/**
 * Starts a server before the database that accepts only TLS, as PostgreSQL does with `hostssl` in `pg_hba.conf`.
 * Returns the URL through it.
 */
async function startServer(db: TestDatabase, cert: typeof certificate, onCleanup: (end: () => void) => void) {
  const target = new URL(db.url);
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket) => {
    const [request] = (await once(socket, 'data')) as [Buffer];
    if (!request.equals(SSL_REQUEST)) return socket.destroy();
    socket.write('S');
    const client = new TLSSocket(socket, { isServer: true, ...cert });
    const postgres = connect(Number(target.port), target.hostname);
    sockets.add(postgres);
    await Promise.allSettled([pipeline(client, postgres), pipeline(postgres, client)]);
    return undefined;
  };
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    void serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(db.url);
  url.host = `localhost:${(server.address() as AddressInfo).port}`;
  url.searchParams.set('sslmode', 'require');
  return url.href;
}

const it = base.extend('secureUrl', ({ db }, { onCleanup }) => startServer(db, certificate, onCleanup));

/** Returns the path of a file with a certificate, until the end of the test. */
async function certificateFile(onTestFinished: (end: () => Promise<void>) => void, { cert }: { cert: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-certificate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'root.pem'), cert);
  return join(folder, 'root.pem');
}

/** Returns the URL with other parameters. */
function withParameters(url: string, parameters: Record<string, string>): string {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
  return changed.href;
}

describe('sslmode=verify-full', () => {
  it('connects and migrates with the certificate of sslrootcert', async ({
    serve,
    secureUrl,
    createUser,
    onTestFinished,
  }) => {
    const { id } = await createUser();
    const sslrootcert = await certificateFile(onTestFinished, certificate);
    const url = withParameters(secureUrl, { sslmode: 'verify-full', sslrootcert });
    const service = await serve({ DATABASE_URL: url });
    expect(await service.rest(`/users/${id}/badges`)).toMatchObject({ status: 200, body: [] });
    await migrate(url);
  });

  it('rejects a server whose certificate has another name', async ({ db, onTestFinished }) => {
    const other = createSelfSignedCertificate('other.example.org');
    const sslrootcert = await certificateFile(onTestFinished, other);
    const url = withParameters(await startServer(db, other, onTestFinished), { sslmode: 'verify-full', sslrootcert });
    await expect(migrate(url)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('rejects a server with a certificate of another authority', async ({
    serve,
    secureUrl,
    createUser,
    onTestFinished,
  }) => {
    const { id } = await createUser();
    const sslrootcert = await certificateFile(onTestFinished, createSelfSignedCertificate());
    for (const given of [{}, { sslrootcert }, { sslrootcert: 'system' }]) {
      const url = withParameters(secureUrl, { sslmode: 'verify-full', ...given });
      const { rest, logs } = await serve({ DATABASE_URL: url });
      expect((await rest(`/users/${id}/badges`)).status).toBe(503);
      expect(JSON.stringify(logs)).toMatch(/SELF_SIGNED/);
      const errorType = { error_type: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
      expect(sumOf(await scrape({ rest }), 'db_client_errors_total', errorType)).toBeGreaterThan(0);
      await expect(migrate(url)).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED/) });
    }
  });
});

describe('a URL with parameters of libpq', () => {
  it('connects without a channel binding that it does not require', async ({ serve, db, createUser }) => {
    const { id } = await createUser();
    const service = await serve({ DATABASE_URL: withParameters(db.url, { channel_binding: 'prefer' }) });
    expect((await service.rest(`/users/${id}/badges`)).status).toBe(200);
  });

  for (const [parameters, message] of [
    [
      { channel_binding: 'require' },
      'has channel_binding=require, which postgres.js cannot do: use sslmode=verify-full',
    ],
    [{ sslmode: 'require', sslrootcert: '/x.pem' }, 'has sslrootcert without sslmode=verify-full'],
    [{ sslmode: 'verify-full', sslrootcert: '/x.pem' }, 'has sslrootcert=/x.pem, which cannot be read: ENOENT'],
    [{ gssencmode: 'disable' }, 'has gssencmode, which is not supported: remove it'],
  ] as const) {
    it(`is rejected at the start with ${new URLSearchParams(parameters)}`, async ({ db, auth }) => {
      const env = serviceEnv(db, auth, { DATABASE_URL: withParameters(db.url, parameters) });
      expect(() => readConfig(env)).toThrow(`DATABASE_URL ${message}`);
    });
  }
});

describe('sslmode=require', () => {
  it('connects over TLS and reads results of any size', async ({ serve, secureUrl, db, createUser }) => {
    const ada = await createUser();
    const service = await serve({ DATABASE_URL: secureUrl });
    const body = { name: 'First', description: 'x'.repeat(500), icon_url: '/x.svg' };
    const created = await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body });
    expect(created).toMatchObject({ status: 200, body: { name: 'First' } });
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${ada.id}, 'n ' || n, repeat('é', 500), '/x.svg', now() from generate_series(1, 499) as n`;
    const { body: badges } = await service.rest(`/users/${ada.id}/badges?limit=500`);
    expect(badges).toHaveLength(500);
    expect(new Set(badges.map(({ name }: { name: string }) => name)).size).toBe(500);
  });

  it('never falls back to an unencrypted connection', async ({ serve, db, createUser }) => {
    const { id } = await createUser();
    const service = await serve({ DATABASE_URL: `${db.url}?sslmode=require` });
    const { status } = await service.rest(`/users/${id}/badges`);
    expect(status).toBe(503);
  });
});
