import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdvancedStreak, advance, encodeSteps, valueOn } from '../../../src/features/streaks/forecast.ts';
import { type Checkpoint, START, streakAt } from '../../../src/features/streaks/streak.ts';
import { addDays, DAY_MS, datesFrom, HOUR_MS, type LocalDate } from '../../../src/lib/local-date.ts';
import { check, inputOf, instantOf, type World, worlds } from './worlds.ts';

/** A write changes the world from a date on; the date is undefined when no past or present date is affected. */
type Write = (world: World) => { world: World; changedFrom: LocalDate | undefined };

const hours = (world: World, count: number) => new Date(Date.parse(world.now) + count * HOUR_MS).toISOString();

const record = fc.integer({ min: 0, max: 90 }).map(
  (hoursAgo): Write =>
    (world) => {
      const event = hours(world, -hoursAgo);
      const changed = { ...world, events: [...world.events, event] };
      return { world: changed, changedFrom: inputOf({ ...changed, events: [event] }).dates[0] };
    },
);

const voidOne = fc.nat().map(
  (n): Write =>
    (world) => {
      const event = world.events[n % Math.max(1, world.events.length)];
      const events = world.events.filter((other) => other !== event);
      const changedFrom = event === undefined ? undefined : inputOf({ ...world, events: [event] }).dates[0];
      return { world: { ...world, events }, changedFrom };
    },
);

const setZone = fc
  .constantFrom('Pacific/Kiritimati', 'Pacific/Honolulu', 'Europe/Bucharest', 'America/St_Johns', 'Etc/GMT+12')
  .map(
    (timeZone): Write =>
      (world) => ({
        world: { ...world, history: [...world.history, { effectiveFrom: world.now, timeZone }] },
        changedFrom: undefined,
      }),
  );

const excuse = fc.record({ start: fc.integer({ min: -20, max: 20 }), length: fc.integer({ min: 1, max: 100 }) }).map(
  ({ start, length }): Write =>
    (world) => {
      const from = addDays(inputOf(world).today, start);
      return {
        world: { ...world, excused: [...world.excused, { from, to: addDays(from, length - 1) }] },
        changedFrom: from,
      };
    },
);

const write = fc.oneof({ weight: 4, arbitrary: record }, voidOne, setZone, excuse);
const pause = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }) }, fc.integer({ min: 0, max: 500 }));
const writes = fc.array(fc.record({ pause, write }), { minLength: 1, maxLength: 8 });

/** Keeps the streak as the service does: dates up to the checkpoint are read only when one of them has changed. */
function keep(world: World, checkpoint: Checkpoint | null): AdvancedStreak {
  const through = checkpoint?.through ?? '';
  const input = inputOf(world);
  return advance({ ...input, dates: input.dates.filter((date) => date > through), checkpoint, now: world.now });
}

function expectRecomputed(kept: AdvancedStreak, world: World): void {
  const input = inputOf(world);
  const changes = kept.steps.slice(1).flatMap(({ from }) => [addDays(from, -1), from, addDays(from, 1)]);
  for (const today of new Set([...datesFrom(addDays(input.today, -1), addDays(input.today, 8)), ...changes])) {
    const recomputed = streakAt({ ...input, today });
    expect(valueOn(encodeSteps(kept.steps), today)).toEqual(recomputed);
    expect(streakAt({ ...input, today }, kept.checkpoint)).toEqual(recomputed);
  }
}

describe('the kept streak', { timeout: 60_000 }, () => {
  it('equals a plain recomputation on every later date, after any history of writes', () => {
    check(fc.record({ first: worlds, writes }), ({ first, writes }) => {
      let world: World = first;
      let kept = keep(world, null);
      expectRecomputed(kept, world);
      for (const { pause, write } of writes) {
        const { world: written, changedFrom } = write({ ...world, now: hours(world, pause) });
        const { through } = kept.checkpoint;
        const isValid = changedFrom === undefined || through === null || changedFrom > through;
        world = written;
        kept = keep(world, isValid ? kept.checkpoint : null);
      }
      expectRecomputed(kept, world);
    });
  });

  it('is not changed by later zones, and by activity of the last 72 hours in any zone', () => {
    check(
      fc.record({ world: worlds, zone: setZone, after: fc.integer({ min: 0, max: 72 }) }),
      ({ world, zone, after }) => {
        const { checkpoint } = keep(world, null);
        const flown = zone(world).world;
        const late = { ...flown, events: [...flown.events, hours(world, -after)], now: world.now };
        expect(keep(late, null).checkpoint).toEqual(checkpoint);
      },
    );
  });
});

describe('a forecast', () => {
  const daily = { timesPerWeek: null, checkpoint: null, isNeutral: () => false };

  it('of a daily streak has the steps active, at-risk and broken', () => {
    const { steps } = advance({
      ...daily,
      dates: ['2026-03-01', '2026-03-02'],
      today: '2026-03-02',
      now: '2026-03-02T12:00:00Z',
    });
    expect(steps.map(({ from, status, current }) => [from, status, current])).toEqual([
      ['2026-03-01', 'active', 2],
      ['2026-03-03', 'at-risk', 2],
      ['2026-03-04', 'broken', 0],
    ]);
  });

  it('covers adjacent excused ranges of 366 dates', () => {
    const isNeutral = (date: LocalDate) => date >= '2026-03-03' && date <= '2029-03-04';
    const write = { ...daily, isNeutral, dates: ['2026-03-02'], today: '2026-03-02', now: '2026-03-02T12:00:00Z' };
    const { steps } = advance(write);
    expect(steps.map(({ from, status }) => [from, status])).toEqual([
      ['2026-03-01', 'active'],
      ['2029-03-05', 'at-risk'],
      ['2029-03-06', 'broken'],
    ]);
    expect(valueOn(encodeSteps(steps), '2029-03-04').expiresOn).toBe('2029-03-05');
  });

  it('breaks the run at a gap before a date that a flight west left ahead of today', () => {
    const dates = ['2026-03-01', '2026-03-04'];
    const { steps } = advance({ ...daily, dates, today: '2026-03-02', now: '2026-03-02T12:00:00Z' });
    expect(steps.map(({ from, status, current, brokenOn }) => [from, status, current, brokenOn])).toEqual([
      ['2026-03-01', 'active', 2, null],
      ['2026-03-03', 'active', 1, '2026-03-02'],
      ['2026-03-05', 'at-risk', 1, '2026-03-02'],
      ['2026-03-06', 'broken', 0, '2026-03-05'],
    ]);
  });

  it('of a weekly streak changes on Mondays', () => {
    const dates = ['2026-12-28', '2026-12-31', '2027-01-03'];
    const { steps } = advance({ ...daily, timesPerWeek: 3, dates, today: '2027-01-03', now: '2027-01-03T12:00:00Z' });
    expect(steps.map(({ from, status, current, expiresOn }) => [from, status, current, expiresOn])).toEqual([
      ['2027-01-02', 'active', 1, '2027-01-10'],
      ['2027-01-04', 'at-risk', 1, '2027-01-10'],
      ['2027-01-11', 'broken', 0, null],
    ]);
  });

  it('keeps ten years of activity in one checkpoint, and reads few dates at the next write', () => {
    const now = '2026-03-02T12:00:00Z';
    const dates = datesFrom('2016-03-02', '2026-03-02');
    const { checkpoint } = advance({ ...daily, dates, today: '2026-03-02', now });
    expect(checkpoint).toMatchObject({ through: '2026-02-25', current: 3648, totalDays: 3648 });
    const next = new Date(Date.parse(now) + DAY_MS).toISOString();
    const later = { ...daily, checkpoint, dates: [...dates.slice(-5), '2026-03-03'], today: '2026-03-03', now: next };
    expect(advance(later).steps[0]).toMatchObject({ current: 3654, startedOn: '2016-03-02' });
  });

  it.for([null, 3])(
    'begins before each activity of the last 72 hours, at every hour of a week: %s times a week',
    (timesPerWeek) => {
      for (let hour = 0; hour < 7 * 24; hour++) {
        const now = instantOf('2026-03-02', hour);
        const today = now.slice(0, 10);
        const dates = datesFrom('2025-03-02', today);
        const { checkpoint } = advance({ ...daily, timesPerWeek, dates, today, now });
        const late = new Date(Date.parse(now) - 3 * DAY_MS).toISOString();
        // A recording reads the dates from the one before that in UTC.
        expect(checkpoint.through).toSatisfy((through: string) => through < addDays(late.slice(0, 10), -1));
      }
    },
  );

  it('of a user without activity is empty, and begins at the first date', () => {
    const { checkpoint, steps } = advance({
      ...daily,
      dates: [],
      today: '2026-03-02',
      now: instantOf('2026-03-02', 24),
    });
    expect([checkpoint, steps.length, steps[0]?.status]).toEqual([START, 1, 'none']);
  });
});

describe('forecasts across 4,700 excused dates', () => {
  it.for([null, 3])('of 500 streaks test each date a few times: %s times a week', (timesPerWeek) => {
    const today = '2026-03-02';
    const end = addDays(today, 4700);
    let tests = 0;
    const isNeutral = (date: LocalDate) => {
      tests++;
      return date >= today && date < end;
    };
    for (let streak = 0; streak < 500; streak++) {
      const dates = datesFrom(addDays(today, -14 - streak), addDays(today, streak % 2));
      const { steps } = advance({ checkpoint: null, now: instantOf(today, 12), today, timesPerWeek, dates, isNeutral });
      const lastStep = steps.at(-1);
      expect(lastStep).toMatchObject({ current: 0, status: 'broken' });
      expect(lastStep?.from).toSatisfy((from: LocalDate) => from >= end && from <= addDays(end, 14));
    }
    expect(tests).toBeLessThan(20 * 4700);
  });
});
