import type { Reader } from '../../auth/scopes.ts';
import { instantText } from '../../lib/instant.ts';
import { dateAt, FIRST_DATE, type LocalDate } from '../../lib/local-date.ts';
import { ratioOf } from '../../lib/ratio.ts';
import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import { type Period, periodOf, runKey } from '../badge-definitions/award-key.ts';
import type { RuledDefinition } from '../badge-definitions/definition.ts';
import { type Condition, conditionsOf, ruleProgress } from '../badge-definitions/rule.ts';
import { loadRuledDefinitions } from '../badge-definitions/view-badge-definition.ts';
import { noStreak, type StreakValue } from '../streaks/streak.ts';
import { loadPresent } from '../streaks/view-streak.ts';
import { zoneAt } from '../streaks/zones.ts';
import { awardLoaders } from './awards.loaders.ts';
import { factKeyOf, loadNumbers } from './fact.ts';
import type { BadgeProgress } from './progress.ts';

/** The ratio until the user has the badge is less than 1. */
const MAX_RATIO_WITHOUT_BADGE = 0.99;

/** A user's present period of a definition. */
interface Present {
  userId: string;
  streak: StreakValue;
  /** Null while no run lasts, for a badge that repeats with each run. */
  period: Period | null;
}

const progressOfUser = derivedPerRequest(computeProgress);

/**
 * Returns the progress of a user towards each active definition with a rule, in the order of their keys. The result is
 * null unless the viewer is this user or has the scope `badges:manage`.
 * @throws TOO_MUCH_DATA for too many users of one request
 */
export async function viewProgress(
  context: RequestContext,
  reader: Reader<'badges:manage'> | null,
): Promise<BadgeProgress[] | null> {
  return reader && progressOfUser(context, reader.userId);
}

async function computeProgress(context: RequestContext, userId: string): Promise<BadgeProgress[]> {
  const [definitions, present] = await Promise.all([loadRuledDefinitions(context), loadPresent(context, userId)]);
  const { streak, today } = present ?? {
    streak: noStreak(null),
    today: definitions.some(hasDates) ? await loadToday(context, userId) : FIRST_DATE,
  };
  awardLoaders(context).reserveFacts(definitions.reduce((sum, { rule }) => sum + 1 + conditionsOf(rule).length, 0));
  return Promise.all(
    definitions.map((definition) => {
      const start = definition.repeat === 'per-streak' ? streak.startedOn : today;
      const period = start === null ? null : periodOf(definition.repeat, start);
      return progressTowards(context, definition, { userId, streak, period });
    }),
  );
}

/** Returns whether the present period of the badge has dates without a streak. */
function hasDates({ repeat }: RuledDefinition): boolean {
  return repeat === 'weekly' || repeat === 'monthly';
}

/** Returns the date now of a user without activities, who has no stored streak with a zone. */
async function loadToday(context: RequestContext, userId: string): Promise<LocalDate> {
  const { zones } = await awardLoaders(context).activeDates.load({ userId, from: null, until: null });
  const now = instantText(context.now());
  return dateAt(now, zoneAt(zones, now));
}

async function progressTowards(
  context: RequestContext,
  definition: RuledDefinition,
  present: Present,
): Promise<BadgeProgress> {
  const { rule, repeat } = definition;
  const [badgeId, numberOf] = await Promise.all([
    heldBadge(context, definition, present),
    loadNumbers(rule, (condition) => loadNumber(context, condition, { repeat, ...present })),
  ]);
  const progress = ruleProgress(rule, numberOf);
  const ratio = ratioOf(progress.current, progress.target);
  return {
    definition,
    ...progress,
    ratio: badgeId === null ? Math.min(ratio, MAX_RATIO_WITHOUT_BADGE) : ratio,
    badgeId,
  };
}

/**
 * Returns the id of the badge of a period. That of a run can have the key of a date within the run, since a late
 * activity can start a run earlier.
 */
async function heldBadge(
  context: RequestContext,
  { key: definitionKey, repeat }: RuledDefinition,
  { userId, streak, period }: Present,
): Promise<number | null> {
  if (period === null) return null;
  const { awardKey: firstKey } = period;
  const lastKey = repeat === 'per-streak' ? runKey(String(streak.lastActiveOn)) : firstKey;
  return awardLoaders(context).heldBadge.load({ userId, definitionKey, firstKey, lastKey });
}

async function loadNumber(
  context: RequestContext,
  condition: Condition,
  { userId, streak, period, repeat }: Present & Pick<RuledDefinition, 'repeat'>,
): Promise<number> {
  if (period === null) return 0;
  const key = factKeyOf(condition, { userId, period, until: null });
  if (key !== undefined) return awardLoaders(context).fact(key);
  return repeat === 'per-streak' ? streak.current : streak.longest;
}
