import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ConcurrencyLimit } from '../../src/http/load-shedding/concurrency-limit.ts';
import { collectGarbage } from '../support/garbage-collection.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';

it('an idle connection keeps nothing of its last request in memory', async () => {
  const http = createServer();
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const limit = new ConcurrencyLimit(http, { maxInFlight: 1000, onRejected: () => undefined });
  const requests: WeakRef<object>[] = [];
  limit.passTo((request, response) => {
    requests.push(new WeakRef(request));
    response.end('done');
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const socket = await openSocket(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, requestText('GET /'));
  await expect.poll(() => socket.read()?.toString() ?? '').toContain('done');
  await expect
    .poll(() => {
      collectGarbage();
      return requests[0]?.deref();
    })
    .toBeUndefined();
  expect(socket.destroyed).toBe(false);
});
