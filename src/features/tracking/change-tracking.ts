import type { Db } from '../../db/client.ts';
import { tooManyAtOnce } from '../../errors.ts';
import type { DateRange } from '../../lib/date-ranges.ts';
import { instantText } from '../../lib/instant.ts';
import { addDays, dateAt, FIRST_DATE, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { activeDefinitions, recentDefinitions } from '../badge-definitions/active-definitions.ts';
import { periodOf } from '../badge-definitions/award-key.ts';
import { type BadgeDefinition, hasRule, type RuledDefinition } from '../badge-definitions/definition.ts';
import { badgeKeysOf, goalsNeededBy, verbsOf } from '../badge-definitions/rule.ts';
import type { RuleIndex } from '../badge-definitions/rule-index.ts';
import { cacheStreaks } from '../streaks/view-streak.ts';
import { awardEarnedBadges } from './award-earned-badges.ts';
import { saveChange } from './change.store.ts';
import { changeUser } from './change-user.ts';
import { countChange } from './count-change.ts';
import type { AwardRange, CompleteRequest, TrackingRequest } from './state.ts';
import { findTrackedUser } from './tracking.store.ts';
import { TrackingDraft } from './tracking-draft.ts';

/** A change of a user's tracked data. */
export interface TrackingOperation<Result> {
  request: TrackingRequest;
  /** Verbs of the activities that it records; empty when it records none. */
  recordedVerbs?: readonly string[];
  /** Whether it completes a goal. */
  completesGoal?: boolean;
  /** The definition of which it awards or reinstates a badge. */
  changesBadgeOf?: string | null;
  /**
   * Whether it is saved although the draft is unchanged, because the caller's transaction changes a goal. Another
   * change that has read the goal before then fails, and is computed again.
   */
  isSavedAlways?: boolean;
  /** A definition whose rule is evaluated for all activities so far, those of past periods included. */
  evaluates?: string;
  /** With more new badges, the change throws TooManyAwardsError. */
  maxAwards?: number;
  /**
   * Makes the change in the draft; may run more than once. Errors that it throws change nothing.
   * @param definitions the active definitions, by key
   */
  apply: (draft: TrackingDraft, definitions: ReadonlyMap<string, BadgeDefinition>) => Result;
}

/** The error of a change that would earn more badges than its `maxAwards`. Nothing is saved. */
export class TooManyAwardsError extends Error {
  readonly count: number;

  constructor(count: number) {
    super(`The change earns ${count} badges`);
    this.count = count;
  }
}

/** The parts of a request that a change in a transaction needs. */
type ChangeContext = Pick<RequestContext, 'db' | 'now' | 'countWrites'>;

interface TrackingResult<Result> {
  result: Result;
  /** The draft after the change was saved. */
  draft: TrackingDraft;
}

/** A local date can be a day after that of UTC, and an activity minutes ahead of the clock. */
const DAYS_AHEAD = 2;
/** Attempts with the user's row locked. Each fails only because a definition was changed. */
const MAX_LOCKED_ATTEMPTS = 5;

/**
 * Changes a user's tracked data. Reads them, computes the change with the badges that it earns, and saves it in one
 * statement if nothing has changed meanwhile. This takes 2 round trips, and one or two more when a rule may be
 * completed. After two attempts that lost against other changes, the user's row is locked.
 * @throws the errors of `apply`, RATE_LIMITED when 100 changes of the viewer wait, and SERVICE_UNAVAILABLE
 */
export async function changeTracking<Result>(
  context: RequestContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  const { userId } = operation.request;
  const changed = await changeUser(context, userId, {
    attempt: () => attemptChange(context.db, context, operation),
    locked: (tx) => changeTrackingLocked(tx, context, operation),
  });
  cacheStreaks(context, userId, changed.draft.user.streaks);
  return changed;
}

/**
 * Changes a user's tracked data in a transaction that has locked the user's row.
 * @throws the errors of `apply`, and SERVICE_UNAVAILABLE after five changes of definitions
 */
export async function changeTrackingLocked<Result>(
  tx: Db,
  context: ChangeContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  for (let attempt = 1; attempt <= MAX_LOCKED_ATTEMPTS; attempt++) {
    const saved = await attemptChange(tx, context, operation);
    if (saved !== undefined) return saved;
  }
  throw tooManyAtOnce('changes of badge definitions');
}

/** Returns undefined when another change was saved after the data were read. */
async function attemptChange<Result>(
  db: Db,
  context: ChangeContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result> | undefined> {
  const changed = await computeChange(db, context, operation);
  const { draft } = changed;
  if (draft.isUnchanged && operation.isSavedAlways !== true) return changed;
  const { length: awardCount } = draft.change.awards;
  if (awardCount > (operation.maxAwards ?? Number.POSITIVE_INFINITY)) throw new TooManyAwardsError(awardCount);
  const { id: userId, version, revision } = draft.user;
  const ids = await saveChange(db, { userId, version, revision, change: draft.change });
  if (ids === undefined) return undefined;
  draft.setIds(ids);
  countChange(draft.change, context.countWrites);
  return changed;
}

/** Computes a change with the badges that it earns, and saves nothing. */
export async function computeChange<Result>(
  db: Db,
  { db: pool, now }: ChangeContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  const instant = instantText(now());
  const { rules, user, evaluated } = await findState(db, pool, {
    operation,
    lastDate: addDays(dateAt(instant, 'UTC'), DAYS_AHEAD),
  });
  const draft = new TrackingDraft(user, instant);
  const result = operation.apply(draft, rules.byKey);
  draft.finish();
  const triggered = rules.triggeredBy({
    verbs: draft.recorded.map(({ verb }) => verb),
    streak: canLengthenRun(draft),
    goals: operation.completesGoal === true,
    badgeKeys: [...draft.awardedKeys],
  });
  await awardEarnedBadges(db, draft, { triggered, evaluated, rules });
  return { result, draft };
}

/**
 * Returns whether the change can complete a rule about streaks. A void and a cancellation only shorten runs. The facts
 * of the database still have the void activity.
 */
function canLengthenRun({ streakChangedFrom, change: { voided, cancelled } }: TrackingDraft): boolean {
  return streakChangedFrom !== undefined && voided.length === 0 && cancelled.length === 0;
}

function evaluatedBy({ evaluates }: TrackingOperation<unknown>, rules: RuleIndex): RuledDefinition[] {
  const definition = evaluates === undefined ? undefined : rules.byKey.get(evaluates);
  return definition !== undefined && hasRule(definition) ? [definition] : [];
}

interface StateRequest {
  operation: TrackingOperation<unknown>;
  /** The last date on which an activity can be now. */
  lastDate: LocalDate;
}

interface RequestedDefinitions extends Pick<StateRequest, 'lastDate'> {
  definitions: readonly RuledDefinition[];
  verbs: readonly string[];
}

/**
 * Reads the user with the rules of the same revision. Both are read again if the rules in memory are not of the
 * revision that was read with the user. This happens after a change of a definition.
 */
async function findState(tx: Db, pool: Db, { operation, lastDate }: StateRequest) {
  const { request, recordedVerbs: verbs = [], completesGoal = false, changesBadgeOf, evaluates } = operation;
  const badgeKeys = [changesBadgeOf, evaluates].filter((key) => key != null);
  let rules = await recentDefinitions(pool, tx);
  for (;;) {
    const evaluated = evaluatedBy(operation, rules);
    const related = rules.relatedTo({ verbs, streak: evaluates === undefined, goals: completesGoal, badgeKeys });
    const definitions = [...evaluated, ...related];
    // A badge of the evaluated definition can be of any date, and so can those of the rules that ask for it.
    const isOfAnyDate = evaluated.length > 0 && definitions.some(({ repeat }) => repeat !== 'once');
    const since = isOfAnyDate ? FIRST_DATE : (request.since ?? null);
    const user = await findTrackedUser(tx, withDefinitions({ ...request, since }, { definitions, verbs, lastDate }));
    if (user.revision === rules.revision) return { rules, user, evaluated };
    rules = await activeDefinitions(pool, user.revision, tx);
  }
}

/** Returns the first date of the weeks and months of rules in which the date is. */
function firstDateOfPeriods(definitions: readonly RuledDefinition[], date: LocalDate): LocalDate {
  const repeats = new Set(definitions.map(({ repeat }) => repeat));
  const starts = Array.from(repeats, (repeat) => periodOf(repeat, date).from ?? date);
  return [date, ...starts].sort()[0] as LocalDate;
}

/**
 * Returns the awards of the periods with the dates. Awards by hand can have any key, and those after them do not
 * matter.
 */
function awardRange({ key: definitionKey, repeat }: RuledDefinition, { from, to }: DateRange): AwardRange {
  const first = repeat === 'per-streak' ? null : periodOf(repeat, from).awardKey;
  return { definitionKey, from: first, to: periodOf(repeat, to).awardKey };
}

/** Adds to the request what the rules need. */
function withDefinitions(
  request: TrackingRequest,
  { definitions, verbs, lastDate }: RequestedDefinitions,
): CompleteRequest {
  const rules = definitions.map(({ rule }) => rule);
  const { since = null } = request;
  const dates = { from: since ?? FIRST_DATE, to: lastDate };
  return {
    ...request,
    sumsSince: since === null ? null : firstDateOfPeriods(definitions, since),
    verbs: [...new Set([...(request.verbs ?? []), ...verbs, ...rules.flatMap((rule) => [...verbsOf(rule)])])],
    awards: [...(request.awards ?? []), ...definitions.map((definition) => awardRange(definition, dates))],
    requiredBadges: [...new Set(rules.flatMap((rule) => [...badgeKeysOf(rule)]))],
    neededGoals: Math.max(0, ...rules.map(goalsNeededBy)),
  };
}
