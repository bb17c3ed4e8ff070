import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../awards/tracked-awards.ts';

const perStreak = { repeat: 'PER_STREAK' };

describe('a repair that joins past runs', () => {
  it('awards the badges of the joined run, however far the range extends', async ({ trackUser, define, awards }) => {
    await define({ streak: { gte: 6 } }, perStreak);
    const { id, at, record, repair } = await trackUser('2026-02-01T10:00:00Z');
    for (const day of ['01', '02', '03', '05', '06', '07']) {
      at(`2026-02-${day}T10:00:00Z`);
      await record();
    }
    at('2026-04-20T10:00:00Z');
    await record();
    expect(await awards(id)).toEqual([]);
    await repair('2026-01-10', '2026-03-10');
    expect(await awards(id)).toEqual(['run:2026-02-01 2026-02-07']);
    await repair('2026-01-10', '2026-03-11');
    expect(await awards(id)).toHaveLength(1);
  });

  it('awards badges for the activities of the joined run', async ({ trackUser, define, awards }) => {
    await define({ count: { verb: 'practice', gte: 4 } }, perStreak);
    const { id, at, record, repair } = await trackUser('2026-02-01T10:00:00Z');
    for (const day of ['01', '02', '05', '06', '10']) {
      at(`2026-02-${day}T10:00:00Z`);
      await record({ verb: 'practice' });
    }
    expect(await awards(id)).toEqual([]);
    await repair('2026-02-02', '2026-02-04');
    expect(await awards(id)).toEqual(['run:2026-02-01 2026-02-06']);
  });

  it('is as good as an activity that joins them', async ({ trackUser, define, awards }) => {
    await define({ count: { verb: 'practice', gte: 4 } }, perStreak);
    const { id, at, record } = await trackUser('2026-02-01T10:00:00Z');
    for (const day of ['01', '02', '04', '05']) {
      at(`2026-02-${day}T10:00:00Z`);
      await record({ verb: 'practice' });
    }
    expect(await awards(id)).toEqual([]);
    await record({ occurredAt: '2026-02-03T10:00:00Z' });
    expect(await awards(id)).toEqual(['run:2026-02-01 2026-02-05']);
  });
});
