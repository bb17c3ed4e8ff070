import { addDays, DAY_MS, dateAt, type LocalDate, mondayOf } from '../../lib/local-date.ts';
import {
  type Checkpoint,
  type ForecastStep,
  periodsOf,
  START,
  type StreakInput,
  type StreakValue,
  streakAt,
  walkDates,
} from './streak.ts';

/** The state of a streak after a write, which is stored, so that a read costs one row however long the history is. */
export interface AdvancedStreak {
  checkpoint: Checkpoint;
  steps: ForecastStep[];
}

interface StreakWrite extends StreakInput {
  /** The checkpoint to continue from; null computes all dates. The write must change only dates after its `through`. */
  checkpoint: Checkpoint | null;
  /** The instant of the write: RFC 3339, UTC. */
  now: string;
}

const DATE_LENGTH = 'YYYY-MM-DD'.length;
/** The zone in which each date ends last. */
const LAST_ZONE = 'Etc/GMT+12';
/** A checkpoint is older than any activity that may be recorded without an import: 72 hours. */
const LATE_ACTIVITY_MS = 3 * DAY_MS;

/** Returns the state to store after a write. With a checkpoint, `dates` may begin after its `through`. */
export function advance({ checkpoint, now, ...input }: StreakWrite): AdvancedStreak {
  const moved = moveCheckpoint(input, { from: checkpoint ?? START, to: checkpointDate(now, input.timesPerWeek) });
  const { through } = moved;
  const dates = through === null ? input.dates : input.dates.filter((date) => date > through);
  return { checkpoint: moved, steps: forecast({ ...input, dates }, moved) };
}

/**
 * Returns the newest date that a checkpoint may include. 72 hours before `now`, this date and the next were over in
 * every zone. So no change without an import, a repair, a void or another `timesPerWeek` reaches it. The next date is a
 * margin: `since` may be one date early.
 */
function checkpointDate(now: string, timesPerWeek: number | null): LocalDate {
  const late = new Date(Date.parse(now) - LATE_ACTIVITY_MS).toISOString();
  const open = dateAt(late, LAST_ZONE);
  return addDays(timesPerWeek === null ? addDays(open, -1) : mondayOf(addDays(open, -1)), -1);
}

function moveCheckpoint(input: StreakInput, { from, to }: { from: Checkpoint; to: LocalDate }): Checkpoint {
  if (from.through !== null && from.through >= to) return from;
  const dates = input.dates.filter((date) => date <= to);
  const walk = walkDates({ ...input, dates, today: addDays(to, 1) }, from);
  return walk.totalDays === 0 ? START : { ...walk, through: to };
}

/**
 * Returns the values of the streak on the date before `today`, on `today` and on every later date, as steps. They hold
 * while the data and the zone do not change. The date before is there because a clock can step back over midnight.
 */
function forecast(input: StreakInput, from: Checkpoint): ForecastStep[] {
  const steps: ForecastStep[] = [];
  for (const date of datesOfChange(input, from)) {
    const value = streakAt({ ...input, today: date }, from);
    const previous = steps.at(-1);
    if (previous === undefined || !isSame(previous, value)) steps.push({ from: date, ...value });
  }
  return steps;
}

/**
 * Returns the stored form of steps: a line for each, with its date, a space, and its value as a JSON array. An object
 * with names takes more space, and longer to parse.
 */
export function encodeSteps(steps: readonly ForecastStep[]): string {
  return steps.map((step) => `${step.from} ${encodeValue(step)}`).join('\n');
}

/**
 * Returns the value on the date; before the first step, that of the first step. It parses the value of one step only.
 */
export function valueOn(steps: string, today: LocalDate): StreakValue {
  let end = steps.length;
  let start = steps.lastIndexOf('\n') + 1;
  while (start > 0 && steps.slice(start, start + DATE_LENGTH) > today) {
    end = start - 1;
    start = steps.lastIndexOf('\n', end - 1) + 1;
  }
  return decodeValue(steps.slice(start + DATE_LENGTH, end));
}

/** Returns the first date of each step. */
export function stepDates(steps: string): LocalDate[] {
  return steps.split('\n').map((line) => line.slice(0, DATE_LENGTH));
}

function encodeValue(value: StreakValue): string {
  const { unit, current, longest, totalDays, startedOn, lastActiveOn, brokenOn, status, expiresOn } = value;
  return JSON.stringify([unit, current, longest, totalDays, startedOn, lastActiveOn, brokenOn, status, expiresOn]);
}

function decodeValue(text: string): StreakValue {
  const [unit, current, longest, totalDays, startedOn, lastActiveOn, brokenOn, status, expiresOn] = JSON.parse(text);
  return { unit, current, longest, totalDays, startedOn, lastActiveOn, brokenOn, status, expiresOn };
}

/** Yields in order the dates on which the value may change. It assumes no activity after the last one. */
function* datesOfChange(input: StreakInput, from: Checkpoint): Generator<LocalDate> {
  const periods = periodsOf(input);
  let date = addDays(input.today, -1);
  yield date;
  const lastActive = input.dates.at(-1) ?? date;
  while (periods.after(periods.of(date)) <= lastActive) {
    date = periods.after(periods.of(date));
    yield date;
  }
  const { expiresOn } = streakAt({ ...input, today: date }, from);
  if (expiresOn === null) return;
  if (periods.of(expiresOn) > date) yield periods.of(expiresOn);
  yield addDays(expiresOn, 1);
}

function isSame(step: ForecastStep, value: StreakValue): boolean {
  return (Object.keys(value) as (keyof StreakValue)[]).every((key) => step[key] === value[key]);
}
