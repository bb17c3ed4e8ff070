import type { TestDatabase } from '../../support/database.ts';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { trackerOf } from '../awards/tracker.ts';
import { it, NOW, rowsRead } from './rows-read.ts';

const ACTIVITIES = 40_000;
/** Dates with ten activities each. */
const TEN_YEARS = 3650;
/** The maximum number of definitions that are not archived. */
const MAX_DEFINITIONS = 500;
const TIERS = 40;
/** The first 10,000 activities have an object each, and six a date. All have the quantity 1. */
const KINDS = [
  (gte: number) => ({ count: { verb: 'practice', gte } }),
  (gte: number) => ({ count: { verb: 'practice', gte, distinct: 'object' } }),
  (gte: number) => ({ count: { verb: 'practice', gte, distinct: 'date' } }),
  (gte: number) => ({ sum: { verb: 'practice', gte } }),
];

interface History {
  verb?: string;
  activities?: number;
  start?: string;
  interval?: string;
}

/** Inserts activities from 2005 on, four hours apart by default, with the rows that the service keeps of them. */
async function insertHistory(
  { sql }: TestDatabase,
  userId: string,
  { verb = 'practice', activities = ACTIVITIES, start = '2005-01-01', interval = '4 hours' }: History = {},
): Promise<void> {
  await sql`insert into auth_users (id) values (${userId})`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select ${userId}, 'e-' || n, ${verb}, 'o-' || n % 10000, 1, at, false, (at at time zone 'UTC')::date, 'UTC', now()
    from generate_series(1, ${activities}::int) n, lateral (select ${start}::timestamptz + n * ${interval}::interval as at) t`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select ${userId}, series, local_date, count(*), count(*) from activities, unnest(array['all', 'verb:' || ${verb}]) series
    where auth_user_id = ${userId} group by series, local_date`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select ${userId}, series, sum(count), sum(quantity), count(*), case series when 'all' then 0 else 10000 end
    from activity_days where auth_user_id = ${userId} group by series`;
}

describe('an activity of a user with a long history', () => {
  it('earns the badges of many new definitions at once, each with its deciding activity', async ({
    serve,
    auth,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    await insertHistory(db, id);
    const service = await serve();
    const tracker = await trackerOf(service, auth);
    for (let tier = 1; tier <= TIERS; tier++) {
      for (const rule of KINDS) await tracker.define(rule(tier * 100));
    }
    service.statements.clear();
    await tracker.record(id, { verb: 'practice' });
    // One for numbers, sums and objects, and one for the first activities of the dates.
    expect(service.statements.filter((text) => /with added as materialized/.test(text))).toHaveLength(2);
    const rows = await db.sql`
      select count(*)::int as count, count(distinct date_achieved)::int as moments from badges where auth_user_id = ${id}`;
    expect([...rows]).toEqual([{ count: KINDS.length * TIERS, moments: 2 * TIERS }]);
  });

  it('completes a streak with any number of activities on a date before it', async ({
    serve,
    auth,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const tracker = await trackerOf(await serve(), auth);
    const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    for (const days of [3, 2, 1]) await tracker.record(id, { verb: 'jog', occurredAt: dayBefore(days) });
    const busy = dayBefore(3).slice(0, 10);
    await db.sql`
      insert into activities (auth_user_id, event_id, verb, quantity, occurred_at, is_occurred_at_default, local_date,
        time_zone, recorded_at)
      select ${id}, 'n-' || n, 'jog', 1, ${busy}::date + n * interval '1 second', false, ${busy}::date, 'UTC', now()
      from generate_series(1, 60000) n`;
    await db.sql`
      update activity_days set count = count + 60000, quantity = quantity + 60000
      where auth_user_id = ${id} and local_date = ${busy}::date`;
    const key = await tracker.define({ streak: { gte: 4 } });
    const { badges } = await tracker.record(id, { verb: 'jog' });
    expect(badges).toMatchObject([{ definition: { key } }]);
  });

  it('reads the activities of a few dates to find which one reached a high number', async ({
    withService,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const history = { verb: 'study', activities: 4000 };
    await insertHistory(db, id, history);
    // Users with as many activities, so that PostgreSQL prefers the indexes.
    for (let other = 0; other < 30; other++) await insertHistory(db, `${id}-${other}`, history);
    await db.sql`analyze`;
    const keys = await withService(async ({ define }) => [
      await define({ count: { verb: 'study', gte: 2000 } }),
      await define({ sum: { verb: 'study', gte: 4000 } }),
    ]);
    const before = await rowsRead(db);
    const { badges } = await withService(({ record }) => record(id, { verb: 'study' }));
    // The evidence of each badge is its newest 200 activities.
    expect((await rowsRead(db)) - before).toBeLessThan(2 * 200 + 200);
    const timeOf = (number: number) => new Date(Date.parse('2005-01-01') + number * 4 * 3_600_000);
    const times = badges.map(({ definition, dateAchieved }: Json) => [definition.key, new Date(dateAchieved)]);
    expect(Object.fromEntries(times)).toEqual({ [String(keys[0])]: timeOf(2000), [String(keys[1])]: timeOf(4000) });
  });

  it('reads no more activities of a date than a threshold needs', async ({ withService, db, createUser }) => {
    const { id } = await createUser();
    await insertHistory(db, id, { verb: 'tap', activities: 20_000, start: NOW.toISOString(), interval: '-1 second' });
    // The sum of all time is above the threshold, that of the week is not.
    await db.sql`update activity_totals set quantity = 2000000 where auth_user_id = ${id}`;
    await db.sql`analyze`;
    const rule = { all: [{ count: { verb: 'tap', gte: 1 } }, { sum: { verb: 'tap', gte: 1_000_000 } }] };
    await withService(({ define }) => define(rule, { repeat: 'WEEKLY' }));
    const before = await rowsRead(db);
    expect((await withService(({ record }) => record(id, { verb: 'tap' }))).badges).toEqual([]);
    expect((await rowsRead(db)) - before).toBeLessThan(100);
  });
});

it('as many rules as there can be earn their badges at once, with 2,000 different thresholds', {
  timeout: 120_000,
}, async ({ serve, auth, db, createUser }) => {
  const { id } = await createUser();
  await insertHistory(db, id, { verb: 'lift', activities: 10 * TEN_YEARS, interval: '144 minutes' });
  await db.sql`update badge_definitions set state = 'archived'`;
  const tracker = await trackerOf(await serve(), auth);
  for (let tier = 1; tier <= MAX_DEFINITIONS; tier++) {
    const thresholds = [0, 1, 2, 3].map((step) => ({ count: { verb: 'lift', gte: 18 * (4 * tier - step) } }));
    await tracker.define({ all: thresholds });
  }
  // On a busy machine, a statement about all of them may exceed its time limit. Clients repeat the activity then.
  const activity = { userId: id, eventId: 'deciding', verb: 'lift' };
  let response: Json;
  const record = async () => {
    response = await tracker.tryRecord(activity);
    return response.errors?.[0].extensions.code;
  };
  await expect.poll(record, { timeout: 60_000, interval: 1000 }).not.toBe('SERVICE_UNAVAILABLE');
  expect(response.errors).toBeUndefined();
  expect(response.data.recordActivity.badges).toHaveLength(MAX_DEFINITIONS);
});
