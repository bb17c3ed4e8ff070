import { describe, expect, goalInput, it } from '../../support/fixtures.ts';
import { issuedAt } from '../activities/activity.ts';
import { ofUser, type Tracker, trackerOf } from './tracker.ts';

const PROGRESS = ofUser('badgeProgress { definition { key } current target ratio badge { id status } }');
const MANY = `query($r: [_Any!]!) { _entities(representations: $r) { ... on User { badgeProgress { current badge { id } } } } }`;
const CREATE_GOAL = 'mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';

const newUser = () => `u-${crypto.randomUUID()}`;

async function progressOf(tracker: Tracker, id: string, key: string) {
  const [user] = (await tracker.query(PROGRESS, { id }))._entities;
  const one = user.badgeProgress.find((progress: { definition: { key: string } }) => progress.definition.key === key);
  const { definition: _, ...progress } = one;
  return progress;
}

describe('User.badgeProgress', () => {
  it('adds the capped parts of all, takes the best of any, and rounds down', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const count = { count: { verb: 'practice', gte: 2 } };
    const sum = { sum: { verb: 'read', gte: 7 } };
    const objects = { count: { verb: 'read', gte: 4, distinct: 'object' } };
    const [all, any, nested] = [
      await tracker.define({ all: [count, sum] }),
      await tracker.define({ any: [sum, objects] }),
      await tracker.define({ all: [count, { any: [sum, objects] }] }),
    ];
    const id = newUser();
    for (let index = 0; index < 3; index++) await tracker.record(id);
    await tracker.record(id, { verb: 'read', quantity: 2, objectId: 'a' });
    await tracker.record(id, { verb: 'read', quantity: 1, objectId: 'b' });
    expect(await progressOf(tracker, id, all)).toEqual({ current: 5, target: 9, ratio: 0.55, badge: null });
    expect(await progressOf(tracker, id, any)).toEqual({ current: 2, target: 4, ratio: 0.5, badge: null });
    expect(await progressOf(tracker, id, nested)).toEqual({ current: 4, target: 6, ratio: 0.66, badge: null });
  });

  it('is 1 only while the badge is there, and 0.99 otherwise', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const id = newUser();
    await tracker.record(id, { verb: 'jump' });
    const key = await tracker.define({ count: { verb: 'jump', gte: 1 } });
    expect(await progressOf(tracker, id, key)).toEqual({ current: 1, target: 1, ratio: 0.99, badge: null });
    const { badges } = await tracker.record(id, { verb: 'jump' });
    expect(await progressOf(tracker, id, key)).toMatchObject({
      ratio: 1,
      badge: { id: badges[0].id, status: 'ACTIVE' },
    });
    await tracker.revoke({ id: badges[0].id });
    expect(await progressOf(tracker, id, key)).toMatchObject({ ratio: 0.99, badge: null });
  });

  it('counts the longest streak, completed goals and badges', async ({ service, auth, createUser }) => {
    const tracker = await trackerOf(service, auth);
    const { id, token } = await createUser();
    const other = await tracker.define(null);
    const key = await tracker.define({
      all: [{ streak: { gte: 5 } }, { goalsCompleted: { gte: 3 } }, { badge: { key: other } }],
    });
    await service.graphql(CREATE_GOAL, { input: goalInput({ status: 'COMPLETED' }) }, { token });
    await service.graphql(CREATE_GOAL, { input: goalInput() }, { token });
    for (const day of ['01', '02', '03', '09']) await tracker.record(id, { occurredAt: `2026-03-${day}T10:00:00Z` });
    await tracker.award({ userId: id, key: other });
    expect(await progressOf(tracker, id, key)).toMatchObject({ current: 5, target: 9 });
  });

  it('is that of the present week, month and run for badges that repeat', async ({ serve, auth }) => {
    const now = new Date('2026-03-04T12:00:00Z');
    const service = await serve({}, { now: () => now });
    const trackerAt = () => {
      const iat = now.getTime() / 1000;
      return trackerOf(service, auth, { iat, exp: iat + 600 });
    };
    let tracker = await trackerAt();
    const rule = { count: { verb: 'hike', gte: 9 } };
    const define = (repeat: string, given: object = rule) => tracker.define(given, { repeat });
    const [weekly, monthly, run, streak] = [
      await define('WEEKLY'),
      await define('MONTHLY'),
      await define('PER_STREAK'),
      await define('PER_STREAK', { streak: { gte: 4 } }),
    ];
    const id = newUser();
    for (const date of ['01-01', '01-02', '01-03', '02-25', '02-28', '03-01', '03-02', '03-03']) {
      await tracker.record(id, { verb: 'hike', occurredAt: `2026-${date}T10:00:00Z` });
    }
    const current = async (key: string) => (await progressOf(tracker, id, key)).current;
    expect([await current(weekly), await current(monthly), await current(run), await current(streak)]).toEqual([
      2, 3, 4, 4,
    ]);
    expect(await progressOf(tracker, id, streak)).toMatchObject({ ratio: 1, badge: { status: 'ACTIVE' } });
    now.setUTCDate(9);
    tracker = await trackerAt();
    expect([await current(weekly), await current(monthly), await current(run), await current(streak)]).toEqual([
      0, 3, 0, 0,
    ]);
    expect(await progressOf(tracker, id, streak)).toMatchObject({ ratio: 0, badge: null });
  });

  it('is that of the week of a user without activities, in the zone of the user', async ({ serve, auth, db }) => {
    const now = new Date('2026-03-01T22:00:00Z');
    const service = await serve({}, { now: () => now });
    const tracker = await trackerOf(service, auth, issuedAt(now));
    const key = await tracker.define({ count: { verb: 'hike', gte: 1 } }, { repeat: 'WEEKLY' });
    const id = newUser();
    await tracker.award({ userId: id, key, awardKey: '2026-W10' });
    expect(await progressOf(tracker, id, key)).toMatchObject({ badge: null });
    await db.sql`insert into user_time_zones values (${id}, '1970-01-01', 'Pacific/Kiritimati')`;
    expect(await progressOf(tracker, id, key)).toMatchObject({ badge: { status: 'ACTIVE' } });
  });

  it('leaves out definitions that are not active or have no rule', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const rule = { count: { verb: 'jump', gte: 1 } };
    const keys = [
      await tracker.define(null),
      await tracker.define(rule, { state: 'DRAFT' }),
      await tracker.define(rule),
    ];
    await tracker.update({ key: keys[2], state: 'LOCKED' });
    const [user] = (await tracker.query(PROGRESS, { id: newUser() }))._entities;
    const shown = user.badgeProgress.map(({ definition }: { definition: { key: string } }) => definition.key);
    expect(keys.filter((key) => shown.includes(key))).toEqual([]);
  });

  it('is null for others than the owner and managers, and costs one set of statements for many', async ({
    service,
    auth,
  }) => {
    const tracker = await trackerOf(service, auth);
    await tracker.define({ all: [{ streak: { gte: 2 } }, { count: { verb: 'jump', gte: 1 } }] });
    const ids = Array.from({ length: 20 }, newUser);
    for (const id of ids.slice(0, 5)) await tracker.record(id, { verb: 'jump' });
    const r = (count: number) => ids.slice(0, count).map((id) => ({ __typename: 'User', id }));
    const statements = async (count: number) => {
      service.statements.clear();
      const { _entities } = await tracker.query(MANY, { r: r(count) });
      expect(_entities.every(({ badgeProgress }: { badgeProgress: object[] }) => badgeProgress.length > 0)).toBe(true);
      return service.statements.length;
    };
    // The first five users have activities. The date of the others takes a query of their zones.
    expect(await statements(5)).toBe(await statements(1));
    expect(await statements(20)).toBe(await statements(6));
    const eve = await auth.token('eve', { scope: 'activity:read activity:write badges:award' });
    const owner = await auth.token(ids[0]);
    const seen = async (options: object) => {
      const { data, errors } = await service.graphql(MANY, { r: r(2) }, options);
      expect(errors).toBeUndefined();
      return data._entities.map(({ badgeProgress }: { badgeProgress: object | null }) => badgeProgress !== null);
    };
    expect(await seen({})).toEqual([false, false]);
    expect(await seen({ token: eve })).toEqual([false, false]);
    expect(await seen({ token: owner })).toEqual([true, false]);
  });

  it('is rejected for the users that need more than 20,000 facts, and shown for the others', async ({
    service,
    auth,
  }) => {
    const tracker = await trackerOf(service, auth);
    const leaves = Array.from({ length: 20 }, (_, index) => ({ count: { verb: `v${index}`, gte: 1 } }));
    const keys = await Promise.all(Array.from({ length: 12 }, () => tracker.define({ all: leaves })));
    const r = Array.from({ length: 100 }, () => ({ __typename: 'User', id: newUser() }));
    const { data, errors } = await service.graphql(MANY.replace('badge { id }', ''), { r }, { token: tracker.token });
    const shown = data._entities.filter(
      ({ badgeProgress }: { badgeProgress: object | null }) => badgeProgress !== null,
    );
    expect(shown.length).toBeGreaterThan(40);
    expect(shown.length).toBeLessThan(80);
    expect(errors).toHaveLength(100 - shown.length);
    expect(errors?.[0].extensions.code).toBe('BAD_USER_INPUT');
    await Promise.all(keys.map((key) => tracker.update({ key, state: 'ARCHIVED' })));
  });
});
