import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streakAt, windowsReaching } from '../../../src/features/streaks/streak.ts';
import { shortDateTest, zoneAt } from '../../../src/features/streaks/zones.ts';
import { addDays, dateAt, datesFrom, endOfDate, startOfDate } from '../../../src/lib/local-date.ts';
import { naiveStreak, shortDatesOf } from './naive-streak.ts';
import {
  changes,
  check,
  daily,
  datesOf,
  historyOf,
  inputOf,
  instantOf,
  SIMULATED_DAYS,
  shortDates,
  worlds,
  ZONES,
} from './worlds.ts';

const ORDER = ['active', 'at-risk', 'broken'];
const STILL_AT = 80 * 48;

describe('for any data and any instant', { timeout: 60_000 }, () => {
  it('a streak equals a simulation of the user’s clock by the rules', () => {
    check(worlds, (world) => expect(streakAt(inputOf(world))).toEqual(naiveStreak(world)));
  });

  it('the short dates are those of the simulation', () => {
    check(worlds, ({ start, history }) => {
      const [first, last] = [addDays(start, 3), addDays(start, SIMULATED_DAYS - 3)];
      expect([...shortDates(history, first, last)].sort()).toEqual([...shortDatesOf({ start, history })].sort());
    });
  });

  it('the order and the duplication of events do not matter', () => {
    const shuffled = worlds.chain((world) =>
      fc.record({
        world: fc.constant(world),
        more: fc.subarray(world.events),
        events: fc.shuffledSubarray(world.events, { minLength: world.events.length }),
      }),
    );
    check(shuffled, ({ world, events, more }) => {
      expect(streakAt(inputOf({ ...world, events: [...more, ...events] }))).toEqual(streakAt(inputOf(world)));
    });
  });

  it('a late event, recorded after changes of zone, has the date of a punctual one', () => {
    check(worlds, ({ history, events }) => {
      for (const event of events) {
        const punctual = history.filter(({ effectiveFrom }) => effectiveFrom <= event);
        expect(datesOf([event], history)).toEqual(datesOf([event], punctual));
      }
    });
  });

  it('a later change of zone keeps the short dates that are over in every zone', () => {
    check(fc.record({ world: worlds, changes }), ({ world: { start, history, now }, changes }) => {
      const later = historyOf(start, changes, STILL_AT).filter(({ effectiveFrom }) => effectiveFrom > now);
      const [before, after] = [shortDateTest(history), shortDateTest([...history, ...later])];
      const last = addDays(dateAt(now, 'Etc/GMT+12'), -1);
      const dates = datesFrom(addDays(last, -20), last);
      expect(dates.filter(after)).toEqual(dates.filter(before));
    });
  });

  it('daily, the current streak is at most the longest one, which is at most the number of dates', () => {
    check(daily, (world) => {
      const { current, longest, totalDays } = streakAt(inputOf(world));
      expect(current).toBeLessThanOrEqual(longest);
      expect(longest).toBeLessThanOrEqual(totalDays);
    });
  });

  it('the status moves from active to at-risk to broken, and is broken exactly after the expiry', () => {
    check(worlds, (world) => {
      const { history, now } = world;
      const input = inputOf(world);
      const value = streakAt(input);
      if (value.expiresOn === null) return;
      const zone = zoneAt(history, now);
      const expiry = endOfDate(value.expiresOn, zone);
      const statusAt = (time: number) =>
        streakAt({ ...input, today: dateAt(new Date(time).toISOString(), zone) }).status;
      expect(statusAt(Date.parse(expiry) - 1)).not.toBe('broken');
      expect(statusAt(Date.parse(expiry))).toBe('broken');
      const later = datesFrom(input.today, addDays(value.expiresOn, 8));
      const phases = later.map((today) => ORDER.indexOf(streakAt({ ...input, today }).status));
      expect(phases).toEqual(phases.toSorted());
    });
  });

  it('the first dates of a run are known for each length that a run has reached', () => {
    check(fc.record({ world: daily, length: fc.integer({ min: 1, max: 20 }) }), ({ world, length }) => {
      const input = inputOf(world);
      const windows = [...windowsReaching(input, length)];
      expect(windows.length > 0).toBe(streakAt(input).longest >= length);
      for (const dates of windows) {
        const until = { ...input, dates: input.dates.filter((date) => date <= String(dates.at(-1))) };
        const { current, startedOn } = streakAt({ ...until, today: String(dates.at(-1)) });
        expect([current, startedOn, dates.length]).toEqual([length, dates[0], length]);
      }
    });
  });
});

describe('an added activity', { timeout: 60_000 }, () => {
  const anyTime = fc.integer({ min: 35 * 48, max: STILL_AT });

  it('never lowers the current or the longest daily streak', () => {
    check(fc.record({ world: daily, at: anyTime }), ({ world, at }) => {
      const before = streakAt(inputOf(world));
      const event = instantOf(world.start, at);
      if (event > world.now) return;
      const after = streakAt(inputOf({ ...world, events: [...world.events, event] }));
      expect(after.current).toBeGreaterThanOrEqual(before.current);
      expect(after.longest).toBeGreaterThanOrEqual(before.longest);
    });
  });

  it('on a date that is not neutral never lowers the current or the longest weekly streak', () => {
    check(fc.record({ world: worlds, at: anyTime }), ({ world, at }) => {
      const event = instantOf(world.start, at);
      const input = inputOf(world);
      const [date] = datesOf([event], world.history);
      if (event > world.now || date === undefined || input.isNeutral(date)) return;
      const [before, after] = [streakAt(input), streakAt(inputOf({ ...world, events: [...world.events, event] }))];
      expect(after.current).toBeGreaterThanOrEqual(before.current);
      expect(after.longest).toBeGreaterThanOrEqual(before.longest);
    });
  });
});

describe('in each zone', { timeout: 60_000 }, () => {
  const year = fc.integer({ min: 0, max: 365 * 16 }).map((days) => addDays('2011-06-01', days));

  it('an activity on each date that the clock shows is an unbroken streak', () => {
    const values = fc.record({
      timeZone: fc.constantFrom(...ZONES),
      first: year,
      part: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    check(values, ({ timeZone, first, part }) => {
      const dates = datesFrom(first, addDays(first, 20)).filter((date) => {
        const [from, until] = [startOfDate(date, timeZone), endOfDate(date, timeZone)].map((at) => Date.parse(at));
        if (from === undefined || until === undefined || from === until) return false;
        const event = new Date(from + Math.floor((until - from) * part)).toISOString();
        expect(dateAt(event, timeZone)).toBe(date);
        return true;
      });
      const history = [{ effectiveFrom: '1970-01-01T00:00:00Z', timeZone }];
      const input = inputOf({
        start: first,
        history,
        events: [],
        excused: [],
        timesPerWeek: null,
        now: `${first}T00:00:00Z`,
      });
      const { current, brokenOn } = streakAt({ ...input, dates, today: addDays(first, 20) });
      expect([current, brokenOn]).toEqual([dates.length, null]);
    });
  });
});
