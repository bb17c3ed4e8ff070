import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that counts round trips. */
export interface TripCounter {
  /** The target's URL, with the host and port of the proxy. */
  url: string;
  /** Returns the round trips since the last call: how often a client sent something after a response, or first. */
  take(): number;
  close(): Promise<void>;
}

export async function createTripCounter(targetUrl: string): Promise<TripCounter> {
  const target = new URL(targetUrl);
  const clients = new Set<Socket>();
  let trips = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    let isAwaited = false;
    client.on('data', (bytes) => {
      if (!isAwaited) trips++;
      isAwaited = true;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      isAwaited = false;
      client.write(bytes);
    });
    clients.add(client);
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    take() {
      const taken = trips;
      trips = 0;
      return taken;
    },
    async close() {
      const closed = once(server.close(), 'close');
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}
