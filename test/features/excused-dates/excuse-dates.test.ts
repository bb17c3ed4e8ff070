import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it } from '../../support/tracked-user.ts';

const NOW = '2026-03-10T10:00:00Z';
const invalid = (field: string) => ({ code: 'BAD_USER_INPUT', field });

describe('excuseDates by the user', () => {
  it('excuses a range from today on, with or without a reason, and lists ranges by their first date', async ({
    trackUser,
  }) => {
    const { id, excuse, read } = await trackUser(NOW);
    const later = await excuse('2026-04-01', '2026-05-30', { reason: 'Sea\nand sun' });
    const { result } = await excuse('2026-03-10', '2026-03-10');
    const own = { id: expect.stringMatching(/^\d+$/), from: '2026-03-10', to: '2026-03-10', reason: null };
    expect(result.excusedDates).toEqual(own);
    expect(result.user.id).toBe(id);
    const { excusedDates } = await read();
    expect(excusedDates).toEqual([result.excusedDates, later.result.excusedDates]);
  });

  it('does not write the streaks that stay as they are', async ({ trackUser, db }) => {
    const { id, excuse, send } = await trackUser(NOW);
    await send('recordActivity', { eventId: 'a', verb: 'practice' });
    const written = () => db.sql`select series, xmin from streaks where auth_user_id = ${id}`;
    const before = await written();
    expect((await excuse('2026-08-01', '2026-08-10')).code).toBeUndefined();
    expect([...(await written())]).toEqual([...before]);
    expect((await excuse('2026-03-11', '2026-03-12')).code).toBeUndefined();
    expect([...(await written())]).not.toEqual([...before]);
  });

  it('rejects dates before today, by the date of the user, and changes nothing', async ({ trackUser, db }) => {
    const { excuse, send } = await trackUser(NOW);
    await send('setTimeZone', { timeZone: 'Pacific/Kiritimati' });
    const before = await db.snapshot();
    expect(await excuse('2026-03-10', '2026-03-12')).toMatchObject(invalid('from'));
    expect(await db.snapshot()).toEqual(before);
    expect((await excuse('2026-03-11', '2026-03-12')).code).toBeUndefined();
    await send('setTimeZone', { timeZone: 'Pacific/Honolulu' });
    expect((await excuse('2026-03-10', '2026-03-12')).code).toBeUndefined();
  });

  it.for([
    ['a last date before the first', '2026-03-12', '2026-03-11', {}, 'to'],
    ['61 dates', '2026-03-12', '2026-05-11', {}, 'to'],
    ['dates in the year 9999', '9998-12-31', '9999-01-01', {}, 'to'],
    ['an empty reason', '2026-03-12', '2026-03-12', { reason: '' }, 'reason'],
    ['a reason of 501 characters', '2026-03-12', '2026-03-12', { reason: 'x'.repeat(501) }, 'reason'],
    ['a reason with control characters', '2026-03-12', '2026-03-12', { reason: 'a\u0000' }, 'reason'],
    ['an invalid user id', '2026-03-12', '2026-03-12', { userId: 'a b' }, 'userId'],
  ] as const)(
    'rejects %s, naming the field, and changes nothing',
    async ([, from, to, input, field], { trackUser, db }) => {
      const { excuse } = await trackUser(NOW);
      const before = await db.snapshot();
      expect(await excuse(from, to, input)).toMatchObject(invalid(field));
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('rejects dates of another user, and changes nothing', async ({ trackUser, db }) => {
    const { excuse, send } = await trackUser(NOW);
    const input = { userId: 'another', from: '2026-03-12', to: '2026-03-12' };
    const before = await db.snapshot();
    expect((await excuse('2026-03-12', '2026-03-12', input)).code).toBe('FORBIDDEN');
    expect((await send('excuseDates', input, { scope: 'activity:write activity:read' })).code).toBe('FORBIDDEN');
    expect(await db.snapshot()).toEqual(before);
  });

  it('takes 60 dates, and the last date of the year 9998', async ({ trackUser }) => {
    const { excuse, record } = await trackUser(NOW);
    expect((await excuse('2026-03-12', '2026-05-10')).code).toBeUndefined();
    expect((await excuse('9998-11-02', '9998-12-31')).code).toBeUndefined();
    expect((await record()).result.user.streak.expiresAt).toBe('2026-03-12T00:00:00Z');
  });

  it('limits distinct dates to 90 among any 365 consecutive ones', async ({ trackUser, db }) => {
    const { excuse, repair } = await trackUser(NOW);
    await excuse('2026-06-01', '2026-07-30');
    await repair('2026-08-01', '2026-12-31');
    await excuse('2026-06-20', '2026-07-30');
    await excuse('2026-09-01', '2026-09-30');
    const before = await db.snapshot();
    expect((await excuse('2026-10-01', '2026-10-01')).code).toBe('LIMIT_REACHED');
    expect((await excuse('2026-03-10', '2026-03-10')).code).toBe('LIMIT_REACHED');
    expect((await excuse('2027-05-31', '2027-05-31')).code).toBe('LIMIT_REACHED');
    expect(await db.snapshot()).toEqual(before);
    expect((await excuse('2026-06-30', '2026-07-10')).code).toBeUndefined();
    expect((await excuse('2027-06-01', '2027-06-01')).code).toBeUndefined();
    expect((await excuse('2027-06-02', '2027-06-03')).code).toBeUndefined();
  });

  it('counts ranges that were ended early by their shorter length, and void ones not at all', async ({ trackUser }) => {
    const { excuse, send, at } = await trackUser(NOW);
    const { result: first } = await excuse('2026-03-10', '2026-05-08');
    const { result: second } = await excuse('2026-06-01', '2026-06-30');
    expect((await excuse('2026-07-01', '2026-07-01')).code).toBe('LIMIT_REACHED');
    await send('cancelExcusedDates', { id: second.excusedDates.id });
    at('2026-03-20T10:00:00Z');
    await send('cancelExcusedDates', { id: first.excusedDates.id });
    expect((await excuse('2026-07-01', '2026-08-29')).code).toBeUndefined();
    expect((await excuse('2026-09-01', '2026-09-20')).code).toBeUndefined();
    expect((await excuse('2026-09-21', '2026-09-21')).code).toBe('LIMIT_REACHED');
  });

  it.for(['user', 'service'] as const)(
    'limits the ranges of the %s that are not void to 500, apart from those of the other role',
    async (role, { trackUser, db }) => {
      const { id, excuse, repair, send, read } = await trackUser(NOW);
      const [add, addOther, scope] = role === 'user' ? [excuse, repair, ''] : [repair, excuse, 'streaks:write'];
      const { result } = await add('2026-03-12', '2026-03-12');
      await db.sql`
        insert into excused_dates (auth_user_id, from_date, to_date, created_by, created_at)
        select ${id}, '2026-03-12', '2026-03-12', ${role}, '2026-01-01' from generate_series(1, 499)`;
      const before = await db.snapshot();
      expect((await add('2026-03-12', '2026-03-12')).code).toBe('LIMIT_REACHED');
      expect(await db.snapshot()).toEqual(before);
      expect((await addOther('2026-03-12', '2026-03-12')).code).toBeUndefined();
      expect((await read('excusedDates { id }')).excusedDates).toHaveLength(501);
      await send('cancelExcusedDates', { id: result.excusedDates.id }, { scope });
      expect((await add('2026-03-12', '2026-03-12')).code).toBeUndefined();
    },
  );

  it('limits the different dates of the ranges that are not void to 5,000, for each role', async ({
    trackUser,
    db,
  }) => {
    const { record, repair, excuse } = await trackUser(NOW);
    await record();
    const years = Array.from({ length: 13 }, (_, n) => 2027 + n);
    for (const year of years) await repair(`${year}-01-01`, `${year}-12-31`);
    expect((await repair('2027-07-01', '2028-06-30')).code).toBeUndefined();
    expect((await repair('2040-01-01', '2040-09-08')).code).toBeUndefined();
    const before = await db.snapshot();
    expect((await repair('2026-12-31', '2026-12-31')).code).toBe('LIMIT_REACHED');
    expect(await db.snapshot()).toEqual(before);
    expect((await repair('2039-12-01', '2040-09-08')).code).toBeUndefined();
    expect((await excuse('2026-12-31', '2026-12-31')).code).toBeUndefined();
  });

  it('limits the ranges of a user to 100 in 24 hours, cancelled ones included and those of services aside', async ({
    trackUser,
    db,
  }) => {
    const { id, at, excuse, repair } = await trackUser('2026-03-04T12:00:00Z');
    await repair('2026-03-09', '2026-03-09');
    await excuse('2026-03-10', '2026-03-10');
    await db.sql`
      insert into excused_dates (auth_user_id, from_date, to_date, created_by, created_at, cancelled_at, voided_at)
      select ${id}, '2026-03-11', '2026-03-11', 'user', '2026-03-04T12:00:00Z', now(), now() from generate_series(1, 98)`;
    expect((await excuse('2026-03-12', '2026-03-12')).code).toBeUndefined();
    const before = await db.snapshot();
    expect(await excuse('2026-03-13', '2026-03-13')).toMatchObject({
      code: 'LIMIT_REACHED',
      message: 'At most 100 ranges may be excused in 24 hours',
    });
    expect(await db.snapshot()).toEqual(before);
    expect((await repair('2026-03-13', '2026-03-13')).code).toBeUndefined();
    at('2026-03-05T12:00:01Z');
    expect((await excuse('2026-03-14', '2026-03-14')).code).toBeUndefined();
  });

  it('never exceeds the 90 dates for requests at once', async ({ trackUser, db }) => {
    const { id, excuse } = await trackUser(NOW);
    const months = ['04', '05', '06', '07', '08', '09', '10', '11', '12'];
    const codes = await Promise.all(months.map((month) => excuse(`2026-${month}-01`, `2026-${month}-30`)));
    expect(codes.map(({ code }) => code ?? 'OK').sort()).toEqual([
      ...Array(6).fill('LIMIT_REACHED'),
      ...Array(3).fill('OK'),
    ]);
    expect(await db.sql`select from excused_dates where auth_user_id = ${id}`).toHaveLength(3);
  });

  it('loses no change when it races activities', async ({ trackUser }) => {
    const { excuse, record, read } = await trackUser(NOW);
    await record();
    const requests = Array.from({ length: 5 }, () => [record(), excuse('2026-03-11', '2026-03-20')]).flat();
    expect((await Promise.all(requests)).map(({ code }) => code)).toEqual(Array(10).fill(undefined));
    const { streak, excusedDates } = await read();
    expect(excusedDates).toHaveLength(5);
    expect(streak).toMatchObject({ current: 1, totalDays: 1, expiresAt: '2026-03-22T00:00:00Z' });
  });
});

describe('excuseDates with the scope streaks:write', () => {
  it('excuses past and future dates of any user, also of one without a row', async ({ trackUser, db }) => {
    const { repair } = await trackUser(NOW);
    const userId = `user-${crypto.randomUUID()}`;
    expect((await repair('2025-01-01', '2026-01-01', { userId })).result.user.id).toBe(userId);
    expect((await repair('0001-01-01', '0001-12-31', { userId })).code).toBeUndefined();
    expect((await repair('9997-12-31', '9998-12-31', { userId })).code).toBeUndefined();
    const rows = await db.sql<Json[]>`select created_by from excused_dates where auth_user_id = ${userId}`;
    expect(rows.map((row) => row.created_by)).toEqual(['service', 'service', 'service']);
  });

  it.for([
    ['367 dates', { from: '2025-01-01', to: '2026-01-02', reason: 'Outage' }, 'to'],
    ['no reason', { from: '2025-01-01', to: '2025-01-01' }, 'reason'],
    ['a null reason', { from: '2025-01-01', to: '2025-01-01', reason: null }, 'reason'],
    ['a reversed range', { from: '2025-01-02', to: '2025-01-01', reason: 'Outage' }, 'to'],
  ] as const)(
    'rejects %s, also for the own dates, and changes nothing',
    async ([, input, field], { trackUser, db }) => {
      const { send } = await trackUser(NOW);
      const before = await db.snapshot();
      expect(await send('excuseDates', input, { scope: 'streaks:write' })).toMatchObject(invalid(field));
      expect(await db.snapshot()).toEqual(before);
    },
  );
});
