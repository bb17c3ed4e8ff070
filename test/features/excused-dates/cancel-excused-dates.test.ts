import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/tracked-user.ts';

const NOW = '2026-03-10T10:00:00Z';
const SERVICE = { scope: 'streaks:write' };

describe('cancelExcusedDates by the user', () => {
  it('ends a range that has begun yesterday', async ({ trackUser }) => {
    const { excuse, send, at, read } = await trackUser(NOW);
    const { id } = (await excuse('2026-03-10', '2026-03-20')).result.excusedDates;
    at('2026-03-15T23:59:00Z');
    const ended = { id, from: '2026-03-10', to: '2026-03-14', reason: null };
    expect((await send('cancelExcusedDates', { id })).result.excusedDates).toEqual(ended);
    expect((await read('excusedDates { id from to reason }')).excusedDates).toEqual([ended]);
  });

  it.for(['2026-03-10', '2026-03-11'])('voids a range that begins on %s', async (from, { trackUser, db }) => {
    const { excuse, send, read } = await trackUser(NOW);
    const { id } = (await excuse(from, '2026-03-20')).result.excusedDates;
    const { result } = await send('cancelExcusedDates', { id });
    expect(result.excusedDates).toMatchObject({ id, from, to: '2026-03-20' });
    expect((await read('excusedDates { id }')).excusedDates).toEqual([]);
    const before = await db.snapshot();
    expect((await send('cancelExcusedDates', { id })).result.excusedDates).toEqual(result.excusedDates);
    expect(await db.snapshot()).toEqual(before);
  });

  it('keeps a range that is over, and one that was cancelled', async ({ trackUser, db }) => {
    const { excuse, send, at } = await trackUser(NOW);
    const { id: over } = (await excuse('2026-03-10', '2026-03-12')).result.excusedDates;
    const { id: ended } = (await excuse('2026-03-10', '2026-03-20')).result.excusedDates;
    at('2026-03-13T00:00:00Z');
    await send('cancelExcusedDates', { id: ended });
    const before = await db.snapshot();
    for (const id of [over, ended, ended]) {
      expect((await send('cancelExcusedDates', { id })).result.excusedDates).toMatchObject({ id, to: '2026-03-12' });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('counts from the date of the user', async ({ trackUser }) => {
    const { excuse, send, at } = await trackUser(NOW);
    const { id } = (await excuse('2026-03-10', '2026-03-20')).result.excusedDates;
    at('2026-03-15T12:00:00Z');
    await send('setTimeZone', { timeZone: 'Pacific/Kiritimati' });
    expect((await send('cancelExcusedDates', { id })).result.excusedDates.to).toBe('2026-03-15');
  });

  it('rejects ranges of services and, as unknown, those of others, and changes nothing', async ({ trackUser, db }) => {
    const ada = await trackUser(NOW);
    const eve = await trackUser(NOW);
    const { id: repaired } = (await ada.repair('2026-03-01', '2026-03-20')).result.excusedDates;
    const { id: own } = (await ada.excuse('2026-03-12', '2026-03-12')).result.excusedDates;
    const before = await db.snapshot();
    const cancel = async (user: typeof ada, id: string, claims?: object) =>
      (await user.send('cancelExcusedDates', { id }, claims)).code;
    expect(await cancel(ada, repaired)).toBe('FORBIDDEN');
    expect(await cancel(eve, repaired)).toBe('NOT_FOUND');
    expect(await cancel(eve, own)).toBe('NOT_FOUND');
    expect(await cancel(eve, own, { scope: 'activity:read' })).toBe('FORBIDDEN');
    expect(await cancel(ada, '9007199254740991')).toBe('NOT_FOUND');
    for (const id of ['0', '-1', '1.0', 'x', '9007199254740992']) expect(await cancel(ada, id)).toBe('BAD_USER_INPUT');
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('cancelExcusedDates with the scope streaks:write', () => {
  it('voids ranges of users and of services, over or not, and those of the token itself', async ({ trackUser }) => {
    const { excuse, repair, send, at, read } = await trackUser(NOW);
    const ranges = [
      await excuse('2026-03-10', '2026-03-12'),
      await excuse('2026-03-10', '2026-03-20'),
      await excuse('2026-03-25', '2026-03-25'),
      await repair('2025-03-10', '2025-03-12'),
    ].map(({ result }) => result.excusedDates);
    at('2026-03-15T10:00:00Z');
    for (const range of ranges) {
      expect((await send('cancelExcusedDates', { id: range.id }, SERVICE)).result.excusedDates).toEqual(range);
    }
    expect((await read('excusedDates { id }')).excusedDates).toEqual([]);
  });

  it('keeps a range that its user has cancelled', async ({ trackUser, db }) => {
    const { excuse, send, at } = await trackUser(NOW);
    const { id } = (await excuse('2026-03-10', '2026-03-20')).result.excusedDates;
    at('2026-03-15T10:00:00Z');
    await send('cancelExcusedDates', { id });
    const before = await db.snapshot();
    expect((await send('cancelExcusedDates', { id }, SERVICE)).result.excusedDates.to).toBe('2026-03-14');
    expect(await db.snapshot()).toEqual(before);
  });

  it('lowers the streak that a repair has joined', async ({ trackUser }) => {
    const { record, repair, send, at, read } = await trackUser('2026-01-01T10:00:00Z');
    for (const day of ['01', '02', '04', '05']) {
      at(`2026-01-${day}T10:00:00Z`);
      await record();
    }
    at('2026-02-01T10:00:00Z');
    expect((await read('streak { longest brokenOn }')).streak).toEqual({ longest: 2, brokenOn: '2026-01-06' });
    const { result } = await repair('2026-01-03', '2026-01-03');
    expect(result.user.streak).toMatchObject({ current: 0, longest: 4, totalDays: 4 });
    await send('cancelExcusedDates', { id: result.excusedDates.id }, SERVICE);
    expect((await read('streak { longest }')).streak).toEqual({ longest: 2 });
  });
});
