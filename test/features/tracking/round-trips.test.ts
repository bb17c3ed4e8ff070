import { it as base, describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { createTripCounter } from '../../support/trip-counter.ts';
import { RECORD } from '../activities/activity.ts';
import { trackerOf } from '../awards/tracker.ts';

/** `counted` is the tracker of a service with one connection, and counts the round trips of a recorded activity. */
const it = base.extend('counted', async ({ db, serve, auth }, { onCleanup }) => {
  const trips = await createTripCounter(db.url);
  onCleanup(() => trips.close());
  const service = await serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1' });
  const tracker = await trackerOf(service, auth);
  const record = async (userId: string, input: object) => {
    trips.take();
    const { recordActivity } = await tracker.query(RECORD, {
      input: { userId, eventId: crypto.randomUUID(), ...input },
    });
    return { badges: recordActivity.badges.length, trips: trips.take() };
  };
  return { ...tracker, record, trips };
});

const newVerb = () => `v-${crypto.randomUUID()}`;
const newUser = () => `u-${crypto.randomUUID()}`;
const count = (verb: string, gte: number) => ({ count: { verb, gte } });
const on = (verb: string, date: string) => ({ verb, occurredAt: `${date}T10:00:00Z` });

describe('recording an activity', () => {
  it.for<[string, rule: (verb: string) => Json, repeat: string]>([
    ['goals', (verb) => ({ all: [count(verb, 2), { goalsCompleted: { gte: 1 } }] }), 'ONCE'],
    ['activities of a run', (verb) => count(verb, 9), 'PER_STREAK'],
    ['activities of a week', (verb) => ({ any: [count(verb, 9), { sum: { verb, gte: 9 } }] }), 'WEEKLY'],
    ['active dates of a month', (verb) => ({ count: { verb, gte: 9, distinct: 'date' } }), 'MONTHLY'],
  ])('reads no activities for a rule that cannot hold for want of %s', async ([, rule, repeat], { counted }) => {
    const verb = newVerb();
    await counted.define(rule(verb), { repeat });
    const userId = newUser();
    for (const day of ['01', '02']) await counted.record(userId, on(verb, `2026-03-${day}`));
    expect(await counted.record(userId, on(verb, '2026-03-03'))).toEqual({ badges: 0, trips: 2 });
  });

  it.for<[string, rule: (verb: string) => Json]>([
    ['a streak', (verb) => ({ all: [{ streak: { gte: 3 } }, count(verb, 1)] })],
    ['active dates', (verb) => ({ count: { verb, gte: 3, distinct: 'date' } })],
    [
      'conditions of every kind',
      (verb) => {
        const numbers = [
          count(verb, 3),
          { sum: { verb, gte: 3 } },
          { any: [{ goalsCompleted: { gte: 1 } }, count(verb, 2)] },
        ];
        const different = ['date', 'object'].map((distinct) => ({ count: { verb, gte: 3, distinct } }));
        return { all: [{ streak: { gte: 3 } }, ...numbers, ...different] };
      },
    ],
    [
      'conditions that take more than a kilobyte',
      (verb) => {
        const others = Array.from({ length: 8 }, (_, n) => ({ any: [count(`${verb}-${n}`, 1), count(verb, 1)] }));
        return { all: [{ streak: { gte: 3 } }, ...others] };
      },
    ],
  ])('takes 4 round trips for the badge of a rule with %s', async ([, rule], { counted }) => {
    const verb = newVerb();
    await counted.define(rule(verb));
    const dates = ['2026-03-01', '2026-03-02', '2026-03-03'];
    const taken = [];
    for (const userId of [newUser(), newUser()]) {
      for (const date of dates) taken.push(await counted.record(userId, { ...on(verb, date), objectId: date }));
    }
    // The first user prepares the statements.
    expect(taken.slice(dates.length)).toEqual([
      { badges: 0, trips: 2 },
      { badges: 0, trips: 2 },
      { badges: 1, trips: 4 },
    ]);
  });

  it('takes 3 round trips for a chain of badges, each of which counts activities of its own', async ({ counted }) => {
    const verb = newVerb();
    let key = await counted.define(count(verb, 3));
    for (let link = 1; link < 10; link++) {
      key = await counted.define({ all: [{ badge: { key } }, { sum: { verb, gte: link } }] });
    }
    await counted.define({ all: [{ badge: { key } }, count(verb, 4)] });
    const userId = newUser();
    const quantity = 3;
    const other = newUser(); // prepares the statements
    for (const day of ['01', '02', '03']) await counted.record(other, on(verb, `2026-03-${day}`));
    for (const day of ['01', '02']) await counted.record(userId, { ...on(verb, `2026-03-${day}`), quantity });
    expect(await counted.record(userId, { ...on(verb, '2026-03-03'), quantity })).toEqual({ badges: 10, trips: 3 });
    expect(await counted.record(userId, on(verb, '2026-03-04'))).toEqual({ badges: 1, trips: 3 });
  });

  it('takes 3 round trips for a batch of activities of 800 weeks', async ({ counted, db }) => {
    const verb = newVerb();
    const key = await counted.define(count(verb, 1), { repeat: 'WEEKLY' });
    await counted.record(newUser(), on(verb, '2026-03-01')); // prepares the statements
    const userId = newUser();
    const mondays = Array.from({ length: 800 }, (_, week) => new Date(Date.UTC(2009, 0, 5 + week * 7)).toISOString());
    const batch = mondays.map((monday) => ({ verb, occurredAt: monday.replace('.000', '') }));
    counted.trips.take();
    await counted.recordMany(userId, batch);
    expect(counted.trips.take()).toBe(3);
    const rows = await db.sql`
      select to_char(date_achieved at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') as at from badges
      where auth_user_id = ${userId} and definition_key = ${key} and award_key = to_char(date_achieved, 'IYYY"-W"IW')
      order by date_achieved`;
    expect(rows.map(({ at }) => at)).toEqual(mondays);
  });

  it.for(['WEEKLY', 'MONTHLY'])(
    'takes 2 round trips below the thresholds of each period: %s',
    async (repeat, { counted }) => {
      const verb = newVerb();
      for (const rule of [count(verb, 20), { count: { verb, gte: 20, distinct: 'date' } }]) {
        await counted.define(rule, { repeat });
      }
      const userId = newUser();
      await counted.recordMany(userId, [on(verb, '2008-01-01')]); // prepares the statements
      const dates = Array.from({ length: 400 }, (_, week) => new Date(Date.UTC(2009, 0, 7 + week * 7)).toISOString());
      counted.trips.take();
      await counted.recordMany(
        userId,
        dates.flatMap((date) => [on(verb, date.slice(0, 10)), on(verb, date.slice(0, 10))]),
      );
      expect(counted.trips.take()).toBe(2);
      expect(await counted.record(userId, on(verb, '2026-03-04'))).toEqual({ badges: 0, trips: 2 });
    },
  );
});
