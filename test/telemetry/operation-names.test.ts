import { describe, expect, it } from '../support/fixtures.ts';
import { scrape, sumOf } from './exposition.ts';

const BY_NAME = 'graphql_operations_by_name_total';

describe('the names of GraphQL operations', () => {
  it('are labels once they are used often', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    for (let i = 0; i < 12; i++) await service.graphql('query Popular { __typename }', {}, { token });
    await service.graphql('query Rare { __typename }', {}, { token });
    await service.graphql('{ __typename }', {}, { token });
    const series = await scrape(service);
    const named = (graphql_operation_name: string) => sumOf(series, BY_NAME, { graphql_operation_name });
    expect(['Popular', 'Rare', 'other', 'anonymous'].map(named)).toEqual([3, 0, 10, 1]);
  });

  it('have at most 50 label values, for all names that a client sends', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    const send = (i: number) => service.graphql(`query Hostile_${i}_${'x'.repeat(i)} { __typename }`, {}, { token });
    for (let i = 0; i < 60; i++) for (let use = 0; use < 10; use++) await send(i);
    for (let i = 100; i < 300; i++) await send(i);
    const series = (await scrape(service)).filter(({ name }) => name === BY_NAME);
    expect(series).toHaveLength(51);
    expect(Math.max(...series.map(({ labels }) => (labels.graphql_operation_name ?? '').length))).toBeLessThan(101);
  });

  it('of operations that fail are no labels', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    for (let i = 0; i < 20; i++) await service.graphql('query Failing { nonsense }', {}, { token });
    const series = await scrape(service);
    expect(sumOf(series, BY_NAME, { graphql_operation_name: 'Failing' })).toBe(0);
  });

  it('of clients without a token are no labels until a client with one uses them', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    const send = (name: string, as?: { token: string }) => service.graphql(`query ${name} { __typename }`, {}, as);
    for (let i = 0; i < 60; i++) for (let use = 0; use < 10; use++) await send(`Hostile${i}`);
    for (let use = 0; use < 10; use++) await send('Shared', { token });
    await send('Shared');
    const series = await scrape(service);
    const named = (graphql_operation_name: string) => sumOf(series, BY_NAME, { graphql_operation_name });
    expect(series.filter(({ name }) => name === BY_NAME)).toHaveLength(2);
    expect([named('other'), named('Shared')]).toEqual([609, 2]);
  });

  it('of clients without a token are labels behind a gateway with its secret', async ({ serve }) => {
    const secret = 'between-the-gateway-and-the-service';
    const service = await serve({ GATEWAY_SECRET: secret });
    const headers = { 'router-authorization': secret };
    for (let use = 0; use < 10; use++) await service.graphql('query Public { __typename }', {}, { headers });
    expect(sumOf(await scrape(service), BY_NAME, { graphql_operation_name: 'Public' })).toBe(1);
  });
});
