import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/tracked-user.ts';

const STREAK = 'streak { current longest status startedOn lastActiveOn brokenOn expiresAt }';

describe('streaks across excused dates', () => {
  it('neither grow nor break in a holiday, and grow with activity in it', async ({ trackUser }) => {
    const { record, excuse, at, read } = await trackUser('2026-03-01T10:00:00Z');
    await record();
    const { result } = await excuse('2026-03-02', '2026-03-08');
    expect(result.user.streak).toMatchObject({ current: 1, expiresAt: '2026-03-10T00:00:00Z' });
    at('2026-03-05T10:00:00Z');
    expect(await read(STREAK)).toMatchObject({ streak: { current: 1, status: 'ACTIVE' } });
    await record();
    at('2026-03-09T10:00:00Z');
    expect(await read(STREAK)).toMatchObject({ streak: { current: 2, status: 'AT_RISK', startedOn: '2026-03-01' } });
    at('2026-03-10T00:00:00Z');
    const broken = { current: 0, longest: 2, status: 'BROKEN', brokenOn: '2026-03-09', expiresAt: null };
    expect(await read(STREAK)).toMatchObject({ streak: broken });
  });

  it('expire from yesterday on when a holiday is cancelled', async ({ trackUser }) => {
    const { record, excuse, send, at } = await trackUser('2026-03-01T10:00:00Z');
    await record();
    const { id } = (await excuse('2026-03-02', '2026-03-20')).result.excusedDates;
    at('2026-03-10T10:00:00Z');
    const { user } = (await send('cancelExcusedDates', { id })).result;
    expect(user.streak).toMatchObject({ current: 1, status: 'AT_RISK', expiresAt: '2026-03-11T00:00:00Z' });
  });

  it('join when a repair excuses the dates between them, however long ago', async ({ trackUser }) => {
    const { record, repair, at, read } = await trackUser('2025-01-01T10:00:00Z');
    for (const day of ['01', '02', '05', '06', '07']) {
      at(`2025-01-${day}T10:00:00Z`);
      await record();
    }
    at('2026-03-10T10:00:00Z');
    await record();
    expect(await read(STREAK)).toMatchObject({ streak: { current: 1, longest: 3 } });
    expect((await repair('2025-01-03', '2025-01-04')).result.user.streak).toMatchObject({ current: 1, longest: 5 });
    await repair('2025-01-08', '2025-12-31');
    const { user } = (await repair('2026-01-01', '2026-03-09')).result;
    expect(user.streak).toMatchObject({ current: 6, startedOn: '2025-01-01', brokenOn: null });
  });

  it('of goals change as well', async ({ trackUser }) => {
    const { service, token, record, repair, at, read } = await trackUser('2026-03-01T10:00:00Z');
    const create = 'mutation { createGoal(input: { title: "Swim" }) { goal { id } } }';
    const { data } = await service.graphql(create, {}, { token: await token() });
    const goalId = data.createGoal.goal.id;
    await record({ goalId });
    at('2026-03-04T10:00:00Z');
    await record({ goalId });
    await repair('2026-03-02', '2026-03-03');
    expect(await read(`goals { ${STREAK} }`)).toMatchObject({ goals: [{ streak: { current: 2, longest: 2 } }] });
  });
});

describe('streaks across changes of zone', () => {
  it('expire at the end of the date in the new zone', async ({ trackUser }) => {
    const { record, send, read } = await trackUser('2026-03-01T10:00:00Z');
    await record();
    expect(await read(STREAK)).toMatchObject({ streak: { expiresAt: '2026-03-03T00:00:00Z' } });
    await send('setTimeZone', { timeZone: 'Pacific/Honolulu' });
    expect(await read(STREAK)).toMatchObject({ streak: { expiresAt: '2026-03-03T10:00:00Z' } });
    await send('setTimeZone', { timeZone: 'Pacific/Kiritimati' });
    expect(await read(STREAK)).toMatchObject({ streak: { expiresAt: '2026-03-02T10:00:00Z' } });
  });

  it('survive a flight from Honolulu to Auckland, on which a date is short, and the way back', async ({
    trackUser,
  }) => {
    const { record, send, at, read } = await trackUser('2026-05-01T20:00:00Z');
    await send('setTimeZone', { timeZone: 'Pacific/Honolulu' });
    expect((await record()).result.activity).toMatchObject({ localDate: '2026-05-01', timeZone: 'Pacific/Honolulu' });
    // 02:00 on 2 May in Honolulu is midnight of 3 May in Auckland.
    at('2026-05-02T12:00:00Z');
    await send('setTimeZone', { timeZone: 'Pacific/Auckland' });
    expect(await read(STREAK)).toMatchObject({ streak: { current: 1, expiresAt: '2026-05-03T12:00:00Z' } });
    at('2026-05-03T01:00:00Z');
    const { activity, user } = (await record()).result;
    expect(activity).toMatchObject({ localDate: '2026-05-03', timeZone: 'Pacific/Auckland' });
    expect(user.streak).toMatchObject({ current: 2, startedOn: '2026-05-01', brokenOn: null });
    at('2026-05-03T02:00:00Z');
    await send('setTimeZone', { timeZone: 'Pacific/Honolulu' });
    const streak = { current: 2, status: 'ACTIVE', lastActiveOn: '2026-05-03', expiresAt: '2026-05-05T10:00:00Z' };
    expect(await read(STREAK)).toMatchObject({ streak });
  });

  it('keep the dates of activities, and date late ones by the zone that was in force', async ({ trackUser, db }) => {
    const { id, record, send, at } = await trackUser('2026-05-01T23:00:00Z');
    await record();
    at('2026-05-02T01:00:00Z');
    await send('setTimeZone', { timeZone: 'Asia/Tokyo' });
    const late = await record({ occurredAt: '2026-05-01T23:30:00Z' });
    expect(late.result.activity).toMatchObject({ localDate: '2026-05-01', timeZone: 'UTC' });
    const after = await record({ occurredAt: '2026-05-02T01:00:00Z' });
    expect(after.result.activity).toMatchObject({ localDate: '2026-05-02', timeZone: 'Asia/Tokyo' });
    const rows = await db.sql`select local_date::text as date from activities where auth_user_id = ${id} order by id`;
    expect(rows.map(({ date }) => date)).toEqual(['2026-05-01', '2026-05-01', '2026-05-02']);
  });

  it('of every goal expire in the zone that a token brings', async ({ trackUser }) => {
    const { service, token, record, read } = await trackUser('2026-03-01T10:00:00Z');
    const create = 'mutation { createGoal(input: { title: "Swim" }) { goal { id } } }';
    const { data } = await service.graphql(create, {}, { token: await token() });
    await record({ goalId: data.createGoal.goal.id });
    await record({}, { zoneinfo: 'Asia/Tokyo' });
    const expired = { streak: { expiresAt: '2026-03-02T15:00:00Z' } };
    expect(await read(`${STREAK} goals { ${STREAK} }`)).toMatchObject({ ...expired, goals: [expired] });
  });
});
