import { addDays, dateAt, type LocalDate } from '../../lib/local-date.ts';
import { type ZoneChange, zoneAt } from '../streaks/zones.ts';
import type { TrackedGoal } from './state.ts';

/**
 * Returns the days that a client has counted before the goal's first activity on the date. The client wrote them on the
 * date before, or on the same date, which then is among them.
 */
export function streakBase(goal: TrackedGoal, date: LocalDate, zones: readonly ZoneChange[]): number {
  const writtenOn = dateAt(goal.writtenAt, zoneAt(zones, goal.writtenAt));
  const counted = writtenOn === date ? goal.streakCount - 1 : goal.streakCount;
  const isRecent = writtenOn === date || writtenOn === addDays(date, -1);
  return isRecent ? Math.max(counted, 0) : 0;
}
