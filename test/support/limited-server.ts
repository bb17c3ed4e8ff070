import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConcurrencyLimit, type ConcurrencyLimitOptions } from '../../src/http/load-shedding/concurrency-limit.ts';

/** Starts a server with the limits of requests, and collects the reasons of closed connections. */
export async function startLimitedServer(options: Partial<ConcurrencyLimitOptions> = {}) {
  const closed: string[] = [];
  const server = createServer();
  const limit = new ConcurrencyLimit(server, {
    maxInFlight: 1000,
    onRejected: () => undefined,
    onClosed: (reason) => closed.push(reason),
    ...options,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { server, limit, closed, close, port, url: `http://127.0.0.1:${port}` };
}
