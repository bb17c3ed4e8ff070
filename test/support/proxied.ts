import { it as base } from './fixtures.ts';
import { createProxy } from './proxy.ts';

/** Tests with `proxy`, an open proxy to the database. */
export const it = base.extend('proxy', async ({ db }, { onCleanup }) => {
  const proxy = await createProxy(db.url);
  onCleanup(() => proxy.close());
  await proxy.open();
  return proxy;
});
