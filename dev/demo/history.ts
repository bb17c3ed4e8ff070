import { addDays, datesFrom, daysBetween, type LocalDate, mondayOf } from '../../src/lib/local-date.ts';

/** An activity to record, as the platform's services send it. */
export interface DemoActivity {
  userId: string;
  eventId: string;
  verb: string;
  objectId?: string;
  goalId?: string | undefined;
  quantity?: number;
  /** Now when it is absent. */
  occurredAt?: string;
}

/** The dates of a demo user's history. It depends on the date of the first start, so that later starts repeat it. */
interface DemoHistory {
  first: LocalDate;
  /** A date that breaks a streak. */
  missed: LocalDate;
  excused: { from: LocalDate; to: LocalDate };
}

interface GoalIds {
  get(title: string): string | undefined;
}

/** Maximum dates of a history, whose activities fit into one batch of 1,000. */
const MAX_DATES = 300;
const FIRST_LESSON_ON: LocalDate = '2026-01-01';
const PRACTICE_MINUTES = 30;
const [SUNDAY, WEDNESDAY] = [0, 3];

/**
 * Returns the history of a user whose first start was on the date: about six weeks before it, and all dates after it.
 */
export function historyOf(startedOn: LocalDate): DemoHistory {
  const first = mondayOf(addDays(startedOn, -40));
  const monday = mondayOf(addDays(startedOn, -19));
  return { first, missed: addDays(first, 8), excused: { from: monday, to: addDays(monday, 6) } };
}

/** Ada learns federation every day to yesterday and has checked in today. She practises the harp twice a week. */
export function adasActivities(history: DemoHistory, today: LocalDate, goals: GoalIds): DemoActivity[] {
  const { missed, excused } = history;
  const isActive = (date: LocalDate) => date !== missed && (date < excused.from || date > excused.to);
  const dates = datesUntil(history.first, today).filter(isActive);
  const lessons = dates.map((date) => lesson('ada', date, goals.get('Learn GraphQL federation')));
  const practice = dates.filter(isPracticeDay).map((date) => ({
    userId: 'ada',
    eventId: `demo-practice-${date}`,
    verb: 'practice',
    goalId: goals.get('Practise the harp'),
    quantity: PRACTICE_MINUTES,
    occurredAt: `${date}T12:30:00Z`,
  }));
  return [...lessons, ...practice, { userId: 'ada', eventId: `demo-check-in-${today}`, verb: 'check-in' }];
}

/** Grace has learned on the twelve dates to yesterday, and not today: her streak is at risk. */
export function gracesActivities(startedOn: LocalDate, today: LocalDate, goals: GoalIds): DemoActivity[] {
  const dates = datesUntil(addDays(startedOn, -12), today);
  return dates.map((date) => lesson('grace', date, goals.get('Finish the COBOL course')));
}

/** Returns the dates to yesterday. */
function datesUntil(first: LocalDate, today: LocalDate): LocalDate[] {
  return datesFrom(first, addDays(today, -1)).slice(-MAX_DATES);
}

/** Noon in UTC has the same date in the zones of all demo users. */
function lesson(userId: string, date: LocalDate, goalId: string | undefined): DemoActivity {
  return {
    userId,
    eventId: `demo-lesson-${date}`,
    verb: 'lesson.completed',
    objectId: `lesson-${daysBetween(FIRST_LESSON_ON, date)}`,
    goalId,
    occurredAt: `${date}T12:00:00Z`,
  };
}

function isPracticeDay(date: LocalDate): boolean {
  return [SUNDAY, WEDNESDAY].includes(new Date(date).getUTCDay());
}
