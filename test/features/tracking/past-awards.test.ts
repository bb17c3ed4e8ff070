import type { TestDatabase } from '../../support/database.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { startRelay } from '../../support/relay.ts';
import { issuedAt } from '../activities/activity.ts';
import { it as tracked } from '../awards/tracked-awards.ts';
import { trackerOf } from '../awards/tracker.ts';

const NOW = new Date('2026-03-04T12:00:00Z');
/** Weeks with an award, to that of February 16. */
const WEEKS = 1000;
const FIRST_MONDAY = '2006-12-25T00:00:00Z';

const insertAwards = ({ sql }: TestDatabase, userId: string, key: string) => sql`
  insert into badges (auth_user_id, name, description, icon_url, date_achieved, source, definition_key,
    definition_version, award_key)
  select ${userId}, 'Weekly', 'Every week', '/w.svg', monday at time zone 'UTC', 'rule', ${key}, 1,
    to_char(monday, 'IYYY-"W"IW')
  from generate_series(0, ${WEEKS - 1}::int) as week, lateral (
    select ${FIRST_MONDAY}::timestamptz at time zone 'UTC' + week * '1 week'::interval as monday) as dates`;

/** Inserts awards by hand, whose keys can be any text. */
const insertAwardsByHand = ({ sql }: TestDatabase, userId: string, key: string) => sql`
  insert into badges (auth_user_id, name, description, icon_url, date_achieved, source, definition_key,
    definition_version, award_key)
  select ${userId}, 'Weekly', 'Every week', '/w.svg', ${NOW}, 'issuer', ${key}, 1, award_key || number
  from generate_series(1, 100) as number, unnest('{2026-W1,2027-W,run:2026-04-,run:9999-12-,z}'::text[]) as award_key`;

/** A tracker whose `record` returns the new badges, and the bytes that PostgreSQL has sent. */
const it = base.extend('measured', async ({ serve, auth, db }, { onCleanup }) => {
  let received = 0;
  const relay = await startRelay(db.url, () => ({
    onReceived: ({ length }) => {
      received += length;
    },
  }));
  onCleanup(() => relay.close());
  const service = await serve({ DATABASE_URL: relay.url }, { now: () => NOW });
  const tracker = await trackerOf(service, auth, issuedAt(NOW));
  const record = async (id: string, input: object = {}) => {
    const before = received;
    const { badges } = await tracker.record(id, input);
    const awards = badges.map(({ definition, dateAchieved }: Json) => [definition.key, dateAchieved]);
    return { awards, bytes: received - before };
  };
  return { define: tracker.define, record };
});

describe('the past awards of a weekly rule', () => {
  it('are not read for a later activity, and are held', async ({ measured, db, createUser }) => {
    const { id } = await createUser();
    const record = (input?: object) => measured.record(id, input);
    const weekly = await measured.define({ count: { verb: 'practice', gte: 1 } }, { repeat: 'WEEKLY' });
    const reader = await measured.define({ all: [{ badge: { key: weekly } }, { count: { verb: 'read', gte: 1 } }] });
    expect((await record()).awards).toHaveLength(1);
    const { bytes } = await record();
    await insertAwards(db, id, weekly);
    await insertAwardsByHand(db, id, weekly);

    const later = await record();
    expect(later.awards).toEqual([]);
    expect(later.bytes).toBeLessThan(bytes + 500);
    const reading = await record({ verb: 'read' });
    expect(reading.awards).toEqual([[reader, NOW.toISOString().replace('.000', '')]]);
    expect(reading.bytes).toBeLessThan(3 * bytes);

    expect((await record({ occurredAt: '2026-02-18T12:00:00Z' })).awards).toEqual([]);
    const first = await measured.define({ badge: { key: weekly } });
    expect((await record({ occurredAt: '2026-02-25T12:00:00Z' })).awards).toEqual([
      [weekly, '2026-02-25T12:00:00Z'],
      [first, FIRST_MONDAY],
    ]);
  });
});

describe('the award of a week that has begun in the zone of the user, and not yet in UTC', () => {
  tracked('is held', async ({ trackUser, define, awards }) => {
    const { id, record, send } = await trackUser('2026-03-08T12:00:00Z');
    await send('setTimeZone', { timeZone: 'Pacific/Kiritimati' });
    await define({ count: { verb: 'practice', gte: 1 } }, { repeat: 'WEEKLY' });
    for (const _ of ['first', 'later']) {
      const { result, code } = await record({ verb: 'practice' });
      expect([result?.activity.localDate, code]).toEqual(['2026-03-09', undefined]);
    }
    expect(await awards(id)).toEqual(['2026-W11 2026-03-08']);
  });
});

describe('the past awards of a rule that repeats with each run', () => {
  it('are not read for a later activity, and those of the present run are held', async ({
    measured,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const record = (occurredAt?: string) => measured.record(id, occurredAt === undefined ? {} : { occurredAt });
    for (let day = 10; day <= 28; day++) await record(`2026-02-${day}T12:00:00Z`);
    const key = await measured.define({ count: { verb: 'practice', gte: 1 } }, { repeat: 'PER_STREAK' });
    for (const day of ['01', '02', '03']) await record(`2026-03-${day}T12:00:00Z`);
    const { bytes } = await record();
    await insertAwards(db, id, key);
    await db.sql`
      update badges set award_key = 'run:' || (date_achieved at time zone 'UTC')::date
      where auth_user_id = ${id} and definition_key = ${key} and award_key not like 'run:%'`;
    await insertAwardsByHand(db, id, key);
    const later = await record();
    expect(later.awards).toEqual([]);
    expect(later.bytes).toBeLessThan(bytes + 500);
  });
});
