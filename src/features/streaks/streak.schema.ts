import { type Static, Type } from 'typebox';
import { countSchema, instantSchema, nullable } from '../../http/rest/schemas.ts';
import type { StreakValue } from './streak.ts';

function nullableDate(description: string, example: string) {
  return nullable(Type.String({ format: 'date', description, examples: [example] }));
}

export const StreakResponse = Type.Object(
  {
    unit: Type.Enum(['day', 'week'], {
      type: 'string',
      description: 'The unit of `current` and `longest`.',
      examples: ['day'],
    }),
    current: countSchema('The length of the present run; 0 when it is broken.', 5),
    longest: countSchema('The length of the longest run.', 9),
    total_days: countSchema('The number of dates with activity.', 31),
    status: Type.Enum(['none', 'active', 'at-risk', 'broken'], {
      type: 'string',
      description:
        '`none`: there was never a run. `active`: the present day counts already, or cannot break the run. `at-risk`: the run breaks unless there is more activity. `broken`: the last run is over.',
      examples: ['active'],
    }),
    started_on: nullableDate('The first date of the present run; null when `current` is 0.', '2026-02-25'),
    last_active_on: nullableDate('The last date with activity; null when there is none.', '2026-03-01'),
    broken_on: nullableDate('The last date that broke a run; null when none did.', '2026-02-24'),
  },
  { title: 'Streak', description: "A streak, in the dates of its user's time zone." },
);

/** The streak as the recorder of an activity gets it. */
export const OwnStreakResponse = Type.Object(
  {
    ...StreakResponse.properties,
    expires_at: nullable(
      instantSchema(
        'The time at which `current` becomes 0 without more activity; null when it is 0.',
        '2026-03-02T23:00:00Z',
      ),
    ),
  },
  { title: 'OwnStreak', description: 'A streak with the time at which it expires, as the recorder gets it.' },
);

export function toStreakResponse(streak: StreakValue): Static<typeof StreakResponse> {
  return {
    unit: streak.unit,
    current: streak.current,
    longest: streak.longest,
    total_days: streak.totalDays,
    status: streak.status,
    started_on: streak.startedOn,
    last_active_on: streak.lastActiveOn,
    broken_on: streak.brokenOn,
  };
}

/** A streak as the recorder of an activity gets it. */
type OwnStreak = StreakValue & { expiresAt: string | null };

export function toOwnStreakResponse(streak: OwnStreak): Static<typeof OwnStreakResponse> {
  return { ...toStreakResponse(streak), expires_at: streak.expiresAt };
}
