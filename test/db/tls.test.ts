import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { createSelfSignedCertificate } from './certificate.ts';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** The URL of the database behind a server that accepts only TLS, as PostgreSQL does with `hostssl` in `pg_hba.conf`. */
const it = base.extend('secureUrl', async ({ db }, { onCleanup }) => {
  const target = new URL(db.url);
  const certificate = createSelfSignedCertificate();
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket) => {
    const [request] = (await once(socket, 'data')) as [Buffer];
    if (!request.equals(SSL_REQUEST)) return socket.destroy();
    socket.write('S');
    const client = new TLSSocket(socket, { isServer: true, ...certificate });
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
