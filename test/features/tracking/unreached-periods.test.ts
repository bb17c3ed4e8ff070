import type { TestDatabase } from '../../support/database.ts';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it, NOW, rowsRead } from './rows-read.ts';

const DAY_MS = 86_400_000;
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

describe('an activity below the thresholds of a week, month or run', () => {
  it.for(['WEEKLY', 'MONTHLY', 'PER_STREAK'])(
    'does not read the activities of the period: %s',
    async (repeat, { withService, db, createUser }) => {
      const { id } = await createUser();
      await insertToday(db, id);
      // The numbers of all time are above the thresholds.
      await db.sql`update activity_totals set count = 1000000, quantity = 1000000, days = 1000 where auth_user_id = ${id}`;
      const define = (rule: object) => withService((tracker) => tracker.define(rule, { repeat }));
      const record = () => withService((tracker) => tracker.record(id, { eventId: crypto.randomUUID() }));
      const reached = await define({ count: { verb: 'practice', gte: ACTIVITIES + 2 } });
      await define({ count: { verb: 'practice', gte: 2, distinct: 'date' } });
      await define({ sum: { verb: 'practice', gte: ACTIVITIES + 3 } });
      await define({ count: { verb: 'practice', gte: 51, distinct: 'object' } });
      const before = await rowsRead(db);
      const first = (await record()).badges.map(({ definition }: Json) => definition.key);
      expect(first).not.toContain(reached);
      expect((await rowsRead(db)) - before).toBeLessThan(100);
      const keys = (await record()).badges.map(({ definition }: Json) => definition.key);
      expect(keys).toContain(reached);
    },
  );
});

describe('an activity in a run that is long enough', () => {
  it('does not read the activities of the run while another condition does not hold', async ({
    withService,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const days = (count: number, last: string) =>
      Array.from({ length: count }, (_, day) => new Date(Date.parse(last) - day * DAY_MS).toISOString());
    const checkIns = days(10, '2026-03-04T01:00:00Z').flatMap((occurredAt) =>
      Array.from({ length: 100 }, () => ({ verb: 'check-in', occurredAt })),
    );
    // Those of an earlier run: together with the next ones, they exceed the number of the rule.
    const earlier = days(5, '2025-10-04T01:00:00Z').map((occurredAt) => ({ occurredAt }));
    const key = await withService(async (tracker) => {
      await tracker.recordMany(id, checkIns);
      await tracker.recordMany(id, earlier);
      const rule = { all: [{ streak: { gte: 7 } }, { count: { verb: 'practice', gte: 4 } }] };
      return tracker.define(rule, { repeat: 'PER_STREAK' });
    });
    await db.sql`analyze`;
    const record = () => withService((tracker) => tracker.record(id, { eventId: crypto.randomUUID() }));
    const before = await rowsRead(db);
    for (let count = 1; count < 4; count++) expect((await record()).badges).toEqual([]);
    expect((await rowsRead(db)) - before).toBeLessThan(100);
    expect((await record()).badges).toMatchObject([{ definition: { key } }]);
  });
});
