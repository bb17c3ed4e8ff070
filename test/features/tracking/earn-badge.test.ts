import type { Service } from '../../support/app.ts';
import type { AuthService } from '../../support/auth-service.ts';
import type { TestDatabase } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { type Tracker, trackerOf } from '../awards/tracker.ts';

const newUser = () => `u-${crypto.randomUUID()}`;
const at = (date: string) => ({ occurredAt: `${date}T10:00:00Z` });
type Sql = TestDatabase['sql'];

/** Returns the award keys of a user's badges with their dates, in the order of the keys. */
async function awards(sql: Sql, userId: string, key: string): Promise<string[]> {
  const rows = await sql`
    select award_key || ' ' || to_char(date_achieved at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI') as award from badges
    where auth_user_id = ${userId} and definition_key = ${key} order by award_key`;
  return rows.map(({ award }) => String(award));
}

async function recordAll(tracker: Tracker, userId: string, items: object[]) {
  for (const item of items) await tracker.record(userId, item);
}

type Pair<Item> = readonly [Item, Item];

const trackersOf = ([one, other]: Pair<Service>, auth: AuthService): Promise<Pair<Tracker>> =>
  Promise.all([trackerOf(one, auth), trackerOf(other, auth)]);

/** Records the items at the same time, through one tracker and the other by turns. */
const recordByTurns = (trackers: Pair<Tracker>, userId: string, items: object[]) =>
  Promise.all(items.map((item, index) => (trackers[index % 2] as Tracker).record(userId, item)));

interface Flight {
  rule: object;
  flight: { toZone: string; at: string };
  /** The instants of the activities, by the expected date. */
  activities: Readonly<Record<string, string>>;
}

/** Returns the awards of a user who flies west from Kiritimati, and whose activities are recorded in one batch. */
async function awardAfter(
  { service, auth, db: { sql } }: { service: Service; auth: AuthService; db: TestDatabase },
  { rule, flight, activities }: Flight,
): Promise<string[]> {
  const tracker = await trackerOf(service, auth);
  const key = await tracker.define(rule);
  const userId = newUser();
  await sql`insert into auth_users (id, badge_count, goal_count) values (${userId}, 0, 0)`;
  await sql`
    insert into user_time_zones (auth_user_id, effective_from, time_zone)
    values (${userId}, '1970-01-01T00:00:00Z', 'Pacific/Kiritimati'), (${userId}, ${flight.at}, ${flight.toZone})`;
  await tracker.recordMany(
    userId,
    Object.values(activities).map((occurredAt) => ({ verb: 'fly', occurredAt })),
  );
  const dates = await sql`
    select local_date::text as date from activities where auth_user_id = ${userId} order by occurred_at`;
  expect(dates.map(({ date }) => date)).toEqual(Object.keys(activities));
  await tracker.update({ key, state: 'LOCKED' });
  return awards(sql, userId, key);
}

describe('a rule', () => {
  it.for<[rule: object, items: object[], decided: string]>([
    [
      { count: { verb: 'practice', gte: 2 } },
      [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')],
      '2026-03-02T10:00',
    ],
    [
      { sum: { verb: 'practice', gte: 5 } },
      [{ ...at('2026-03-01'), quantity: 4 }, at('2026-03-02')],
      '2026-03-02T10:00',
    ],
    [
      { count: { verb: 'practice', gte: 2, distinct: 'object' } },
      [
        { ...at('2026-03-01'), objectId: 'a' },
        { ...at('2026-03-02'), objectId: 'a' },
        { ...at('2026-03-03'), objectId: 'b' },
      ],
      '2026-03-03T10:00',
    ],
    [
      { count: { verb: 'practice', gte: 2, distinct: 'date' } },
      [at('2026-03-01'), { occurredAt: '2026-03-01T12:00:00Z' }, at('2026-03-02')],
      '2026-03-02T10:00',
    ],
    [{ streak: { gte: 2 } }, [at('2026-03-01'), at('2026-03-03'), at('2026-03-04')], '2026-03-04T10:00'],
    [
      {
        any: [
          { count: { verb: 'practice', gte: 9 } },
          { all: [{ streak: { gte: 2 } }, { sum: { verb: 'read', gte: 1 } }] },
        ],
      },
      [at('2026-03-01'), at('2026-03-02'), { ...at('2026-03-05'), verb: 'read' }],
      '2026-03-05T10:00',
    ],
  ])('%j is completed by the deciding activity', async ([rule, items, decided], { service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(rule);
    const userId = newUser();
    await recordAll(tracker, userId, items);
    expect(await awards(db.sql, userId, key)).toEqual([` ${decided}`]);
    const reversed = newUser();
    await recordAll(tracker, reversed, items.toReversed());
    expect(await awards(db.sql, reversed, key)).toHaveLength(1);
    await tracker.update({ key, state: 'LOCKED' });
  });

  it('is news once, with the badge rules that it completes', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const first = await tracker.define({ count: { verb: 'swim', gte: 1 } });
    const second = await tracker.define({ badge: { key: first } });
    const third = await tracker.define({ all: [{ badge: { key: second } }, { badge: { key: first } }] });
    const userId = newUser();
    const { badges } = await tracker.record(userId, { verb: 'swim', ...at('2026-03-01') });
    expect(badges.map(({ definition }: { definition: { key: string } }) => definition.key)).toEqual([
      first,
      second,
      third,
    ]);
    expect((await tracker.record(userId, { verb: 'swim', ...at('2026-03-02') })).badges).toEqual([]);
    for (const key of [first, second, third]) expect(await awards(db.sql, userId, key)).toEqual([' 2026-03-01T10:00']);
  });

  it('is decided by a badge that the same change earns before', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const beginner = `b-${crypto.randomUUID()}`;
    // By its key it would be decided before the badge that it asks for.
    const advanced = `a-${crypto.randomUUID()}`;
    await tracker.define({ count: { verb: 'climb', gte: 5 } }, { key: beginner });
    const rule = { any: [{ badge: { key: beginner } }, { count: { verb: 'climb', gte: 10 } }] };
    await tracker.define(rule, { key: advanced });
    const userId = newUser();
    const days = Array.from({ length: 12 }, (_, day) => `2026-03-${String(day + 1).padStart(2, '0')}`);
    await tracker.recordMany(
      userId,
      days.map((day) => ({ verb: 'climb', ...at(day) })),
    );
    for (const key of [beginner, advanced]) expect(await awards(db.sql, userId, key)).toEqual([' 2026-03-05T10:00']);
  });

  it('is not completed by a badge that is revoked', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const first = await tracker.define({ count: { verb: 'bowl', gte: 1 } });
    const second = await tracker.define({ all: [{ badge: { key: first } }, { count: { verb: 'bowl', gte: 2 } }] });
    const userId = newUser();
    const { badges } = await tracker.record(userId, { verb: 'bowl', ...at('2026-03-01') });
    await tracker.revoke({ id: badges[0].id });
    expect((await tracker.record(userId, { verb: 'bowl', ...at('2026-03-02') })).badges).toEqual([]);
    expect(await awards(db.sql, userId, second)).toEqual([]);
    await tracker.reinstate({ id: badges[0].id });
    expect(await awards(db.sql, userId, second)).toEqual([' 2026-03-02T10:00']);
  });

  it('is dated in its run when a goal from before the run completes it', async ({ service, auth, db, createUser }) => {
    const tracker = await trackerOf(service, auth);
    const { id, token } = await createUser();
    const body = { title: 'Swim', status: 'completed' };
    expect((await service.rest(`/users/${id}/goals`, { token, body })).status).toBe(200);
    await db.sql`update learning_goals set completed_at = '2025-06-01T10:00:00Z' where auth_user_id = ${id}`;
    const key = await tracker.define({ goalsCompleted: { gte: 1 } }, { repeat: 'PER_STREAK' });
    for (const day of ['2026-03-01', '2026-03-02', '2026-03-10'])
      await tracker.record(id, { verb: 'swim', ...at(day) });
    expect(await awards(db.sql, id, key)).toEqual([
      'run:2026-03-01 2026-03-01T10:00',
      'run:2026-03-10 2026-03-10T10:00',
    ]);
    await tracker.update({ key, state: 'LOCKED' });
  });

  it('counts the activities of one week, one month or one run for badges that repeat', async ({
    service,
    auth,
    db,
  }) => {
    const tracker = await trackerOf(service, auth);
    const rule = { count: { verb: 'run', gte: 2 } };
    const [weekly, monthly, run] = [
      await tracker.define(rule, { repeat: 'WEEKLY' }),
      await tracker.define(rule, { repeat: 'MONTHLY' }),
      await tracker.define(rule, { repeat: 'PER_STREAK' }),
    ];
    const userId = newUser();
    for (const date of ['2020-12-31', '2021-01-01', '2021-01-04', '2021-01-05', '2021-01-06', '2021-02-10']) {
      await tracker.record(userId, { verb: 'run', ...at(date) });
    }
    expect(await awards(db.sql, userId, weekly)).toEqual(['2020-W53 2021-01-01T10:00', '2021-W01 2021-01-05T10:00']);
    expect(await awards(db.sql, userId, monthly)).toEqual(['2021-01 2021-01-04T10:00']);
    expect(await awards(db.sql, userId, run)).toEqual([
      'run:2020-12-31 2021-01-01T10:00',
      'run:2021-01-04 2021-01-05T10:00',
    ]);
  });

  it('about a run needs its own length, not that of an earlier run', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ streak: { gte: 3 } }, { repeat: 'PER_STREAK' });
    const userId = newUser();
    for (const day of ['01', '02', '03', '04', '10']) await tracker.record(userId, at(`2026-03-${day}`));
    expect(await awards(db.sql, userId, key)).toEqual(['run:2026-03-01 2026-03-03T10:00']);
    for (const day of ['11', '12']) await tracker.record(userId, at(`2026-03-${day}`));
    expect(await awards(db.sql, userId, key)).toHaveLength(2);
    await tracker.update({ key, state: 'LOCKED' });
  });

  it('about a run is completed by a late activity, and not again when that starts the run earlier', async ({
    service,
    auth,
    db,
  }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'climb', gte: 3 } }, { repeat: 'PER_STREAK' });
    const userId = newUser();
    for (const day of ['02', '03', '10']) await tracker.record(userId, { verb: 'climb', ...at(`2026-03-${day}`) });
    await tracker.record(userId, { verb: 'climb', occurredAt: '2026-03-02T12:00:00Z' });
    expect(await awards(db.sql, userId, key)).toEqual(['run:2026-03-02 2026-03-03T10:00']);
    await tracker.record(userId, { verb: 'climb', ...at('2026-03-01') });
    expect(await awards(db.sql, userId, key)).toHaveLength(1);
  });

  it('is decided by the order of occurredAt, not by the order of the events', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'draw', gte: 2 } });
    const userId = newUser();
    await tracker.record(userId, { verb: 'draw', ...at('2026-03-05') });
    await tracker.record(userId, { verb: 'draw', ...at('2026-03-01') });
    expect(await awards(db.sql, userId, key)).toEqual([' 2026-03-05T10:00']);
  });

  it.for<[rule: object, decided: string]>([
    [{ streak: { gte: 2 } }, '2026-03-01T20:00'],
    [{ count: { verb: 'fly', gte: 2, distinct: 'date' } }, '2026-03-01T20:00'],
  ])(
    '%j is decided by the last of its dates, also when a flight west repeats one',
    async ([rule, decided], { service, auth, db }) => {
      const flight = { toZone: 'Pacific/Honolulu', at: '2026-03-01T12:00:00Z' };
      const activities = { '2026-03-02': '2026-03-01T11:00:00Z', '2026-03-01': '2026-03-01T20:00:00Z' };
      expect(await awardAfter({ service, auth, db }, { rule, flight, activities })).toEqual([` ${decided}`]);
    },
  );

  it.for<[rule: object, decided: string]>([
    [{ streak: { gte: 1 } }, '2026-03-02T10:30'],
    [{ count: { verb: 'fly', gte: 1, distinct: 'date' } }, '2026-03-02T10:30'],
  ])(
    '%j is decided by its first date, also when that is two dates later',
    async ([rule, decided], { service, auth, db }) => {
      const flight = { toZone: 'Etc/GMT+12', at: '2026-03-02T11:00:00Z' };
      const activities = { '2026-03-03': '2026-03-02T10:30:00Z', '2026-03-01': '2026-03-02T11:30:00Z' };
      expect(await awardAfter({ service, auth, db }, { rule, flight, activities })).toEqual([` ${decided}`]);
    },
  );

  it('is decided by the one with the lower id of two activities at the same time', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    await tracker.define({ count: { verb: 'dive', gte: 1 } });
    const userId = newUser();
    await tracker.recordMany(userId, Array(2).fill({ verb: 'dive', ...at('2026-03-01') }));
    const rows = await db.sql`
      select activity_ids::json as evidence, (select min(id) from activities where auth_user_id = ${userId})::int as first
      from badge_evidence where auth_user_id = ${userId}`;
    expect(rows.map(({ evidence, first }) => [evidence, first])).toEqual(rows.map(({ first }) => [[first], first]));
    expect(rows).toHaveLength(1);
  });

  it('is not completed by void activities', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'skate', gte: 2 } });
    const userId = newUser();
    const { activity } = await tracker.record(userId, { verb: 'skate' });
    await tracker.void(activity.id);
    await tracker.record(userId, { verb: 'skate' });
    expect(await awards(db.sql, userId, key)).toEqual([]);
    await tracker.record(userId, { verb: 'skate' });
    expect(await awards(db.sql, userId, key)).toHaveLength(1);
  });

  it('counts in a batch as in single requests', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'type', gte: 3 } }, { repeat: 'MONTHLY' });
    const userId = newUser();
    const dates = [
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
      '2026-02-01',
      '2026-02-02',
      '2026-03-01',
      '2026-03-02',
      '2026-03-03',
    ];
    await tracker.recordMany(
      userId,
      dates.map((date) => ({ verb: 'type', ...at(date) })),
    );
    expect(await awards(db.sql, userId, key)).toEqual(['2026-01 2026-01-03T10:00', '2026-03 2026-03-03T10:00']);
  });
});

describe('concurrent activities', () => {
  it('50 identical ones are one activity and one badge', async ({ replicas, auth, db }) => {
    const trackers = await trackersOf(replicas, auth);
    const key = await trackers[0].define({ count: { verb: 'sail', gte: 1 } });
    const userId = newUser();
    const item = { eventId: 'same', verb: 'sail', ...at('2026-03-01') };
    const answers = await recordByTurns(trackers, userId, Array(50).fill(item));
    expect(new Set(answers.map(({ activity }) => activity.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(answers.flatMap(({ badges }) => badges)).toHaveLength(1);
    expect(await db.sql`select 1 from activities where auth_user_id = ${userId}`).toHaveLength(1);
    expect(await awards(db.sql, userId, key)).toHaveLength(1);
  }, 60_000);

  it('50 different ones all count, and earn one badge for each key', async ({ replicas, auth, db }) => {
    const trackers = await trackersOf(replicas, auth);
    const once = await trackers[0].define({ count: { verb: 'row', gte: 50 } });
    const weekly = await trackers[0].define({ count: { verb: 'row', gte: 5 } }, { repeat: 'WEEKLY' });
    const userId = newUser();
    const dateOf = (index: number) => at(`2026-03-${10 + (index % 10)}`);
    const items = Array.from({ length: 50 }, (_, i) => ({ eventId: `e-${i}`, verb: 'row', ...dateOf(i) }));
    const answers = await recordByTurns(trackers, userId, items);
    expect(answers.flatMap(({ badges }) => badges)).toHaveLength(3);
    expect(await awards(db.sql, userId, once)).toHaveLength(1);
    expect(await awards(db.sql, userId, weekly)).toHaveLength(2);
    expect(
      await db.sql`select count::int, days from activity_totals where auth_user_id = ${userId} and series = 'verb:row'`,
    ).toEqual([{ count: 50, days: 10 }]);
  }, 60_000);

  it('cite the version by which each badge was decided while the definition is edited', async ({
    replicas,
    auth,
    db,
  }) => {
    const [tracker, other] = await trackersOf(replicas, auth);
    const key = await tracker.define({ count: { verb: 'fish', gte: 1 } });
    const users = Array.from({ length: 12 }, newUser);
    const edit = async () => {
      for (let version = 2; version <= 6; version++) {
        await other.update({ key, name: `Version ${version}`, rule: { count: { verb: 'fish', gte: version } } });
      }
    };
    const record = async (userId: string) => {
      for (let index = 0; index < 6; index++) await tracker.record(userId, { verb: 'fish', eventId: `e-${index}` });
    };
    await Promise.all([edit(), ...users.map(record)]);
    const rows = await db.sql`
      select b.definition_version as version, b.name, json_array_length(e.activity_ids::json) as activities
      from badges b join badge_evidence e using (auth_user_id, definition_key, award_key) where definition_key = ${key}`;
    expect(rows).toHaveLength(users.length);
    for (const { version, name, activities } of rows) {
      expect(name).toBe(version === 1 ? 'Reader' : `Version ${version}`);
      expect(activities).toBe(version);
    }
  }, 30_000);
});
