import { createProxy } from '../../test/support/proxy.ts';
import type { DelayMessage } from './delay-proxy.ts';

// The proxy runs in a process of its own, so that no other work adds to its delay. It replies with its URL.

const [, , targetUrl = ''] = process.argv;
const proxy = await createProxy(targetUrl);
await proxy.open();

process.on('message', ({ ms }: DelayMessage) => {
  proxy.latencyMs = ms;
  process.send?.(proxy.url);
});
