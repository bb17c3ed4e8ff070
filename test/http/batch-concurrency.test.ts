import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import Fastify, { type FastifyRequest } from 'fastify';
import { limitBatchConcurrency, releasingBatch } from '../../src/http/load-shedding/batch-concurrency.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

/** A server whose operations run until a test answers them. */
const it = base.extend('operations', async ({}, { onCleanup }) => {
  const running: { name: string; answer: (text: string) => void }[] = [];
  const arrived: string[] = [];
  const closed: string[] = [];
  const http = Fastify({ forceCloseConnections: true });
  http.register(async (route) => {
    route.addHook('preHandler', async ({ body }, { raw }) => {
      const { name } = body as { name: string };
      arrived.push(name);
      raw.once('close', () => closed.push(name));
    });
    limitBatchConcurrency(route);
    const handle = async ({ body }: FastifyRequest) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      running.push({ name: (body as { name: string }).name, answer: resolve });
      return promise;
    };
    route.post('/graphql', releasingBatch(handle));
  });
  const { port } = new URL(await http.listen({ host: '127.0.0.1', port: 0 }));
  onCleanup(() => http.close());

  /** Sends an operation and resolves when the server has received it completely. */
  const send = async (name: string, body: object): Promise<ClientRequest> => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ port, path: '/graphql', method: 'POST', headers, agent: false });
    outgoing.on('error', () => undefined).end(JSON.stringify({ name, ...body }));
    await expect.poll(() => arrived, { interval: 1 }).toContain(name);
    return outgoing;
  };
  const batch = (name: string, size: number) =>
    send(name, { variables: { representations: Array(size).fill({ __typename: 'User', id: 'ada' }) } });
  const names = () => running.map(({ name }) => name);
  const answer = (requested: string, text = '{}') => {
    const at = running.findIndex(({ name }) => name === requested);
    running.splice(at, 1)[0]?.answer(text);
  };
  return { send, batch, names, answer, closed };
});

describe('batches of entities', () => {
  it('run four at a time, in the order of arrival', async ({ operations }) => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await operations.batch(name, 200);
    expect(operations.names()).toEqual(['a', 'b', 'c', 'd']);
    operations.answer('c');
    await expect.poll(operations.names).toEqual(['a', 'b', 'd', 'e']);
    operations.answer('a');
    await expect.poll(operations.names).toEqual(['b', 'd', 'e', 'f']);
  });

  it('run more at a time when they are small', async ({ operations }) => {
    for (let i = 1; i <= 12; i++) await operations.batch(`b${i}`, 20);
    expect(operations.names()).toHaveLength(10);
    operations.answer('b1');
    await expect.poll(operations.names).toHaveLength(10);
    expect(operations.names().at(-1)).toBe('b11');
  });

  it('do not delay operations with one item or none', async ({ operations }) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await operations.batch(name, 1000);
    const single = { variables: { representations: [{ __typename: 'User', id: 'ada' }] } };
    const page = { variables: { id: 'ada', first: 500, status: ['PAUSED', 'COMPLETED'] } };
    const others = [single, page, {}, { variables: null }, { variables: 'text' }, { variables: { none: [] } }];
    for (const [at, body] of others.entries()) await operations.send(`other ${at}`, body);
    expect(operations.names()).toEqual(['a', 'b', 'c', 'd', ...others.keys().map((at) => `other ${at}`)]);
  });

  it('do not wait for a client that reads slowly', async ({ operations }) => {
    const slow = await operations.batch('slow', 1000);
    for (const name of ['b', 'c', 'd', 'e']) await operations.batch(name, 1000);
    const response = once(slow, 'response');
    operations.answer('slow', 'x'.repeat(20_000_000));
    const [incoming] = (await response) as [IncomingMessage];
    await expect.poll(operations.names).toEqual(['b', 'c', 'd', 'e']);
    expect(incoming.complete).toBe(false);
  });

  it('are dropped when their clients disconnect, and release the semaphore', async ({ operations }) => {
    const clients = new Map<string, ClientRequest>();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) clients.set(name, await operations.batch(name, 1000));
    for (const name of ['e', 'a']) {
      clients.get(name)?.destroy();
      await expect.poll(() => operations.closed).toContain(name);
    }
    await expect.poll(operations.names).toEqual(['a', 'b', 'c', 'd', 'f']);
  });
});
