import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The observer of one connection. It gets bytes before they are forwarded. */
interface Observer {
  onSent?: (bytes: Buffer) => void;
  onReceived?: (bytes: Buffer) => void;
}

export interface Relay {
  /** The target's URL, with the host and port of the relay. */
  url: string;
  close(): Promise<void>;
}

/** Starts a TCP relay to the server of `targetUrl`. It calls `observe` for each connection. */
export async function startRelay(targetUrl: string, observe: () => Observer): Promise<Relay> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const { onSent = () => undefined, onReceived = () => undefined } = observe();
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', onSent).pipe(upstream);
    upstream.on('data', onReceived).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    close: async () => {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
