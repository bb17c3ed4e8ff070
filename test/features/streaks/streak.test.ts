import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neutralDateTest, streakAt } from '../../../src/features/streaks/streak.ts';
import { firstInstants, shortDateTest, type ZoneChange, zoneAt } from '../../../src/features/streaks/zones.ts';
import { addDays, datesFrom } from '../../../src/lib/local-date.ts';
import { datesOf, inputOf, shortDates, worlds } from './worlds.ts';

const HONOLULU = { effectiveFrom: '1970-01-01T00:00:00Z', timeZone: 'Pacific/Honolulu' };
const base = { timesPerWeek: null, excused: [], start: '2026-03-01' };
const always = (timeZone: string): ZoneChange[] => [{ effectiveFrom: '1970-01-01T00:00:00Z', timeZone }];

describe('the zone in force', () => {
  it('is UTC before the first row, and begins at its microsecond', () => {
    const history = [{ effectiveFrom: '2026-03-01T00:00:00.5Z', timeZone: 'Asia/Tokyo' }];
    const zones = ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.499999Z', '2026-03-01T00:00:00.500001Z'];
    expect(zones.map((instant) => zoneAt(history, instant))).toEqual(['UTC', 'UTC', 'Asia/Tokyo']);
    expect(zoneAt(history, '2026-03-01T00:00:00.500000Z')).toBe('Asia/Tokyo');
  });
});

describe('the first instant of a date', () => {
  it('is three hours before the start of the date in the zone in force', () => {
    const history = [{ effectiveFrom: '2026-03-10T22:00:00Z', timeZone: 'Pacific/Auckland' }];
    const firstOf = firstInstants(history);
    expect(['2026-03-10', '2026-03-11', '2026-03-12'].map(firstOf)).toEqual([
      '2026-03-09T21:00:00.000Z', // in UTC
      '2026-03-10T19:00:00.000Z', // when the zone changes
      '2026-03-11T08:00:00.000Z', // in Auckland
    ]);
  });

  it('is three hours before the next date for a date that the zone skips', () => {
    expect(firstInstants(always('Pacific/Apia'))('2011-12-30')).toBe('2011-12-30T07:00:00.000Z');
  });

  it('is never in the year 0, which PostgreSQL does not have', () => {
    expect(firstInstants([])('0001-01-01')).toBe('0001-01-01T00:00:00.000Z');
  });

  it('is not after an activity that is five minutes ahead of a change of the zone at midnight', () => {
    const history = [
      ...always('Europe/Berlin'),
      { effectiveFrom: '2026-03-10T22:55:00Z', timeZone: 'America/New_York' },
    ];
    expect(firstInstants(history)('2026-03-11') <= '2026-03-10T23:00:00.000Z').toBe(true);
  });

  it('is not after any activity of the date, in all zones', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const firstOf = firstInstants(world.history);
        for (const event of world.events) {
          const [date = ''] = datesOf([event], world.history);
          expect(firstOf(date) <= new Date(event).toISOString()).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a flight', () => {
  // Honolulu 2026-03-10 12:00 to Auckland 2026-03-11 11:00: one hour of clock is 23 hours of dates.
  const east = { effectiveFrom: '2026-03-10T22:00:00Z', timeZone: 'Pacific/Auckland' };

  it('east makes a date short, and its streak survives without activity on it', () => {
    const history = [HONOLULU, east];
    expect([...shortDates(history, '2026-03-01', '2026-03-31')]).toEqual(['2026-03-10', '2026-03-11']);
    const events = ['2026-03-09T20:00:00Z', '2026-03-11T20:00:00Z'];
    expect(datesOf(events, history)).toEqual(['2026-03-09', '2026-03-12']);
    const value = streakAt(inputOf({ ...base, history, events, now: '2026-03-11T20:00:00Z' }));
    expect(value).toMatchObject({ current: 2, status: 'active', startedOn: '2026-03-09', brokenOn: null });
  });

  it('west never lowers the streak that was shown before it', () => {
    const history = [
      ...always('Pacific/Auckland'),
      { effectiveFrom: '2026-03-10T22:00:00Z', timeZone: 'Pacific/Honolulu' },
    ];
    const events = ['2026-03-08T22:00:00Z', '2026-03-09T22:00:00Z', '2026-03-10T21:59:00Z'];
    const world = { ...base, history, events, now: '2026-03-10T22:01:00Z' };
    expect(inputOf(world).today).toBe('2026-03-10');
    expect(streakAt(inputOf(world))).toMatchObject({ current: 3, status: 'active', expiresOn: '2026-03-12' });
  });

  it('from Honolulu to Auckland and back shows the streaks of the drawing in docs/TRACKER.md', () => {
    const back = { effectiveFrom: '2026-03-14T16:30:00Z', timeZone: 'Pacific/Honolulu' };
    const history = [HONOLULU, east, back];
    const [plane, second] = ['2026-03-14T13:42:00Z', '2026-03-16T04:00:00Z'];
    const before = ['2026-03-10T04:00:00Z', '2026-03-12T06:00:00Z', '2026-03-13T06:00:00Z', '2026-03-14T05:00:00Z'];
    const events = [...before, plane, second, '2026-03-17T04:00:00Z'];
    const currentAt = (now: string) => {
      const known = { history: history.filter(({ effectiveFrom }) => effectiveFrom <= now) };
      return streakAt(inputOf({ ...base, ...known, events: events.filter((event) => event <= now), now })).current;
    };
    expect([...shortDates(history, '2026-03-01', '2026-03-31')]).toEqual(['2026-03-10', '2026-03-11']);
    expect(events.map(currentAt)).toEqual([1, 2, 3, 4, 5, 5, 6]);
    expect(['2026-03-10T22:00:00Z', '2026-03-15T04:00:00Z'].map(currentAt)).toEqual([1, 5]);
  });

  it('there and back within a date leaves no date short', () => {
    const back = { effectiveFrom: '2026-03-11T00:00:00Z', timeZone: 'Pacific/Honolulu' };
    expect(shortDates([HONOLULU, east, back], '2026-03-01', '2026-03-31').size).toBe(0);
  });

  it('of up to 4 hours loses no date', () => {
    const flights = (timeZone: string) => [...always('UTC'), { effectiveFrom: '2026-01-10T12:00:00Z', timeZone }];
    expect(shortDates(flights('Asia/Dubai'), '2026-01-01', '2026-01-31').size).toBe(0);
    expect([...shortDates(flights('Asia/Kabul'), '2026-01-01', '2026-01-31')]).toEqual(['2026-01-10']);
  });
});

describe('a short date', () => {
  it('is 2011-12-30 in Apia, which the zone skips', () => {
    const history = always('Pacific/Apia');
    expect([...shortDates(history, '2011-12-01', '2012-01-31')]).toEqual(['2011-12-30']);
    const events = ['2011-12-29T20:00:00Z', '2011-12-31T00:00:00Z'];
    const value = streakAt(inputOf({ ...base, history, events, now: '2011-12-31T00:00:00Z' }));
    expect(value).toMatchObject({ current: 2, brokenOn: null, lastActiveOn: '2011-12-31' });
  });

  it.each([
    ['2026-03-30', false],
    ['2026-03-31', true],
  ])('after those of 2026-03-01 and 2026-03-02 is neutral on %s: %s', (date, neutral) => {
    const short = new Set(['2026-03-01', '2026-03-02', date]);
    const isNeutral = neutralDateTest([], (other) => short.has(other));
    expect(['2026-03-01', '2026-03-02', date].map(isNeutral)).toEqual([true, true, neutral]);
  });
});

describe('a daily streak', () => {
  it.each([
    ['America/New_York', '2026-03-08'],
    ['America/New_York', '2026-11-01'],
    ['America/Sao_Paulo', '2018-11-04'],
    ['Africa/Cairo', '2023-04-28'],
    ['Asia/Beirut', '2024-03-31'],
    ['Australia/Lord_Howe', '2026-04-05'],
    ['America/St_Johns', '2026-03-08'],
    ['Pacific/Kiritimati', '2026-01-01'],
  ])('in %s is broken by a date without activity at the transition of %s', (timeZone, date) => {
    const history = always(timeZone);
    const isNeutral = neutralDateTest([], shortDateTest(history));
    const dates = [addDays(date, -1), addDays(date, 1)];
    const value = streakAt({ dates, isNeutral, timesPerWeek: null, today: addDays(date, 1) });
    expect(value).toMatchObject({ current: 1, longest: 1, brokenOn: date });
  });

  it('counts repeated pings after midnight in Bucharest once, on the new date', () => {
    const history = always('Europe/Bucharest');
    const pings = Array.from({ length: 50 }, (_, i) => `2026-04-27T21:28:${String(i).padStart(2, '0')}Z`);
    const events = ['2026-04-27T18:00:00Z', ...pings];
    expect(datesOf(events, history)).toEqual(['2026-04-27', '2026-04-28']);
    const value = streakAt(inputOf({ ...base, history, events, now: '2026-04-27T21:28:50Z' }));
    expect(value).toMatchObject({ current: 2, totalDays: 2, status: 'active', expiresOn: '2026-04-29' });
  });

  it('is never begun without activity', () => {
    expect(streakAt(inputOf({ ...base, history: [], events: [], now: '2026-03-01T00:00:00Z' }))).toEqual({
      unit: 'day',
      current: 0,
      longest: 0,
      totalDays: 0,
      status: 'none',
      startedOn: null,
      lastActiveOn: null,
      brokenOn: null,
      expiresOn: null,
    });
  });

  it('waits for the end of an excused range', () => {
    const excused = [{ from: '2026-03-02', to: '2026-03-04' }];
    const world = { ...base, excused, history: [], events: ['2026-03-01T12:00:00Z'] };
    const on = (now: string) => streakAt(inputOf({ ...world, now }));
    expect(on('2026-03-04T23:59:59Z')).toMatchObject({ current: 1, status: 'active', expiresOn: '2026-03-05' });
    expect(on('2026-03-05T00:00:00Z')).toMatchObject({ current: 1, status: 'at-risk', expiresOn: '2026-03-05' });
    expect(on('2026-03-06T00:00:00Z')).toMatchObject({ current: 0, status: 'broken', brokenOn: '2026-03-05' });
  });
});

describe('a weekly streak', () => {
  const weekly = (dates: string[], today: string, neutral: string[] = []) =>
    streakAt({ dates, timesPerWeek: 3, isNeutral: (date) => neutral.includes(date), today });
  const W53 = ['2026-12-28', '2026-12-31', '2027-01-03'];

  it('counts a week that spans two years once', () => {
    expect(weekly(W53, '2027-01-03')).toMatchObject({
      unit: 'week',
      current: 1,
      startedOn: '2026-12-28',
      status: 'active',
    });
    expect(weekly([...W53, '2027-01-04'], '2027-01-10')).toMatchObject({ current: 1, status: 'at-risk' });
    expect(weekly([...W53, '2027-01-04'], '2027-01-11')).toMatchObject({ current: 0, brokenOn: '2027-01-10' });
  });

  it('skips a week with too few dates left, and is active in it', () => {
    const neutral = datesFrom('2027-01-06', '2027-01-10');
    expect(weekly(W53, '2027-01-05', neutral)).toMatchObject({ status: 'active', current: 1, expiresOn: '2027-01-17' });
    expect(weekly(W53, '2027-01-17', neutral)).toMatchObject({ status: 'at-risk', current: 1 });
    expect(weekly(W53, '2027-01-18', neutral)).toMatchObject({ status: 'broken', brokenOn: '2027-01-17' });
  });

  it('is never begun by weeks that do not qualify', () => {
    expect(weekly(['2026-12-28', '2026-12-31'], '2027-03-01')).toMatchObject({
      status: 'none',
      totalDays: 2,
      brokenOn: null,
    });
  });
});
