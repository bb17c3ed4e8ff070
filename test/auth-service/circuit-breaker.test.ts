import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import { contracts, lookups, unavailable } from './lookup.ts';

let strangers = 0;
/** A fresh id, of nobody: each look-up is a call, for nothing is remembered of it. */
const stranger = () => `stranger-${++strangers}`;

/** One look-up after the other; their statuses. */
async function lookUp(client: HttpClient, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push((await client.rest(`/users/${stranger()}`)).status);
  return statuses;
}

describe.each(contracts)('the circuit to an auth-service that is asked by %s', (lookup, endpoint) => {
  it('opens when all of 20 calls failed, refuses without calling, and closes by itself', async ({
    auth,
    serve,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 500);
    auth.calls.clear();
    expect(await lookUp(service, 20)).toEqual(Array(20).fill(503));
    expect(lookups(auth)).toHaveLength(20);

    const start = performance.now();
    const refused = await service.rest(`/users/${stranger()}`);
    expect(performance.now() - start).toBeLessThan(100);
    expect(refused).toMatchObject(unavailable);
    expect(refused.headers['retry-after']).toBe('5');
    expect(lookups(auth)).toHaveLength(20);
    const { token, id } = ada;
    expect((await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status).toBe(200);
    expect((await service.rest('/health/ready')).status).toBe(200);

    auth.clearFaults();
    const healed = async () => (await service.rest(`/users/${id}`)).status;
    await expect.poll(healed, { timeout: 7000, interval: 100 }).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(4000);
    expect(await lookUp(service, 20)).toEqual(Array(20).fill(404));
  });

  it('opens when half of 20 calls failed', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    expect(await lookUp(service, 10)).toEqual(Array(10).fill(404));
    auth.fail(endpoint, 500);
    expect(await lookUp(service, 10)).toEqual(Array(10).fill(503));
    auth.clearFaults();
    auth.calls.clear();
    expect(await lookUp(service, 1)).toEqual([503]);
    expect(lookups(auth)).toHaveLength(0);
  });

  it('stays closed when fewer than half of the calls failed', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    await lookUp(service, 20);
    auth.fail(endpoint, 500);
    expect(await lookUp(service, 15)).toEqual(Array(15).fill(503));
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });

  it('stays closed after fewer than 20 calls, however they went', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 500);
    await lookUp(service, 19);
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });

  it('counts the second tries too', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 503);
    auth.calls.clear();
    await lookUp(service, 14);
    expect(lookups(auth)).toHaveLength(20);
  });

  it('is not opened by callers whose own tokens the auth-service refuses', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    for (const status of [401, 403]) {
      auth.fail(endpoint, status);
      for (let i = 0; i < 25; i++) await service.rest('/users/me', { token: ada.token });
    }
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });
});

it('an endless hang costs nobody more than 1.2 s, and nothing once the circuit is open', async ({ auth, serve }) => {
  const service = await serve();
  auth.fail('graphql', 'hang');
  const start = performance.now();
  const all = await Promise.all(Array.from({ length: 40 }, () => service.rest(`/users/${stranger()}`)));
  expect(performance.now() - start).toBeLessThan(1500);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([503]));
  auth.calls.clear();
  const after = performance.now();
  expect(await lookUp(service, 10)).toEqual(Array(10).fill(503));
  expect(performance.now() - after).toBeLessThan(500);
  expect(lookups(auth)).toHaveLength(0);
});
