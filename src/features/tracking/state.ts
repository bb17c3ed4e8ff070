import type { DateRange } from '../../lib/date-ranges.ts';
import type { BadgeStatus } from '../badges/badge.ts';
import type { Series } from '../streaks/series.ts';
import type { Checkpoint } from '../streaks/streak.ts';
import type { ZoneChange } from '../streaks/zones.ts';
import type { NewActivity } from './activity.ts';

/** The tracked data of one user, as far as one change needs them. */
export interface TrackedUser {
  id: string;
  /** The number of changes so far; 0 for a user without a row. */
  version: number;
  /** The revision of the badge definitions. */
  revision: number;
  /** The user's time zones, the oldest first. */
  zones: TrackedZone[];
  /** The ranges that are not void. */
  excused: ExcusedRange[];
  /**
   * The number of ranges, void ones included, that the user has created since the request's `ownRangesSince`; 0 without
   * that.
   */
  ownRanges: number;
  streaks: Map<Series, StoredStreak>;
  /** The activities that are not void, by series and date: all of them, or those after the checkpoint. */
  days: Map<Series, Map<string, number>>;
  /** The first date from which `days` has all activities of the request's verbs; null when it has none. */
  sumsSince: string | null;
  totals: Map<Series, Totals>;
  goals: Map<number, TrackedGoal>;
  /** The activities with the event ids of the request. */
  activitiesByEventId: Map<string, StoredActivity>;
  /** The number of activities, at most 2, by `objectKey`. */
  objects: Map<string, number>;
  /** The awards of the request, and the earliest active badge of each definition that it requires. */
  awards: HeldAward[];
  /** The times at which goals were completed, ascending: those of the first ones, as many as the request needs. */
  goalCompletions: string[];
  /** Ids for the activities of the request. */
  newIds: number[];
}

/** A row of a user's zones. */
export interface TrackedZone extends ZoneChange {
  /** Whether it came with the claim `zoneinfo` of a token. */
  isFromToken: boolean;
}

/** The role of the creator of a range: the user, or a token with the scope `streaks:write`. */
export type ExcuserRole = 'user' | 'service';

export interface ExcusedRange extends DateRange {
  id: number;
  createdBy: ExcuserRole;
  /** Whether it was shortened. */
  isCancelled: boolean;
}

/** A stored streak, which a write continues from its checkpoint. */
export interface StoredStreak {
  timesPerWeek: number | null;
  timeZone: string;
  checkpoint: Checkpoint | null;
  /** As `encodeSteps` returns it; empty before the first activity. */
  forecast: string;
}

export interface Totals {
  count: number;
  quantity: number;
  days: number;
  objects: number;
}

export interface TrackedGoal {
  timesPerWeek: number | null;
  streakCount: number;
  /** The last write of `streakCount`. */
  writtenAt: string;
  firstActivityOn: string | null;
}

export interface StoredActivity extends NewActivity {
  /** Whether the activity had a goal, which is deleted now. */
  isGoalDeleted: boolean;
}

/** A badge, revoked or not. */
export interface HeldAward {
  /** Set once the badge is saved. */
  id?: number;
  /** Null, as is the award key, for a badge without a definition. */
  definitionKey: string | null;
  awardKey: string | null;
  status: BadgeStatus;
  dateAchieved: string;
}

/** The parts of a user's tracked data that a request reads. */
export interface TrackingRequest {
  userId: string;
  eventIds?: readonly string[];
  /** The number of ids that it needs for new activities. */
  newIds?: number;
  /** The goals whose streaks may change; `all` for those of every goal with activities. */
  goalIds?: readonly number[] | 'all';
  /** Verbs whose totals are read besides those of the rules. */
  verbs?: readonly string[];
  objects?: readonly ActivityObject[];
  /** The first date whose activities or badges may change; null when none may. */
  since?: string | null;
  /** Whether the request adds a zone if the user has none, which changes every streak. */
  mayAddFirstZone?: boolean;
  /** The instant after which the request counts the ranges that the user has created. */
  ownRangesSince?: string | null;
  /** Awards that are read besides those of the rules. */
  awards?: readonly AwardRange[];
  /** Badges that are read besides these awards. */
  badgeIds?: readonly number[];
}

/** A request with the data that the rules need. */
export interface CompleteRequest extends TrackingRequest {
  /** The verbs whose totals, and dates from `sumsSince` on, are read. */
  verbs: readonly string[];
  /** The first date of the verbs' activities that the rules need; null when they need none. */
  sumsSince: string | null;
  /** The number of completed goals that the rules need; 0 without such a rule. */
  neededGoals: number;
  awards: readonly AwardRange[];
  /** The definitions of which the rules need to know whether, and since when, the user holds a badge. */
  requiredBadges: readonly string[];
}

/**
 * The awards of a definition from one key to another. Those of a rule that repeats are in the order of their periods.
 */
export interface AwardRange {
  definitionKey: string;
  /** Null for that of the first run whose dates the request reads. */
  from: string | null;
  to: string;
}

interface ActivityObject {
  verb: string;
  objectId: string;
}

/** Returns the key of an object in `TrackedUser.objects`. */
export function objectKey({ verb, objectId }: ActivityObject): string {
  return `${verb} ${objectId}`;
}

/** Returns whether a streak is stored as it is, so that it need not be written again. */
export function isSameStreak(stored: StoredStreak | undefined, streak: StoredStreak): boolean {
  return (
    stored?.forecast === streak.forecast &&
    stored.timeZone === streak.timeZone &&
    stored.timesPerWeek === streak.timesPerWeek &&
    JSON.stringify(stored.checkpoint) === JSON.stringify(streak.checkpoint)
  );
}
