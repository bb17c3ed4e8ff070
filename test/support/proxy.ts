import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that a test can close and spoil. Faults hold for all connections until `heal`. */
export interface TcpProxy {
  /** The target's URL by way of this proxy. */
  url: string;
  /** Takes connections, always on the same port. */
  open(): Promise<void>;
  /** Ends every connection and refuses new ones. */
  close(): Promise<void>;
  /** New connections are passed on, accepted and left without an answer, or ended or reset at once. */
  onConnect: 'pass' | 'silent' | 'end' | 'reset';
  /** Every answer comes this much later. */
  latencyMs: number;
  /** And up to this much later still, in no order of size; the answers themselves stay in order. */
  jitterMs: number;
  /** Answers come in pieces of this many bytes; 0 leaves them whole. */
  sliceBytes: number;
  /** What becomes of a connection whose client sends this text. The server gets it unless it is lost or cut off. */
  onText: { text: string; fate: 'lose' | 'reset' | 'reset-at-answer' } | undefined;
  /** The network loses whatever is sent from now on and tells nobody. What it has lost stays lost after `heal`. */
  blackhole(): void;
  /** Ends every connection there is, politely. */
  endAll(): void;
  /** Resets every connection there is. */
  resetAll(): void;
  /** No more faults; connections that were spoiled stay so. */
  heal(): void;
  /** How many connections there are. */
  connections(): number;
}

type Faults = Pick<TcpProxy, 'onConnect' | 'latencyMs' | 'jitterMs' | 'sliceBytes' | 'onText'> & { losesAll: boolean };

const HEALTHY: Readonly<Faults> = {
  onConnect: 'pass',
  latencyMs: 0,
  jitterMs: 0,
  sliceBytes: 0,
  onText: undefined,
  losesAll: false,
};

/** A TCP proxy to the server of `targetUrl`; at first it is closed. */
export async function createProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const faults: Faults = { ...HEALTHY };
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    if (faults.onConnect === 'pass') join(client, target, faults);
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

  await listen(0);
  const { port } = server.address() as AddressInfo;
  await close();
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return Object.assign(faults, {
    url: url.href,
    open: async () => void (await listen(port)),
    close,
    blackhole: () => void Object.assign(faults, { losesAll: true, onConnect: 'silent' }),
    endAll: () => clients.forEach((client) => void client.end()),
    resetAll: () => clients.forEach((client) => void client.resetAndDestroy()),
    heal: () => void Object.assign(faults, HEALTHY),
    connections: () => clients.size,
  });
}

/** Carries bytes both ways, as well as the faults of the moment allow. */
function join(client: Socket, { hostname, port }: URL, faults: Faults): void {
  const server = connect({ host: hostname, port: Number(port), noDelay: true });
  let isLost = false;
  let resetsAtAnswer = false;
  let answered: Promise<unknown> = Promise.resolve();

  const loses = () => {
    isLost ||= faults.losesAll;
    return isLost;
  };
  client.on('data', (bytes) => {
    const { text, fate: planned } = faults.onText ?? {};
    const fate = text !== undefined && bytes.includes(text) ? planned : undefined;
    isLost ||= fate === 'lose';
    resetsAtAnswer ||= fate === 'reset-at-answer';
    if (fate === 'reset') client.resetAndDestroy();
    else if (!loses()) server.write(bytes);
  });
  server.on('data', (bytes) => {
    if (resetsAtAnswer) client.resetAndDestroy();
    if (client.destroyed || loses()) return;
    const delay = later(faults);
    answered = answered.then(async () => {
      await delay;
      for (const piece of slices(bytes, faults.sliceBytes)) {
        client.write(piece);
        if (faults.sliceBytes > 0) await new Promise(setImmediate);
      }
    });
  });
  server.on('error', () => undefined);
  server.on('end', () => answered.then(() => loses() || client.end()));
  server.on('close', () => answered.then(() => loses() || client.destroy()));
  client.on('close', () => server.destroy());
}

function later({ latencyMs, jitterMs }: Faults): Promise<void> | undefined {
  if (latencyMs + jitterMs === 0) return undefined;
  return new Promise((resolve) => setTimeout(resolve, latencyMs + Math.random() * jitterMs));
}

function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const step = size || bytes.length;
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}
