import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../awards/tracked-awards.ts';

describe('a change that shortens a streak', () => {
  it('awards no badge of the activity that it voids', async ({ trackUser, define, awards }) => {
    const { id, at, record, send } = await trackUser('2026-03-01T10:00:00Z');
    let last = '';
    for (const day of ['01', '02', '03', '04']) {
      at(`2026-03-${day}T10:00:00Z`);
      last = (await record({ verb: 'practice' })).result.activity.id;
    }
    await define({ all: [{ streak: { gte: 3 } }, { count: { verb: 'practice', gte: 4 } }] }, { repeat: 'PER_STREAK' });
    await define({ all: [{ streak: { gte: 3 } }, { count: { verb: 'practice', gte: 3 } }] });
    expect((await send('voidActivity', { id: last })).code).toBeUndefined();
    expect(await awards(id)).toEqual([]);
    at('2026-03-05T10:00:00Z');
    await record({ verb: 'check-in' });
    expect(await awards(id)).toEqual([' 2026-03-03']);
  });

  it('awards no badge of a run that it splits', async ({ trackUser, define, awards }) => {
    const { id, at, record, send, repair } = await trackUser('2026-03-01T10:00:00Z');
    let second = '';
    for (const day of ['01', '02', '03', '05', '06', '07']) {
      at(`2026-03-${day}T10:00:00Z`);
      const { activity } = (await record()).result;
      if (day === '02') second = activity.id;
    }
    const { excusedDates } = (await repair('2026-03-04', '2026-03-04')).result;
    await define({ streak: { gte: 3 } });
    await send('voidActivity', { id: second });
    await send('cancelExcusedDates', { id: excusedDates.id }, { scope: 'streaks:write' });
    expect(await awards(id)).toEqual([]);
    at('2026-03-08T10:00:00Z');
    await record();
    expect(await awards(id)).toEqual([' 2026-03-07']);
  });
});
