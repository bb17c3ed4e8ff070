import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Gateway, startGateway } from '../../../dev/gateway/server.ts';
import { findTestPort } from '../../support/ports.ts';
import { startProducts } from './products.ts';

const require = createRequire(import.meta.url);
const SUITE = join(dirname(require.resolve('@apollo/federation-subgraph-compatibility-tests')), '..');
/** The service answers no federated traces. */
const LEFT_OUT = 'ftv1.test.js';

const readSdl = (path: string) => parse(readFileSync(join(SUITE, path), 'utf8'));
const schemas = {
  products: readSdl('products.graphql'),
  users: readSdl('dist/subgraphs/users/users.graphql'),
  inventory: readSdl('dist/subgraphs/inventory/inventory.graphql'),
};

const products = await startProducts(schemas.products);
process.env.PRODUCTS_URL = products.url;
const client = require(join(SUITE, 'dist/utils/client.js')) as { ROUTER_URL: string };
const children: ChildProcess[] = [];
let gateway: Gateway | undefined;

/** Starts a subgraph of the suite, and returns its URL when it answers. */
async function startSubgraph(name: 'users' | 'inventory'): Promise<string> {
  const port = await findTestPort();
  const env = { ...process.env, [`${name.toUpperCase()}_PORT`]: String(port) };
  const script = join(SUITE, `dist/subgraphs/${name}/index.js`);
  children.push(spawn(process.execPath, [script], { env, stdio: 'ignore' }));
  const url = `http://localhost:${port}/`;
  const ping = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' };
  await vi.waitFor(async () => expect((await fetch(url, ping)).ok).toBe(true), { timeout: 30_000, interval: 100 });
  return url;
}

beforeAll(async () => {
  const [users, inventory] = await Promise.all([startSubgraph('users'), startSubgraph('inventory')]);
  const urls = { products: products.url, users, inventory };
  const names = ['products', 'users', 'inventory'] as const;
  const composed = composeServices(names.map((name) => ({ name, url: urls[name], typeDefs: schemas[name] })));
  expect(composed.errors).toBeUndefined();
  gateway = await startGateway({ supergraph: composed.supergraphSdl ?? '', port: 0 });
  client.ROUTER_URL = `${gateway.url}/graphql`;
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill();
  await gateway?.close();
  await products.close();
});

describe('the engine in Apollo’s subgraph compatibility suite', () => {
  Object.assign(globalThis, { describe, expect, it, test: it });
  const files = readdirSync(join(SUITE, 'dist/tests')).filter((name) => name.endsWith('.test.js'));
  for (const file of files.filter((name) => name !== LEFT_OUT)) require(join(SUITE, 'dist/tests', file));
});

describe('a request for a federated trace', () => {
  it('is answered without one', async () => {
    const headers = { 'content-type': 'application/json', 'apollo-federation-include-trace': 'ftv1' };
    const response = await fetch(products.url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});
