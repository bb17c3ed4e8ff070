import { MAX_HISTORY_ACTIVITIES } from '../../../src/features/badge-definitions/rule.ts';
import { withLongLockTimeout } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { countWaiting } from '../../support/waiting.ts';
import { ofUser, trackerOf } from './tracker.ts';

const EVIDENCE = ofUser('badges(first: $first) { evidence { replay } }', ', $first: Int');
const BADGES = ofUser('badges { definition { key } evidence { replay } }');
/** Activities over the limit. */
const MORE = 10;

describe('the evidence of rules about different objects', () => {
  it('reads the activities of a verb once for all badges', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const userId = `u-${crypto.randomUUID()}`;
    const verb = `v.${crypto.randomUUID().slice(0, 8)}`;
    const distinct = (gte: number) => tracker.define({ count: { verb, gte, distinct: 'object' } });
    const keys = [await distinct(1), await distinct(2), await distinct(3)];
    for (const objectId of ['a', 'a', 'b']) await tracker.record(userId, { verb, objectId });
    const { activity } = await tracker.record(userId, { verb, objectId: 'c' });
    await tracker.void(activity.id);
    const [user] = (await tracker.query(BADGES, { id: userId }))._entities;
    const replays = new Map(
      user.badges.map((badge: { definition: { key: string }; evidence: { replay: string } }) => [
        badge.definition.key,
        badge.evidence.replay,
      ]),
    );
    expect(keys.map((key) => replays.get(key))).toEqual(['REPRODUCED', 'REPRODUCED', 'DRIFTED']);
  });

  it('shares four queries of all operations', async ({ serve, auth, db }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '10' });
    const tracker = await trackerOf(service, auth);
    const userId = `u-${crypto.randomUUID()}`;
    const verb = `v.${crypto.randomUUID().slice(0, 8)}`;
    await tracker.define({ count: { verb, gte: 1, distinct: 'object' } });
    await tracker.record(userId, { verb, objectId: 'a' });
    const replay = () => tracker.query(EVIDENCE, { id: userId, first: 1 });
    await replay();
    let replays: Promise<Json>[] = [];
    await db.sql.begin(async (tx) => {
      await tx`lock table activities in access exclusive mode`;
      replays = Array.from({ length: 8 }, replay);
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(4);
      expect(await service.rest('/users/ada/badges')).toMatchObject({ status: 200 });
      expect(await countWaiting(db.sql)).toBe(4);
    });
    for (const { _entities } of await Promise.all(replays)) {
      expect(_entities).toEqual([{ badges: [{ evidence: { replay: 'REPRODUCED' } }] }]);
    }
  });

  it('is an error when the histories of an operation are too long together', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const userId = `u-${crypto.randomUUID()}`;
    for (let n = 0; n < 3; n++) {
      const verb = `v${n}.${crypto.randomUUID().slice(0, 8)}`;
      await tracker.define({ count: { verb, gte: 1, distinct: 'object' } });
      await tracker.record(userId, { verb, objectId: 'a' });
    }
    await db.sql`
      update activity_days set count = ${MAX_HISTORY_ACTIVITIES} where auth_user_id = ${userId} and series <> 'all'`;
    const [user] = (await tracker.query(EVIDENCE, { id: userId, first: 2 }))._entities;
    expect(user.badges).toEqual([{ evidence: { replay: 'REPRODUCED' } }, { evidence: { replay: 'REPRODUCED' } }]);
    const { errors } = await service.graphql(EVIDENCE, { id: userId, first: 3 }, { token: tracker.token });
    expect(errors?.[0]).toMatchObject({
      message: 'The operation needs the objects of too many activities: ask for fewer badges or users',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});

it('the first 200,000 activities of a verb decide different objects of all time, and all of them decide dates', {
  timeout: 60_000,
  // On a slow machine, counting 200,000 objects takes longer than the time limit of a statement.
  retry: 2,
}, async ({ service, auth, db }) => {
  const tracker = await trackerOf(service, auth);
  const userId = `u-${crypto.randomUUID()}`;
  const verb = `v.${crypto.randomUUID().slice(0, 8)}`;
  const count = MAX_HISTORY_ACTIVITIES + MORE;
  await db.sql`insert into auth_users (id) values (${userId})`;
  await db.sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select ${userId}, 'e-' || n, ${verb}, 'o-' || n, 1, at, false, (at at time zone 'UTC')::date, 'UTC', now()
    from generate_series(1, ${count}::int) n, lateral (select timestamptz '2026-01-01 00:00Z'
      + n * interval '1 ms' + greatest(n - ${MAX_HISTORY_ACTIVITIES}::int, 0) * interval '1 day' as at) t`;
  await db.sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select ${userId}, ${`verb:${verb}`}, local_date, count(*), count(*) from activities
    where auth_user_id = ${userId} group by local_date`;
  await db.sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    values (${userId}, ${`verb:${verb}`}, ${count}, ${count}, ${MORE + 1}, ${count})`;
  await db.sql`analyze activities`;
  const define = (distinct: string, gte: number) => tracker.define({ count: { verb, gte, distinct } });
  const reached = await define('object', MAX_HISTORY_ACTIVITIES);
  await define('object', count);
  const dates = await define('date', MORE);
  const { badges } = await tracker.record(userId, { verb });
  const keys = badges.map(({ definition }: { definition: { key: string } }) => definition.key);
  expect(keys.sort()).toEqual([reached, dates].sort());
});
