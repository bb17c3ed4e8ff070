import type { Service } from '../support/app.ts';
import { badgeBody, it as base, describe, expect, goalBody, type SignedIn } from '../support/fixtures.ts';
import { createTripCounter } from '../support/trip-counter.ts';

/** `counted` is a service with one connection through `trips`. */
const it = base
  .extend('trips', async ({ db }, { onCleanup }) => {
    const trips = await createTripCounter(db.url);
    onCleanup(() => trips.close());
    return trips;
  })
  .extend('counted', ({ serve, trips }) => serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1' }));

type Act = (service: Service, user: SignedIn, goalId: number) => Promise<{ status: number }>;

const post =
  (list: 'badges' | 'goals', key?: string): Act =>
  (service, { id, token }) => {
    const body = list === 'badges' ? badgeBody() : goalBody();
    const headers = { 'idempotency-key': key === undefined ? undefined : `${key}-${crypto.randomUUID()}` };
    return service.rest(`/users/${id}/${list}`, { token, body, headers });
  };
const put =
  (body: object): Act =>
  (service, { id, token }, goalId) =>
    service.rest(`/users/${id}/goals/${goalId}`, { method: 'PUT', token, body });
const remove: Act = (service, { id, token }, goalId) =>
  service.rest(`/users/${id}/goals/${goalId}`, { method: 'DELETE', token });
const replay: Act = (service, { id, token }) =>
  service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: { 'idempotency-key': 'stored' } });

const OPERATIONS: [operation: string, trips: number, act: Act][] = [
  ['createBadge', 1, post('badges')],
  ['createGoal', 1, post('goals')],
  ['createBadge with a key', 2, post('badges', 'k')],
  ['createGoal with a key', 2, post('goals', 'k')],
  ['a replay', 1, replay],
  ['updateGoal', 2, (...args) => put({ streak_count: Math.floor(Math.random() * 1e9) })(...args)],
  ['updateGoal without a change', 1, put({ title: goalBody().title })],
  ['deleteGoal', 1, remove],
];

const createGoal = async (service: Service, user: SignedIn) => {
  const { id, token } = user;
  const { body } = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
  return body.id as number;
};

describe('a write by prepared statements', () => {
  it.for(OPERATIONS)('%s takes %i round trips', async ([, expected, act], { counted, trips, createUser }) => {
    const user = await createUser();
    await act(counted, user, await createGoal(counted, user));
    const goalId = await createGoal(counted, user);
    trips.take();
    expect(await act(counted, user, goalId)).toMatchObject({ status: 200 });
    expect(trips.take()).toBe(expected);
  });

  it('at the limit takes two round trips to be rejected', async ({ serve, trips, createUser }) => {
    const limited = await serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1', MAX_BADGES_PER_USER: '1' });
    const user = await createUser();
    await post('badges')(limited, user, 0);
    await post('badges')(limited, user, 0);
    trips.take();
    expect(await post('badges')(limited, user, 0)).toMatchObject({ status: 400 });
    expect(trips.take()).toBe(2);
  });
});

describe('replays of a finished key', () => {
  it('all get the response, however many there are at once', async ({ service, createUser }) => {
    const user = await createUser();
    expect(await replay(service, user, 0)).toMatchObject({ status: 200 });
    const replays = await Promise.all(Array.from({ length: 50 }, () => replay(service, user, 0)));
    expect(new Set(replays.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
