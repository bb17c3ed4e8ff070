import { changed, type Fault, type FaultName, slow, status } from '../support/faults.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { blockEventLoop, startSlowAuthService } from '../support/slow-auth-service.ts';
import { createClient, MAX_SLOTS, MAX_WAITING, newId, newIds } from './client.ts';
import { contracts, lookups } from './lookup.ts';

const unavailable = expect.objectContaining({ code: 'AUTH_SERVICE_UNAVAILABLE' });

/** Faults of responses from an auth-service that is well, by their name. */
const rejectedRequests: [string, FaultName | number | Fault][] = [
  ['400', 400],
  ['401', 401],
  ['403', 403],
  ['409', 409],
  ['422', 422],
  ['431', 431],
  ['a redirect', 'redirect'],
  ['no content', 'no-content'],
  ['too large a body', 'huge'],
  ['another content type', 'wrong-content-type'],
  ['half a JSON', 'truncated'],
  ['another user', 'wrong-id'],
  ['an empty object', 'empty-object'],
  ['GraphQL errors', 'graphql-errors'],
];

describe.each(contracts)('the circuit to an auth-service asked by %s stays closed', (lookup, endpoint) => {
  it.for(rejectedRequests)('when the response is %s', async ([, fault], { auth }) => {
    const ids = newIds(25).map((id) => auth.add({ id }).id);
    const client = createClient(auth, lookup);
    auth.fail(endpoint, fault);
    for (const id of ids) await expect(client.usersByIds([id])).rejects.toEqual(unavailable);
    auth.clearFaults();
    expect((await client.usersByIds(ids)).size).toBe(25);
  });

  it('when the auth-service limits the rate of one user', async ({ auth, createUser }) => {
    const viewer = await createUser();
    const client = createClient(auth, lookup);
    auth.fail(endpoint, status(429, { retryAfter: 60 }));
    for (let i = 0; i < 25; i++) await expect(client.ownUser(viewer)).rejects.toEqual(unavailable);
    auth.clearFaults();
    expect(await client.ownUser(viewer)).toMatchObject({ id: viewer.id });
  });

  it('when lookups get no slot before their total timeout', async ({ auth }) => {
    const client = createClient(auth, lookup);
    // Opens the connections of all slots.
    await Promise.all(newIds(MAX_SLOTS).map((id) => client.usersByIds([id])));
    auth.fail(endpoint, slow(130));
    const all = await Promise.allSettled(newIds(MAX_SLOTS + MAX_WAITING).map((id) => client.usersByIds([id])));
    expect(all.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    auth.clearFaults();
    expect((await client.usersByIds(newIds(3))).size).toBe(3);
  });

  it('when the event loop of this process is blocked', async ({ onTestFinished }) => {
    const slowAuth = await startSlowAuthService();
    onTestFinished(slowAuth.close);
    const client = createClient(slowAuth, lookup);
    await client.usersByIds([newId()]);
    const received = slowAuth.received();
    const pending = newIds(30).map((id) => client.usersByIds([id]));
    await received;
    await blockEventLoop(600);
    await Promise.allSettled(pending);
    expect((await client.usersByIds([newId()])).size).toBe(1);
  });
});

describe.each(contracts)('the circuit to an auth-service asked by %s opens', (lookup, endpoint) => {
  for (const fault of ['hang', 'drip', 'reset', 'reset-mid-body', 500, 502, 503, 504, 408, 429] as const) {
    it(`when the fault is ${fault}`, async ({ auth }) => {
      const client = createClient(auth, lookup);
      auth.fail(endpoint, fault);
      for (const count of [24, 8]) await Promise.allSettled(newIds(count).map((id) => client.usersByIds([id])));
      auth.calls.clear();
      await expect(client.usersByIds([newId()])).rejects.toMatchObject({ retryAfterSeconds: 5 });
      expect(lookups(auth)).toHaveLength(0);
    });
  }

  it('when calls that were sent get no response, although their lookups ended before', async ({ auth }) => {
    const client = createClient(auth, lookup);
    auth.fail(endpoint, 'hang');
    const flood = Promise.allSettled(newIds(100).map((id) => client.usersByIds([id])));
    const retryAfter = () => client.usersByIds([newId()]).catch(({ retryAfterSeconds }) => retryAfterSeconds);
    await expect.poll(retryAfter, { timeout: 20_000, interval: 100 }).toBe(5);
    await flood;
  });
});

describe('the circuit', () => {
  it('logs a line for each change of its state, however many lookups fail', async ({ auth, createUser }) => {
    const { id } = await createUser();
    const lines: string[] = [];
    const write = (level: string) => (fields: { err?: Error }, message: string) =>
      void lines.push([level, message, fields.err?.message].filter(Boolean).join(': '));
    const client = createClient(auth, 'graphql', { warn: write('warn'), info: write('info') });
    auth.fail('graphql', 500);
    await Promise.allSettled(newIds(100).map((missing) => client.usersByIds([missing])));
    await Promise.allSettled(newIds(100).map((missing) => client.usersByIds([missing])));
    const opened = 'warn: the circuit to the auth-service opened: response with status 500';
    expect(lines).toEqual([opened]);
    auth.clearFaults();
    const found = () => client.usersByIds([id]).catch(() => undefined);
    await expect.poll(found, { timeout: 20_000, interval: 100 }).toBeDefined();
    expect(lines).toEqual([
      opened,
      'info: the circuit to the auth-service is half-open',
      'info: the circuit to the auth-service closed',
    ]);
  });

  it('counts a response that it only reads in part like one that it reads', async ({ auth }) => {
    const client = createClient(auth, 'graphql');
    auth.fail(
      'graphql',
      changed(() => 'x'.repeat(300_000)),
    );
    for (const id of newIds(25)) await expect(client.usersByIds([id])).rejects.toEqual(unavailable);
    auth.clearFaults();
    expect((await client.usersByIds(newIds(1))).size).toBe(1);
  });
});
