import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../support/app.ts';
import { startAuthService } from '../support/auth-service.ts';
import { slow } from '../support/faults.ts';
import { it as base, describe, expect, type SignedIn } from '../support/fixtures.ts';

const DURATION_MS = 2000;

/** A service with an auth-service of the test's own, which is slow for lookups. */
const it = base.extend('slowAuth', async ({}, { onCleanup }) => {
  const auth = await startAuthService();
  auth.fail('graphql', slow(300));
  onCleanup(() => auth.close());
  return auth;
});

/** Sends requests one after another for two seconds, on each of 160 connections. Returns their statuses. */
async function flood(send: (client: number, n: number) => Promise<{ status: number }>): Promise<Set<number>> {
  const statuses = new Set<number>();
  const end = performance.now() + DURATION_MS;
  const client = async (id: number) => {
    for (let n = 0; performance.now() < end; n++) statuses.add((await send(id, n)).status);
  };
  await Promise.all(Array.from({ length: 160 }, (_, id) => client(id)));
  return statuses;
}

/** Reads lists as long as the flood lasts. Returns the statuses of both. */
async function readDuring(service: Service, floodStatuses: Promise<Set<number>>) {
  let isOver = false;
  const read: number[] = [];
  const reading = (async () => {
    while (!isOver) {
      read.push((await service.rest('/users/reader/badges')).status);
      await delay(20);
    }
  })();
  const flooded = [...(await floodStatuses)];
  isOver = true;
  await reading;
  return { flooded, read };
}

/** A slow machine may reject a few; if the waits counted as load, it would reject most. */
function expectAccepted(statuses: readonly number[]): void {
  expect([200, 503]).toEqual(expect.arrayContaining([...statuses]));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(statuses.length * 0.8);
}

describe('other clients are not rejected', { timeout: 30_000 }, () => {
  it('while 160 changes of four users wait for one another', async ({ service, createUser }) => {
    const users = await Promise.all(Array.from({ length: 4 }, () => createUser()));
    const statuses = flood((client, n) => {
      const { id, token } = users[client % 4] as SignedIn;
      return service.rest(`/users/${id}/activities`, {
        token,
        body: { event_id: `${client}-${n}`, verb: 'check-in' },
      });
    });
    const { flooded, read } = await readDuring(service, statuses);
    expectAccepted(read);
    // On a slow machine, the last of 40 changes of a user exceeds the time limit of a request.
    expect(flooded).toContain(200);
    expect([200, 503]).toEqual(expect.arrayContaining(flooded));
  });

  it('while 160 profiles wait for a slow auth-service', async ({ slowAuth, serve }) => {
    const service = await serve({ AUTH_SERVICE_URL: slowAuth.url });
    const statuses = flood((client, n) => service.rest(`/users/unknown-${client}-${n}`));
    const { flooded, read } = await readDuring(service, statuses);
    expectAccepted(read);
    expect(flooded).toContain(404);
  });
});
