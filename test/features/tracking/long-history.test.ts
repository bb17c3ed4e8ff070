import type { TestDatabase } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { trackerOf } from '../awards/tracker.ts';

const ACTIVITIES = 40_000;
const TIERS = 40;
/** The first 10,000 activities have an object each, and six a date. All have the quantity 1. */
const KINDS = [
  (gte: number) => ({ count: { verb: 'practice', gte } }),
  (gte: number) => ({ count: { verb: 'practice', gte, distinct: 'object' } }),
  (gte: number) => ({ count: { verb: 'practice', gte, distinct: 'date' } }),
  (gte: number) => ({ sum: { verb: 'practice', gte } }),
];

/** Inserts activities of the years before 2026, four hours apart, with the rows that the service keeps of them. */
async function insertHistory({ sql }: TestDatabase, userId: string): Promise<void> {
  await sql`insert into auth_users (id) values (${userId})`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select ${userId}, 'e-' || n, 'practice', 'o-' || n % 10000, 1, at, false, (at at time zone 'UTC')::date, 'UTC', now()
    from generate_series(1, ${ACTIVITIES}::int) n, lateral (select timestamptz '2005-01-01' + n * interval '4 hours' as at) t`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select ${userId}, series, local_date, count(*), count(*) from activities, unnest('{all,verb:practice}'::text[]) series
    where auth_user_id = ${userId} group by series, local_date`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select ${userId}, series, sum(count), sum(quantity), count(*), case series when 'all' then 0 else 10000 end
    from activity_days where auth_user_id = ${userId} group by series`;
}

describe('an activity of a user with a long history', () => {
  it('earns the badges of many new definitions at once, each with its deciding activity', async ({
    service,
    auth,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    await insertHistory(db, id);
    const tracker = await trackerOf(service, auth);
    for (let tier = 1; tier <= TIERS; tier++) {
      for (const rule of KINDS) await tracker.define(rule(tier * 100));
    }
    service.statements.clear();
    await tracker.record(id, { verb: 'practice' });
    // Two kinds together would read more activities than one query may.
    expect(service.statements.filter((text) => /with added as materialized/.test(text))).toHaveLength(KINDS.length);
    const rows = await db.sql`
      select count(*)::int as count, count(distinct date_achieved)::int as moments from badges where auth_user_id = ${id}`;
    expect([...rows]).toEqual([{ count: KINDS.length * TIERS, moments: 2 * TIERS }]);
  });
});
