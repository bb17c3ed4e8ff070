import type { DateRange } from '../../lib/date-ranges.ts';
import type { BadgeStatus } from '../badges/badge.ts';
import type { Series } from '../streaks/series.ts';
import type { NewActivity } from './activity.ts';
import type { ExcuserRole, HeldAward, StoredStreak, Totals, TrackedZone } from './state.ts';

/** A badge to award. */
export interface NewAward extends HeldAward {
  definitionKey: string;
  awardKey: string;
  definitionVersion: number;
  name: string;
  description: string;
  iconUrl: string;
  source: 'rule' | 'issuer';
  /** Null for a badge that is awarded by hand. */
  evidence: AwardEvidence | null;
}

/** A range of dates to excuse. */
export interface NewExcusedRange extends DateRange {
  reason: string | null;
  createdBy: ExcuserRole;
  createdAt: string;
  /** Set when the change is saved. */
  id?: number;
}

/** The activities that decided an award: those of a verb or, without verbs, all, in a range of dates. */
export interface AwardEvidence {
  decidedAt: string;
  decidedId: number;
  verbs: string[] | null;
  from: string;
  to: string;
}

/** Everything that one change saves. Sums are increments. */
export interface TrackingChange {
  activities: NewActivity[];
  voided: { id: number; voidedAt: string }[];
  days: { series: Series; localDate: string; count: number; quantity: number }[];
  totals: ({ series: Series } & Totals)[];
  streaks: ({ series: Series } & StoredStreak)[];
  goals: { id: number; firstActivityOn: string; streakBase: number }[];
  zones: TrackedZone[];
  excused: NewExcusedRange[];
  /** Ranges that end earlier or are void. */
  cancelled: { id: number; to: string; cancelledAt: string; voidedAt: string | null }[];
  awards: NewAward[];
  statuses: { id: number; status: BadgeStatus; at: string; reason: string | null }[];
}

/** Returns a change that saves nothing. */
export function emptyChange(): TrackingChange {
  return {
    activities: [],
    voided: [],
    days: [],
    totals: [],
    streaks: [],
    goals: [],
    zones: [],
    excused: [],
    cancelled: [],
    awards: [],
    statuses: [],
  };
}
