import type { TestDatabase } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { issuedAt } from '../activities/activity.ts';
import { type Tracker, trackerOf } from '../awards/tracker.ts';

const NOW = new Date('2026-03-04T12:00:00Z');
const TODAY = '2026-03-04';

const ACTIVITIES = 2000;
/** Users with as many activities, so that PostgreSQL prefers the indexes. */
const OTHERS = 30;

/** Inserts activities of today with 50 objects, and the rows that the service keeps of them. */
async function insertToday({ sql }: TestDatabase, userId: string): Promise<void> {
  await sql`insert into auth_users (id) select ${userId} || n from generate_series(1, ${OTHERS}::int) n union select ${userId}`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select id, 'e-' || n, 'practice', 'o-' || n % 50, 1, ${NOW}, true, ${TODAY}::date, 'UTC', ${NOW}
    from auth_users, generate_series(1, ${ACTIVITIES}::int) n where starts_with(id, ${userId})`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select ${userId}, series, ${TODAY}::date, ${ACTIVITIES}::int, ${ACTIVITIES}::int
    from unnest('{all,verb:practice}'::text[]) series`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select auth_user_id, series, count, quantity, 1, case series when 'all' then 0 else 50 end
    from activity_days where auth_user_id = ${userId}`;
  await sql`analyze`;
}

/** Returns the rows of activities that all sessions have read. A session reports what it has read at its end at the latest. */
async function rowsRead({ sql }: TestDatabase): Promise<number> {
  const sessions = () => sql`
    select from pg_stat_activity where datname = current_database() and application_name = 'user-service'`;
  await expect.poll(async () => (await sessions()).length).toBe(0);
  const [row] = await sql`
    select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as count from pg_stat_user_tables where relname = 'activities'`;
  return row?.count;
}

describe('an activity below the thresholds of a week, month or run', () => {
  it.for(['WEEKLY', 'MONTHLY', 'PER_STREAK'])(
    'does not read the activities of the period: %s',
    async (repeat, { serve, auth, db, createUser }) => {
      const { id } = await createUser();
      await insertToday(db, id);
      // The numbers of all time are above the thresholds.
      await db.sql`update activity_totals set count = 1000000, quantity = 1000000, days = 1000 where auth_user_id = ${id}`;
      const withService = async <Result>(act: (tracker: Tracker) => Promise<Result>) => {
        const service = await serve({}, { now: () => NOW });
        const result = await act(await trackerOf(service, auth, issuedAt(NOW)));
        await service.close();
        return result;
      };
      const define = (rule: object) => withService((tracker) => tracker.define(rule, { repeat }));
      const record = () => withService((tracker) => tracker.record(id, { eventId: crypto.randomUUID() }));
      const reached = await define({ count: { verb: 'practice', gte: ACTIVITIES + 2 } });
      await define({ count: { verb: 'practice', gte: 2, distinct: 'date' } });
      await define({ sum: { verb: 'practice', gte: ACTIVITIES + 3 } });
      const before = await rowsRead(db);
      const first = (await record()).badges.map(({ definition }: Json) => definition.key);
      expect(first).not.toContain(reached);
      expect((await rowsRead(db)) - before).toBeLessThan(100);
      const keys = (await record()).badges.map(({ definition }: Json) => definition.key);
      expect(keys).toContain(reached);
    },
  );
});
