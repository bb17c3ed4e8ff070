import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Json } from './json.ts';

/**
 * Starts an auth-service on a thread of its own, so that it responds while the event loop of the test is blocked. It
 * takes 50 ms for a response, knows no user, and publishes the keys.
 */
export async function startSlowAuthService(keys: Json[] = []) {
  const worker = new Worker(SOURCE, { eval: true, workerData: JSON.stringify({ keys }) });
  const [port] = await once(worker, 'message');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    jwksUrl: `${url}/jwks`,
    /** Resolves when the next request has arrived. */
    received: () => once(worker, 'message'),
    close: async () => void (await worker.terminate()),
  };
}

/** Blocks the event loop. It runs its timers next, before it reads the responses that arrived meanwhile. */
export async function blockEventLoop(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const SOURCE = `
  const { createServer } = require('node:http');
  const { text } = require('node:stream/consumers');
  const { parentPort, workerData } = require('node:worker_threads');
  const answer = (url, body) => {
    if (url === '/jwks') return [200, workerData];
    const count = body === '' ? 0 : JSON.parse(body).variables.representations.length;
    return [count === 0 ? 404 : 200, JSON.stringify({ data: { _entities: Array(count).fill(null) } })];
  };
  const server = createServer(async (request, response) => {
    const [status, body] = answer(request.url, await text(request));
    parentPort.postMessage('received');
    setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(body), 50);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
