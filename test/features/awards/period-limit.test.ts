import { MAX_PERIOD_ACTIVITIES } from '../../../src/features/badge-definitions/rule.ts';
import type { TestDatabase } from '../../support/database.ts';
import { expect, it } from '../../support/fixtures.ts';
import { ofUser, trackerOf } from './tracker.ts';

const PROGRESS = ofUser('badgeProgress { definition { key } current }');
const VERB = 'practice';
/** Activities over the limit, each on a date of its own. */
const MORE = 10;

/**
 * Inserts activities of this month with an object each: those up to the limit on its first date, and `MORE` on later
 * ones.
 */
async function insertMonth({ sql }: TestDatabase, userId: string): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select ${userId}, 'e-' || n, ${VERB}, 'o-' || n, 1, at, false, (at at time zone 'UTC')::date, 'UTC', now()
    from generate_series(1, ${MAX_PERIOD_ACTIVITIES + MORE}::int) n, lateral (select date_trunc('month', now(), 'UTC')
      + n * interval '1 ms' + greatest(n - ${MAX_PERIOD_ACTIVITIES}::int, 0) * interval '1 day' as at) t`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select ${userId}, ${`verb:${VERB}`}, local_date, count(*), count(*) from activities
    where auth_user_id = ${userId} group by local_date`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select ${userId}, ${`verb:${VERB}`}, sum(count), sum(quantity), count(*), sum(count)
    from activity_days where auth_user_id = ${userId}`;
}

it('the first 50,000 activities of a month decide different objects and their progress, and all of them decide dates', async ({
  service,
  auth,
  db,
  createUser,
}) => {
  const { id } = await createUser();
  await insertMonth(db, id);
  const tracker = await trackerOf(service, auth);
  const define = (distinct: string, gte: number) =>
    tracker.define({ count: { verb: VERB, gte, distinct } }, { repeat: 'MONTHLY' });
  const reached = await define('object', MAX_PERIOD_ACTIVITIES);
  const objects = await define('object', MAX_PERIOD_ACTIVITIES + MORE);
  const dates = await define('date', MORE);
  const { badges } = await tracker.record(id, { verb: VERB });
  const keys = badges.map(({ definition }: { definition: { key: string } }) => definition.key);
  expect(keys.sort()).toEqual([reached, dates].sort());
  const [user] = (await tracker.query(PROGRESS, { id }))._entities;
  expect(user.badgeProgress).toContainEqual({ definition: { key: objects }, current: MAX_PERIOD_ACTIVITIES });
});
