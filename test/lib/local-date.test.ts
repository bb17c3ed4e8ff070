import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { dateTest } from '../../src/lib/date-ranges.ts';
import {
  addDays,
  dateAt,
  datesFrom,
  daysBetween,
  endOfDate,
  isoWeekKey,
  isTimeZone,
  mondayOf,
  parseDate,
  shownMs,
  startOfDate,
} from '../../src/lib/local-date.ts';
import { check, ZONES } from '../features/streaks/worlds.ts';

const HOUR = 3_600_000;
const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
const dates = fc.integer({ min: -719_162, max: 2_932_000 }).map((days) => addDays('1970-01-01', days));

describe('a time zone', () => {
  it.each([
    ...['UTC', 'Etc/UTC', 'Europe/Paris', 'Asia/Calcutta', 'Asia/Kolkata', 'US/Pacific', 'GB-Eire', 'EST5EDT'],
    ...['Etc/GMT+12', 'America/Argentina/ComodRivadavia', 'Antarctica/DumontDUrville', 'W-SU', 'GMT0'],
  ])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each([
    ...['', ' ', '+02:00', '-0500', 'utc+1', 'UTC+1', 'GMT+5', 'Z', 'europe/paris', 'EUROPE/PARIS', 'Europe/Paris '],
    ...['PST', 'IST', 'SystemV/PST8PDT', 'Mars/Olympus', 'Europe/Par\u0131s', 'Etc/Unknown', 'A'.repeat(65)],
  ])('is not "%s"', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it('may be every zone of the runtime', () => {
    expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
  });
});

describe('a date', () => {
  it.each(['0001-01-01', '2024-02-29', '2000-02-29', '9999-12-31'])('may be %s', (text) => {
    expect(parseDate(text)).toBe(text);
  });

  it.each([
    ...['', '2026-3-1', '2026-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-01-00', '0000-12-31', '20260301'],
    ...['2026-03-01T00:00:00Z', ' 2026-03-01', '2026-03-01\n', '+002026-03-01', '2026-W10-1', '2026-04-31'],
  ])('is not "%s"', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  it('is moved, compared and put into weeks as in Temporal', { timeout: 20_000 }, () => {
    check(fc.record({ date: dates, days: fc.integer({ min: -400, max: 400 }) }), ({ date, days }) => {
      const plain = Temporal.PlainDate.from(date);
      const moved = plain.add({ days });
      if (moved.year < 1 || moved.year > 9999) return;
      expect(addDays(date, days)).toBe(moved.toString());
      expect(daysBetween(date, moved.toString())).toBe(days);
      expect(mondayOf(date)).toBe(plain.subtract({ days: plain.dayOfWeek - 1 }).toString());
      const week = String(plain.weekOfYear).padStart(2, '0');
      expect(isoWeekKey(date)).toBe(`${String(plain.yearOfWeek).padStart(4, '0')}-W${week}`);
    });
  });

  it('is in the ISO week of its Thursday', () => {
    expect(['2026-12-27', '2026-12-28', '2026-12-31', '2027-01-03', '2027-01-04'].map(isoWeekKey)).toEqual([
      ...['2026-W52', '2026-W53', '2026-W53', '2026-W53', '2027-W01'],
    ]);
    expect(isoWeekKey('2026-03-02')).toBe('2026-W10');
  });

  it('is listed to the end of the calendar', () => {
    expect(datesFrom('9999-12-30', '9999-12-31')).toEqual(['9999-12-30', '9999-12-31']);
    expect(datesFrom('2026-03-02', '2026-03-01')).toEqual([]);
    expect(() => addDays('9999-12-31', 1)).toThrow(RangeError);
  });
});

describe('the clock of a zone', () => {
  it.each([
    { timeZone: 'America/New_York', date: '2026-03-08', start: '2026-03-08T05:00:00Z', length: 23 },
    { timeZone: 'America/New_York', date: '2026-11-01', start: '2026-11-01T04:00:00Z', length: 25 },
    { timeZone: 'America/Sao_Paulo', date: '2018-11-04', start: '2018-11-04T03:00:00Z', length: 23 },
    { timeZone: 'Africa/Cairo', date: '2023-04-28', start: '2023-04-27T22:00:00Z', length: 23 },
    { timeZone: 'Asia/Beirut', date: '2024-03-31', start: '2024-03-30T22:00:00Z', length: 23 },
    { timeZone: 'Australia/Lord_Howe', date: '2026-04-05', start: '2026-04-04T13:00:00Z', length: 24.5 },
    { timeZone: 'America/St_Johns', date: '2026-03-08', start: '2026-03-08T03:30:00Z', length: 23 },
    { timeZone: 'Pacific/Kiritimati', date: '2026-03-08', start: '2026-03-07T10:00:00Z', length: 24 },
    { timeZone: 'Pacific/Apia', date: '2011-12-29', start: '2011-12-29T10:00:00Z', length: 24 },
    { timeZone: 'Pacific/Apia', date: '2011-12-30', start: '2011-12-30T10:00:00Z', length: 0 },
    { timeZone: 'Pacific/Apia', date: '2011-12-31', start: '2011-12-30T10:00:00Z', length: 24 },
  ])('in $timeZone shows $date from $start on for $length h', ({ timeZone, date, start, length }) => {
    const [from, until] = [startOfDate(date, timeZone), endOfDate(date, timeZone)];
    expect(from).toBe(start);
    expect(Date.parse(until) - Date.parse(from)).toBe(length * HOUR);
    expect(shownMs(date, timeZone, ALWAYS)).toBe(length * HOUR);
    if (length > 0) expect(dateAt(from, timeZone)).toBe(date);
    expect(dateAt(new Date(Date.parse(from) - 1).toISOString(), timeZone)).not.toBe(date);
  });

  it('shows a date again after it steps back over midnight', () => {
    const shown = ['02:29:59', '02:30:00', '02:31:00', '03:30:00'].map((time) =>
      dateAt(`2010-11-07T${time}.999999Z`, 'America/St_Johns'),
    );
    expect(shown).toEqual(['2010-11-06', '2010-11-07', '2010-11-06', '2010-11-07']);
    expect(shownMs('2010-11-06', 'America/St_Johns', ALWAYS)).toBe(25 * HOUR - 60_000);
  });

  it('shows the dates of Temporal', { timeout: 40_000 }, () => {
    const values = fc.record({
      timeZone: fc.constantFrom(...ZONES),
      at: fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) }),
    });
    check(values, ({ timeZone, at }) => {
      const instant = new Date(at).toISOString();
      const date = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString();
      expect(dateAt(instant, timeZone)).toBe(date);
    });
  });
});

describe('a test for ranges of dates', () => {
  it('finds the dates of ranges that overlap, touch or contain each other', () => {
    const day = fc.integer({ min: 0, max: 60 }).map((days) => addDays('2026-01-15', days));
    const range = fc.tuple(day, day).map(([a, b]) => ({ from: a < b ? a : b, to: a < b ? b : a }));
    check(fc.tuple(fc.array(range), day), ([ranges, date]) => {
      expect(dateTest(ranges)(date)).toBe(ranges.some(({ from, to }) => from <= date && date <= to));
    });
  });
});
