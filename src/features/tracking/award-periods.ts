import type { RuledDefinition } from '../badge-definitions/active-definitions.ts';
import { type Period, periodOf, runKey } from '../badge-definitions/award-key.ts';
import { verbsOf } from '../badge-definitions/rule.ts';
import { ALL, verbSeries } from '../streaks/series.ts';
import { type Run, runsOf, START } from '../streaks/streak.ts';
import type { TrackingDraft } from './tracking-draft.ts';

/** The dates of one award. */
export interface AwardPeriod extends Period {
  /** The number of active dates of the run; undefined unless the badge repeats with each run. */
  runLength?: number;
}

/**
 * Returns the periods in which the change may complete an award. Periods whose badge the user already has, revoked or not,
 * are left out.
 * @param allPeriods whether to return all periods with activity, for a draft with all dates, instead of the changed ones
 */
export function awardPeriods(definition: RuledDefinition, draft: TrackingDraft, allPeriods: boolean): AwardPeriod[] {
  const { key, repeat, rule } = definition;
  const held = new Set<string | null>();
  for (const { definitionKey, awardKey } of draft.user.awards) if (definitionKey === key) held.add(awardKey);
  if (repeat === 'per-streak') return runPeriods(draft, held, allPeriods);
  if (repeat === 'once') return [periodOf(repeat, draft.today)].filter(({ awardKey }) => !held.has(awardKey));
  const verbs = [...verbsOf(rule)];
  const dates = allPeriods
    ? verbs.flatMap((verb) => [...(draft.user.days.get(verbSeries(verb))?.keys() ?? [])])
    : draft.recorded.filter(({ verb }) => verbs.includes(verb)).map(({ localDate }) => localDate);
  const periods = new Map(dates.map((date) => periodOf(repeat, date)).map((period) => [period.awardKey, period]));
  return [...periods.values()].filter(({ awardKey }) => !held.has(awardKey));
}

/** A run has the badge if it contains the first date of a run that was awarded: a late activity can start a run earlier. */
function runPeriods(draft: TrackingDraft, held: ReadonlySet<string | null>, allPeriods: boolean): AwardPeriod[] {
  const present = draft.streak.startedOn;
  const isAwarded = ({ startedOn, lastActiveOn }: Run) =>
    [...held].some((key) => key !== null && key >= runKey(startedOn) && key <= runKey(lastActiveOn));
  return overallRuns(draft)
    .filter((run) => allPeriods || run.startedOn === present || isChanged(run, draft))
    .filter((run) => !isAwarded(run))
    .map(({ startedOn, lastActiveOn, length }) => ({
      ...periodOf('per-streak', startedOn),
      to: startedOn === present ? null : lastActiveOn,
      runLength: length,
    }));
}

/** Returns the runs of the overall streak: all, or only those since the checkpoint if only their dates were read. */
function overallRuns({ user, today, checkpoint, isNeutral }: TrackingDraft): Run[] {
  const dates = [...(user.days.get(ALL)?.keys() ?? [])].sort();
  const isComplete = checkpoint.through !== null && dates[0] !== undefined && dates[0] <= checkpoint.through;
  return runsOf({ dates, isNeutral, today }, isComplete ? START : checkpoint);
}

/** A run has changed if the change records an activity of the run, or excuses dates of it: then they may join two runs. */
function isChanged({ startedOn, lastActiveOn }: Run, { recorded, change: { excused } }: TrackingDraft): boolean {
  const dates = recorded.map(({ localDate }) => ({ from: localDate, to: localDate }));
  return [...dates, ...excused].some(({ from, to }) => from <= lastActiveOn && to >= startedOn);
}
