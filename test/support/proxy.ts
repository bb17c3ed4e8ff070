import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { findTestPort } from './ports.ts';

/** A TCP proxy with fault injection. Faults apply to all connections until `clearFaults`. */
export interface TcpProxy {
  /** The target's URL, with the host and port of the proxy. */
  url: string;
  /** Listens, always on the same port. */
  open(): Promise<void>;
  /** Closes every connection and stops listening. */
  close(): Promise<void>;
  /** Forwards new connections, accepts them without a response, or ends or resets them at once. */
  onConnect: 'pass' | 'silent' | 'end' | 'reset';
  /** Delays every response. */
  latencyMs: number;
  /** The maximum of a random additional delay. Responses stay in order. */
  jitterMs: number;
  /** Splits responses into pieces of this size; 0 forwards them unchanged. */
  sliceBytes: number;
  /**
   * The fault of a connection whose client sends `text`. The server receives the text with `reset-on-response` only.
   * `drop` discards all further bytes of the connection.
   */
  onText: { text: string; fault: 'drop' | 'reset' | 'reset-on-response' } | undefined;
  /**
   * Discards all bytes from now on without closing a connection. Affected connections stay silent after `clearFaults`.
   */
  blackhole(): void;
  /** Ends every open connection with FIN. */
  endAll(): void;
  /** Resets every open connection with RST. */
  resetAll(): void;
  /** Removes the faults. Connections that they have affected do not recover. */
  clearFaults(): void;
  /** Returns the number of open connections. */
  connections(): number;
}

type Faults = Pick<TcpProxy, 'onConnect' | 'latencyMs' | 'jitterMs' | 'sliceBytes' | 'onText'> & { dropsAll: boolean };

const NO_FAULTS: Readonly<Faults> = {
  onConnect: 'pass',
  latencyMs: 0,
  jitterMs: 0,
  sliceBytes: 0,
  onText: undefined,
  dropsAll: false,
};

/** Creates a proxy to the server of `targetUrl`. It is closed until `open`. */
export async function createProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const faults: Faults = { ...NO_FAULTS };
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    if (faults.onConnect === 'pass') forward(client, target, faults);
    if (faults.onConnect === 'end') client.end();
    if (faults.onConnect === 'reset') client.resetAndDestroy();
  });
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  const close = async () => {
    if (!server.listening) return;
    server.close();
    for (const client of clients) client.destroy();
    await once(server, 'close');
  };

  const port = await findTestPort();
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return Object.assign(faults, {
    url: url.href,
    open: async () => void (await listen(port)),
    close,
    blackhole: () => void Object.assign(faults, { dropsAll: true, onConnect: 'silent' }),
    endAll: () => clients.forEach((client) => void client.end()),
    resetAll: () => clients.forEach((client) => void client.resetAndDestroy()),
    clearFaults: () => void Object.assign(faults, NO_FAULTS),
    connections: () => clients.size,
  });
}

/** Forwards bytes in both directions, subject to the current faults. */
function forward(client: Socket, { hostname, port }: URL, faults: Faults): void {
  const server = connect({ host: hostname, port: Number(port), noDelay: true });
  let isDropped = false;
  let resetsOnResponse = false;
  let responses: Promise<unknown> = Promise.resolve();

  const drops = () => {
    isDropped ||= faults.dropsAll;
    return isDropped;
  };
  client.on('data', (bytes) => {
    const { text, fault: planned } = faults.onText ?? {};
    const fault = text !== undefined && bytes.includes(text) ? planned : undefined;
    isDropped ||= fault === 'drop';
    resetsOnResponse ||= fault === 'reset-on-response';
    if (fault === 'reset') client.resetAndDestroy();
    else if (!drops()) server.write(bytes);
  });
  server.on('data', (bytes) => {
    if (resetsOnResponse) client.resetAndDestroy();
    if (client.destroyed || drops()) return;
    const delay = delayOf(faults);
    responses = responses.then(async () => {
      await delay;
      for (const piece of slices(bytes, faults.sliceBytes)) {
        client.write(piece);
        if (faults.sliceBytes > 0) await new Promise(setImmediate);
      }
    });
  });
  server.on('error', () => undefined);
  server.on('end', () => responses.then(() => drops() || client.end()));
  server.on('close', () => responses.then(() => drops() || client.destroy()));
  client.on('close', () => server.destroy());
}

function delayOf({ latencyMs, jitterMs }: Faults): Promise<void> | undefined {
  if (latencyMs + jitterMs === 0) return undefined;
  return new Promise((resolve) => setTimeout(resolve, latencyMs + Math.random() * jitterMs));
}

function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const step = size || bytes.length;
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}
