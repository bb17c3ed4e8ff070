import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodOf } from '../../../src/features/badge-definitions/award-key.ts';

describe('the period of an award', () => {
  it.each([
    ['once', '2026-03-04', { awardKey: '', from: null, to: null }],
    ['weekly', '2026-03-04', { awardKey: '2026-W10', from: '2026-03-02', to: '2026-03-08' }],
    ['weekly', '2026-12-31', { awardKey: '2026-W53', from: '2026-12-28', to: '2027-01-03' }],
    ['weekly', '2027-01-03', { awardKey: '2026-W53', from: '2026-12-28', to: '2027-01-03' }],
    ['weekly', '2027-01-04', { awardKey: '2027-W01', from: '2027-01-04', to: '2027-01-10' }],
    ['weekly', '2024-12-30', { awardKey: '2025-W01', from: '2024-12-30', to: '2025-01-05' }],
    ['weekly', '2021-01-01', { awardKey: '2020-W53', from: '2020-12-28', to: '2021-01-03' }],
    ['monthly', '2028-02-29', { awardKey: '2028-02', from: '2028-02-01', to: '2028-02-29' }],
    ['monthly', '2026-12-31', { awardKey: '2026-12', from: '2026-12-01', to: '2026-12-31' }],
    ['per-streak', '2026-03-04', { awardKey: 'run:2026-03-04', from: '2026-03-04', to: null }],
  ] as const)('%s, %s', (repeat, date, expected) => {
    expect(periodOf(repeat, date)).toEqual(expected);
  });

  it('contains its date, and is the period of each of its dates', () => {
    const days = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(days, fc.constantFrom('weekly' as const, 'monthly' as const), (day, repeat) => {
        const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
        const period = periodOf(repeat, date);
        const { from, to } = period;
        expect([from, date, to].toSorted()).toEqual([from, date, to]);
        expect([periodOf(repeat, String(from)), periodOf(repeat, String(to))]).toEqual([period, period]);
      }),
      { numRuns: 2000, seed: 20_260_301 },
    );
  });
});
