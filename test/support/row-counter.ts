import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of PostgreSQL that counts the rows of all results. */
export interface RowCounter {
  /** The target's URL, with the host and port of the proxy. */
  url: string;
  rows(): number;
  close(): Promise<void>;
}

const DATA_ROW = 'D'.charCodeAt(0);
/** Length of a message's type. */
const TYPE_BYTES = 1;
/** Length of a message's type and of its length, which counts itself. */
const HEADER_BYTES = 5;

/** Starts the proxy. Connections must not be encrypted. */
export async function startRowCounter(targetUrl: string): Promise<RowCounter> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let rows = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    upstream.on(
      'data',
      countMessages(DATA_ROW, () => rows++),
    );
    upstream.pipe(client).pipe(upstream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(targetUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    rows: () => rows,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Returns a consumer of a stream of messages that calls `count` for each message of the type. */
function countMessages(type: number, count: () => void): (chunk: Buffer) => void {
  let unread = Buffer.alloc(0);
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= HEADER_BYTES) {
      const end = TYPE_BYTES + unread.readInt32BE(TYPE_BYTES);
      if (unread.length < end) return;
      if (unread[0] === type) count();
      unread = unread.subarray(end);
    }
  };
}
