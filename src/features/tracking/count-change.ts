import type { CountWrites } from '../../request-context.ts';
import type { TrackingChange } from './change.ts';

/** Counts the writes of a saved change. In a transaction that fails afterwards, they are counted nevertheless. */
export function countChange(
  { activities, voided, awards, statuses, excused, cancelled, zones }: TrackingChange,
  countWrites: CountWrites,
): void {
  const earned = awards.filter(({ source }) => source === 'rule').length;
  const revoked = statuses.filter(({ status }) => status === 'revoked').length;
  const counts = {
    activity_recorded: activities.length,
    activity_voided: voided.length,
    badge_earned: earned,
    badge_awarded: awards.length - earned,
    badge_revoked: revoked,
    badge_reinstated: statuses.length - revoked,
    dates_excused: excused.length,
    excuse_cancelled: cancelled.length,
    time_zone_set: zones.filter(({ isFromToken }) => !isFromToken).length,
  };
  for (const [kind, count] of Object.entries(counts)) if (count > 0) countWrites(kind, count);
}
