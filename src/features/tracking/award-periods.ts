import { overlapTest } from '../../lib/date-ranges.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import { isRunKey, type Period, periodOf, runKey } from '../badge-definitions/award-key.ts';
import type { RuledDefinition } from '../badge-definitions/definition.ts';
import { hasCondition, verbsOf } from '../badge-definitions/rule.ts';
import { ALL, verbSeries } from '../streaks/series.ts';
import { breakAfter, type Run, runsOf, START } from '../streaks/streak.ts';
import type { TrackingDraft } from './tracking-draft.ts';

/** The dates of one award. */
export interface AwardPeriod extends Period {
  /** The number of active dates of the run; undefined unless the badge repeats with each run. */
  runLength?: number;
  /**
   * Whether it is a past run that the change leaves as it is: only another badge of the change can complete its rule.
   */
  isUnchanged?: boolean;
}

/**
 * Returns the periods in which the change may complete an award. Periods whose badge the user already has, revoked or
 * not, are left out.
 * @param allPeriods whether to return all periods with activity, for a draft with all dates, instead of the changed
 * ones
 */
export function awardPeriods(definition: RuledDefinition, draft: TrackingDraft, allPeriods: boolean): AwardPeriod[] {
  const { key, repeat, rule } = definition;
  const held = new Set(draft.held.of(key).map(({ awardKey }) => awardKey));
  if (repeat === 'per-streak') return runPeriods(definition, draft, { held, allPeriods });
  if (repeat === 'once') return [periodOf(repeat, draft.today)].filter(({ awardKey }) => !held.has(awardKey));
  const verbs = [...verbsOf(rule)];
  const dates = allPeriods
    ? verbs.flatMap((verb) => [...(draft.user.days.get(verbSeries(verb))?.keys() ?? [])])
    : draft.recorded.filter(({ verb }) => verbs.includes(verb)).map(({ localDate }) => localDate);
  const periods = new Map(
    Array.from(new Set(dates), (date) => periodOf(repeat, date)).map((period) => [period.awardKey, period]),
  );
  return [...periods.values()].filter(({ awardKey }) => !held.has(awardKey));
}

/**
 * Returns the runs without the badge. A run has it if it contains the first date of a run that was awarded: a late
 * activity can start a run earlier. A past run ends with the date that broke it: until then, a goal or a badge can
 * complete its rule.
 */
function runPeriods(
  { rule }: RuledDefinition,
  draft: TrackingDraft,
  { held, allPeriods }: { held: ReadonlySet<string | null>; allPeriods: boolean },
): AwardPeriod[] {
  const present = draft.streak.startedOn;
  const asksForBadge = hasCondition(rule, 'badge');
  const isAwarded = awardedTest(held);
  return changedRuns(draft)
    .map((run) => ({ ...run, isUnchanged: !allPeriods && run.startedOn !== present && !run.isChanged }))
    .filter(({ isUnchanged }) => asksForBadge || !isUnchanged)
    .filter((run) => !isAwarded(run))
    .map(({ startedOn, lastActiveOn, length, isUnchanged }) => ({
      ...periodOf('per-streak', startedOn),
      to: startedOn === present ? null : breakAfter(lastActiveOn, draft.isNeutral),
      runLength: length,
      isUnchanged,
    }));
}

/** Returns a predicate that tells whether a run contains the first date of an awarded run. */
function awardedTest(held: ReadonlySet<string | null>): (run: Run) => boolean {
  const starts = Array.from(held, (key) => key ?? '').filter(isRunKey);
  const overlaps = overlapTest(starts.map((key) => ({ from: key, to: key })));
  return ({ startedOn, lastActiveOn }) => overlaps(runKey(startedOn), runKey(lastActiveOn));
}

/**
 * The runs of a draft whose change is complete, computed once for all definitions. A run has changed if the change
 * records an activity of the run, or excuses dates of it: then they may join two runs.
 */
const changedRuns = memoizeByObject((draft: TrackingDraft) => {
  const dates = draft.recorded.map(({ localDate }) => ({ from: localDate, to: localDate }));
  const overlaps = overlapTest([...dates, ...draft.change.excused]);
  return overallRuns(draft).map((run) => ({ ...run, isChanged: overlaps(run.startedOn, run.lastActiveOn) }));
});

/** Returns the runs of the overall streak: all, or only those since the checkpoint if only their dates were read. */
function overallRuns({ user, today, checkpoint, isNeutral }: TrackingDraft): Run[] {
  const dates = [...(user.days.get(ALL)?.keys() ?? [])].sort();
  const isComplete = checkpoint.through !== null && dates[0] !== undefined && dates[0] <= checkpoint.through;
  return runsOf({ dates, isNeutral, today }, isComplete ? START : checkpoint);
}
