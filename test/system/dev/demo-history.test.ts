import { describe, expect, it } from 'vitest';
import { adasActivities, gracesActivities, historyOf } from '../../../dev/demo/history.ts';
import { addDays, daysBetween } from '../../../src/lib/local-date.ts';

const STARTED_ON = '2026-11-28';
const GOALS = new Map([['Practise the harp', '3']]);
const activitiesOn = (today: string) => [
  ...adasActivities(historyOf(STARTED_ON), today, GOALS),
  ...gracesActivities(STARTED_ON, today, GOALS),
];

describe('the history of the demo users', () => {
  it('is repeated by a later start, which adds the days since then', () => {
    const later = new Map(
      activitiesOn('2026-12-05').map((activity) => [`${activity.userId} ${activity.eventId}`, activity]),
    );
    for (const activity of activitiesOn(STARTED_ON)) {
      if (activity.verb === 'check-in') continue;
      expect(later.get(`${activity.userId} ${activity.eventId}`)).toEqual(activity);
    }
  });

  it('has a missed date, then an excused week from Monday to Sunday without activity, and every other date', () => {
    const history = historyOf(STARTED_ON);
    const lessons = adasActivities(history, STARTED_ON, GOALS).filter(({ verb }) => verb === 'lesson.completed');
    const dates = lessons.map(({ occurredAt = '' }) => occurredAt.slice(0, 10));
    const { missed, excused } = history;
    expect(daysBetween(history.first, STARTED_ON) - dates.length).toBe(8);
    expect(dates).not.toContain(missed);
    expect([addDays(excused.from, -1), addDays(excused.to, 1)].every((date) => dates.includes(date))).toBe(true);
  });

  it('fits into one batch after years', () => {
    expect(activitiesOn('2029-11-28').length).toBeLessThanOrEqual(1000);
  });
});
