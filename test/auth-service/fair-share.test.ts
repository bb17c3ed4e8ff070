import { vi } from 'vitest';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { slow } from '../support/faults.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { createClient, learners, MAX_SLOTS, MAX_WAITING, newId, newIds, usualDurationOf } from './client.ts';
import { contracts, lookups } from './lookup.ts';

/** Of the auth-service: a few lookups fill the total timeout of 1 s. */
const LATENCY_MS = 50;
/** Lookups at once: more than a client has slots and places in its queue. */
const FLOOD = 400;

describe.each(contracts)('with many lookups by %s at once', (lookup, endpoint) => {
  it('a user gets the own data within four times the usual time, and the circuit stays closed', async ({
    auth,
    createUser,
  }) => {
    const viewer = await createUser();
    // Code that V8 has not compiled takes the thread for so long that lookups reach their time limit on a busy machine.
    const other = createClient(auth, lookup);
    for (let run = 0; run < 3; run++) await Promise.allSettled(newIds(100).map((id) => other.usersByIds([id])));
    const client = createClient(auth, lookup);
    const ownUser = () => client.ownUser(viewer);
    await ownUser();
    auth.fail(endpoint, slow(2 * LATENCY_MS));
    const usual = await usualDurationOf(ownUser);
    const flood = Promise.allSettled(newIds(FLOOD).map((id) => client.usersByIds([id])));
    expect(await usualDurationOf(ownUser)).toBeLessThan(4 * usual + 300);
    const rejected = (await flood).filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThanOrEqual(FLOOD - MAX_SLOTS - MAX_WAITING);
    expect(rejected).toEqual(
      rejected.map(() => ({
        status: 'rejected',
        reason: expect.objectContaining({ code: 'AUTH_SERVICE_UNAVAILABLE' }),
      })),
    );
    const id = newId();
    expect(await client.usersByIds([id])).toEqual(new Map([[id, null]]));
    expect(await ownUser()).toMatchObject({ id: viewer.id, email: viewer.email });
  });

  it('a lookup of one user waits for no lookup of many', async ({ auth }) => {
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(LATENCY_MS));
    const single = () => client.usersByIds([newId()]);
    const usual = await usualDurationOf(single);
    const flood = Promise.allSettled(Array.from({ length: 40 }, () => client.usersByIds(newIds(100))));
    expect(await usualDurationOf(single)).toBeLessThan(4 * usual + 300);
    await flood;
  });

  it('a lookup of a few users gets a response among lookups of many', async ({ auth }) => {
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(LATENCY_MS));
    const flood = Promise.allSettled(Array.from({ length: 8 }, () => client.usersByIds(newIds(100))));
    expect((await client.usersByIds(newIds(3))).size).toBe(3);
    await flood;
  });

  it('a lookup of a few users gets a response among many lookups of one', async ({ auth }) => {
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(LATENCY_MS));
    const flood = Promise.allSettled(newIds(FLOOD).map((id) => client.usersByIds([id])));
    expect((await client.usersByIds(newIds(3))).size).toBe(3);
    await flood;
  });

  it('a user gets the own data although another user asks for theirs 400 times', async ({ auth, createUser }) => {
    const [flooder, viewer] = [await createUser(), await createUser()];
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(2 * LATENCY_MS));
    const flood = Promise.allSettled(Array.from({ length: FLOOD }, () => client.ownUser(flooder)));
    expect(await client.ownUser(viewer)).toMatchObject({ id: viewer.id });
    await flood;
  });

  it('public data is looked up although a user asks for their own 400 times', async ({ auth, createUser }) => {
    const flooder = await createUser();
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(2 * LATENCY_MS));
    const flood = Promise.allSettled(Array.from({ length: FLOOD }, () => client.ownUser(flooder)));
    expect((await client.usersByIds(newIds(1))).size).toBe(1);
    expect((await client.usersByIds(newIds(3))).size).toBe(3);
    await flood;
  });

  it('a lookup that gets no slot is rejected after its total timeout of 1 s', async ({ auth }) => {
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(400));
    const count = MAX_SLOTS + MAX_WAITING;
    const startedAt = performance.now();
    const lookups = await Promise.allSettled(newIds(count).map((id) => client.usersByIds([id])));
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    // Within a second, each slot has two calls, and a third one that reaches the timeout.
    const fulfilled = lookups.filter(({ status }) => status === 'fulfilled').length;
    expect(fulfilled).toBeGreaterThan(0);
    expect(fulfilled).toBeLessThanOrEqual(3 * MAX_SLOTS);
  });
});

describe('six operations of 250 users each, looked up by rest,', () => {
  it('leave the profile of a user its usual time, and the circuit closed', async ({ auth, serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    auth.fail('users', slow(LATENCY_MS));
    const statuses: number[] = [];
    const ownProfile = async () => statuses.push((await service.rest('/users/me', { token })).status);
    const usual = await usualDurationOf(ownProfile);
    auth.calls.clear();
    const attack = Promise.all(Array.from({ length: 6 }, () => service.graphql(learners(newIds(250)))));
    await vi.waitUntil(() => auth.calls.length > 8, { timeout: 10_000 });
    // Behind the other lookups, a profile would wait for about 100 of them, one after another.
    expect(await usualDurationOf(ownProfile)).toBeLessThan(10 * usual + BUSY_MACHINE_MS);
    expect((await service.rest(`/users/${newId()}`)).status).toBe(404);
    await attack;
    await ownProfile();
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe.each(contracts)('calls by %s for the same data', (lookup, endpoint) => {
  it('share one request while it is in flight', async ({ auth, createUser }) => {
    const { id } = await createUser();
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(LATENCY_MS));
    auth.calls.clear();
    const found = await Promise.all(Array.from({ length: 200 }, () => client.usersByIds([id])));
    expect(new Set(found.map((users) => users.get(id)?.id))).toEqual(new Set([id]));
    expect(lookups(auth)).toHaveLength(1);
  });

  it('share no request that asks for other users too', async ({ auth, createUser }) => {
    const { id } = await createUser();
    const client = createClient(auth, lookup);
    auth.fail(endpoint, (exchange) =>
      exchange.ids.length === 1 && exchange.ids[0] === id ? slow(0)(exchange) : exchange.response.destroy(),
    );
    const poisoned = expect(client.usersByIds([id, newId()])).rejects.toThrow('temporarily unavailable');
    expect((await client.usersByIds([id])).get(id)?.id).toBe(id);
    await poisoned;
  });

  it('are not shared for the own data of a user', async ({ auth, createUser }) => {
    const viewer = await createUser();
    const client = createClient(auth, lookup);
    auth.fail(endpoint, slow(LATENCY_MS));
    auth.calls.clear();
    await Promise.all([client.ownUser(viewer), client.ownUser(viewer), client.usersByIds([viewer.id])]);
    expect(lookups(auth)).toHaveLength(3);
  });
});
