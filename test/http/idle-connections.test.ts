import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Connections } from '../../src/http/load-shedding/connections.ts';
import { collectGarbage } from '../support/garbage-collection.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';

it('an idle connection keeps nothing of its last request in memory', async () => {
  const { limit, url, close } = await startLimitedServer();
  onTestFinished(close);
  const requests: WeakRef<object>[] = [];
  limit.passTo((request, response) => {
    requests.push(new WeakRef(request));
    response.end('done');
  });
  const socket = await openSocket(url, requestText('GET /'));
  await expect.poll(() => socket.read()?.toString() ?? '').toContain('done');
  await expect
    .poll(() => {
      collectGarbage();
      return requests[0]?.deref();
    })
    .toBeUndefined();
  expect(socket.destroyed).toBe(false);
});

/** Opens connections, of which the first ones have had a request. Returns their sockets. */
function open({ idle, silent }: { idle: number; silent: number }): { idle: Socket[]; silent: Socket[] } {
  const server = createServer();
  const connections = new Connections(server, () => undefined);
  const sockets = Array.from({ length: idle + silent }, (_, index) => {
    const socket = new Socket();
    server.emit('connection', socket);
    const connection = index < idle ? connections.openRequest(socket) : undefined;
    if (connection !== undefined) connections.closeRequest(connection);
    return socket;
  });
  return { idle: sockets.slice(0, idle), silent: sockets.slice(idle) };
}

it.each([
  { idle: 3000, silent: 1000, closed: [0, 0], name: 'no connection closes at 4,000' },
  { idle: 3001, silent: 1000, closed: [1, 0], name: 'up to 1,000 silent connections stay, and idle ones close' },
  { idle: 1, silent: 4002, closed: [0, 3], name: 'more than 1,000 silent connections close before idle ones' },
])('$name', ({ closed, ...counts }) => {
  const { idle, silent } = open(counts);
  const destroyed = (sockets: readonly Socket[]) => sockets.filter((socket) => socket.destroyed);
  expect([idle, silent].map((sockets) => destroyed(sockets).length)).toEqual(closed);
  const oldest = closed.map((count, list) => [idle, silent][list]?.slice(0, count));
  expect([destroyed(idle), destroyed(silent)]).toEqual(oldest);
});
