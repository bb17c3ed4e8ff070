import { lockAuthUser } from '../../db/auth-users.ts';
import type { Db } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError, tooManyWaiting } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { FIRST_DATE, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import { hasRule, type RuledDefinition } from '../badge-definitions/active-definitions.ts';
import { periodOf } from '../badge-definitions/award-key.ts';
import type { BadgeDefinition } from '../badge-definitions/definition.ts';
import { badgeKeysOf, conditionsOf, kindOf, verbsOf } from '../badge-definitions/rule.ts';
import { cacheStreaks } from '../streaks/view-streak.ts';
import { awardEarnedBadges } from './award-earned-badges.ts';
import { saveChange } from './change.store.ts';
import { countChange } from './count-change.ts';
import { loadRules } from './load-rules.ts';
import type { RuleIndex } from './rule-index.ts';
import type { TrackingRequest } from './state.ts';
import { findTrackedUser } from './tracking.store.ts';
import { TrackingDraft } from './tracking-draft.ts';

/** A change of a user's tracked data. */
export interface TrackingOperation<Result> {
  request: TrackingRequest;
  /** Verbs of the activities that it records; empty when it records none. */
  verbs?: readonly string[];
  /** Whether it completes a goal. */
  completesGoal?: boolean;
  /**
   * Whether it is saved although the draft is unchanged, because the caller's transaction changes a goal: another change
   * that has read the goal before then fails, and is computed again.
   */
  isSavedAlways?: boolean;
  /** A definition whose rule is evaluated for all activities so far, those of past periods included. */
  evaluates?: string;
  /**
   * Makes the change in the draft; may run more than once. Errors that it throws change nothing.
   * @param definitions the active definitions, by key
   */
  apply: (draft: TrackingDraft, definitions: ReadonlyMap<string, BadgeDefinition>) => Result;
}

/** The parts of a request that a change in a transaction needs. */
type ChangeContext = Pick<RequestContext, 'db' | 'now' | 'countWrites'>;

export interface TrackingResult<Result> {
  result: Result;
  /** The draft after the change was saved. */
  draft: TrackingDraft;
}

/** Attempts without a lock. Each fails only because another change of the same user, or of a definition, was saved. */
const MAX_ATTEMPTS = 2;
/** Attempts with the user's row locked. Each fails only because a definition was changed. */
const MAX_LOCKED_ATTEMPTS = 5;

/** Maximum waiting changes of a user, over which further ones of that user get RATE_LIMITED. Changes by services are not limited. */
const MAX_WAITING = 100;

/** Changes of one user run one after another in this process, instead of failing against one another. */
const userMutex = new KeyedMutex();

/**
 * Changes a user's tracked data: reads them, computes the change with the badges that it earns, and saves it in one
 * statement if nothing has changed meanwhile: 2 round trips, and 3 when a rule may be completed. After two attempts that
 * lost against other changes, the user's row is locked.
 * @throws the errors of `apply`, RATE_LIMITED when 100 changes of the viewer wait, and SERVICE_UNAVAILABLE
 */
export async function changeTracking<Result>(
  context: RequestContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  const { userId } = operation.request;
  const changed = await inUserQueue(context, userId, () => changeUnlocked(context, operation));
  cacheStreaks(context, userId, changed.draft.user.streaks);
  return changed;
}

/**
 * Runs a change of a user's data after those before it, so that they do not wait for the user's row with a connection each.
 * The changes that services make for a user have no limit and come first: a user could otherwise keep them out, or delay a
 * batch past its time limit.
 * @throws RATE_LIMITED when 100 changes of the viewer wait
 */
export async function inUserQueue<Result>(
  context: RequestContext,
  userId: string,
  change: () => Promise<Result>,
): Promise<Result> {
  const isOwn = context.viewer?.id === userId;
  if (isOwn && userMutex.callsOf(userId) > MAX_WAITING) throw tooManyWaiting();
  const release = await context.excludeWait(() => userMutex.acquire(userId, isOwn ? 0 : 1));
  try {
    if (context.isClosed()) throw new AppError('BAD_REQUEST', 'The request is already complete');
    return await change();
  } finally {
    release();
  }
}

async function changeUnlocked<Result>(
  context: RequestContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  const { db } = context;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const saved = await attemptChange(db, context, operation);
    if (saved !== undefined) return saved;
  }
  return inTransaction(db, async (tx) => {
    await lockAuthUser(tx, operation.request.userId);
    return changeTrackingLocked(tx, context, operation);
  });
}

/** Changes a user's tracked data in a transaction that has locked the user's row. */
export async function changeTrackingLocked<Result>(
  tx: Db,
  context: ChangeContext,
  operation: TrackingOperation<Result>,
): Promise<TrackingResult<Result>> {
  for (let attempt = 1; attempt <= MAX_LOCKED_ATTEMPTS; attempt++) {
    const saved = await attemptChange(tx, context, operation);
    if (saved !== undefined) return saved;
  }
  throw new AppError('SERVICE_UNAVAILABLE', 'Too many changes of badge definitions at the same time');
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
  const { rules, user } = await findState(db, pool, operation);
  const draft = new TrackingDraft(user, instantText(now()));
  const result = operation.apply(draft, rules.byKey);
  draft.finish();
  const triggered = rules.triggeredBy({
    verbs: draft.recorded.map(({ verb }) => verb),
    streak: canLengthenRun(draft),
    goals: operation.completesGoal === true,
    badgeKeys: draft.awardedKeys,
  });
  await awardEarnedBadges(db, draft, { triggered, evaluated: evaluatedBy(operation, rules), rules });
  return { result, draft };
}

/** A void and a cancellation only shorten runs: they complete no rule. The facts of the database still have the void activity. */
function canLengthenRun({ streakChangedFrom, change: { voided, cancelled } }: TrackingDraft): boolean {
  return streakChangedFrom !== undefined && voided.length === 0 && cancelled.length === 0;
}

function evaluatedBy({ evaluates }: TrackingOperation<unknown>, rules: RuleIndex): RuledDefinition[] {
  const definition = evaluates === undefined ? undefined : rules.byKey.get(evaluates);
  return definition !== undefined && hasRule(definition) ? [definition] : [];
}

/** Reads the user with the rules of the same revision. Those in memory are of the newest one, except after a change. */
async function findState(tx: Db, pool: Db, operation: TrackingOperation<unknown>) {
  const { request, verbs = [], completesGoal = false, evaluates } = operation;
  const badgeKeys = [...(request.definitionKeys ?? []), ...(evaluates === undefined ? [] : [evaluates])];
  let rules = await loadRules(pool, { tx });
  for (;;) {
    const evaluated = evaluatedBy(operation, rules);
    const related = rules.relatedTo({ verbs, streak: evaluates === undefined, goals: completesGoal, badgeKeys });
    const since = evaluated.some(({ repeat }) => repeat !== 'once') ? FIRST_DATE : (request.since ?? null);
    const user = await findTrackedUser(tx, withDefinitions({ ...request, since }, [...evaluated, ...related], verbs));
    if (user.revision === rules.revision) return { rules, user };
    rules = await loadRules(pool, { tx, revision: user.revision });
  }
}

/** Returns the first date of the weeks and months of rules in which the date is. */
function firstDateOfPeriods(definitions: readonly RuledDefinition[], date: LocalDate): LocalDate {
  const repeats = new Set(definitions.map(({ repeat }) => repeat));
  const starts = Array.from(repeats, (repeat) => periodOf(repeat, date).from ?? date);
  return [date, ...starts].sort()[0] as LocalDate;
}

/** Adds to the request what the rules need. */
function withDefinitions(
  request: TrackingRequest,
  related: readonly RuledDefinition[],
  verbs: readonly string[],
): TrackingRequest {
  const rules = related.map(({ rule }) => rule);
  const keys = [...(request.definitionKeys ?? []), ...related.map(({ key }) => key)];
  const { since = null } = request;
  return {
    ...request,
    sumsSince: since === null ? null : firstDateOfPeriods(related, since),
    verbs: [...new Set([...(request.verbs ?? []), ...verbs, ...rules.flatMap((rule) => [...verbsOf(rule)])])],
    definitionKeys: [...new Set([...keys, ...rules.flatMap((rule) => [...badgeKeysOf(rule)])])],
    countsGoals: rules.flatMap(conditionsOf).some((condition) => kindOf(condition) === 'goalsCompleted'),
  };
}
