import { maySee } from '../../auth/scopes.ts';
import { instantText } from '../../lib/instant.ts';
import { dateAt } from '../../lib/local-date.ts';
import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import { type Period, periodOfKey } from '../badge-definitions/award-key.ts';
import { type Condition, holds } from '../badge-definitions/rule.ts';
import { loadDefinitionVersion } from '../badge-definitions/view-badge-definition.ts';
import type { Badge } from '../badges/badge.ts';
import { neutralDateTest, runsOf } from '../streaks/streak.ts';
import { shortDateTest, zoneAt } from '../streaks/zones.ts';
import { awardLoaders } from './awards.loaders.ts';
import type { BadgeEvidence, EvidenceReplay } from './evidence.ts';
import { factKeyOf, loadNumbers } from './fact.ts';

/**
 * Returns the evidence of a badge; null for a badge that no rule has awarded. The result is also null unless the viewer
 * is its user or has the scope `badges:manage`.
 * @throws TOO_MUCH_DATA for more than 50 badges of one request
 */
export async function viewEvidence(
  context: RequestContext,
  { userId, definitionKey, definitionVersion: version, awardKey, source }: Badge,
): Promise<BadgeEvidence | null> {
  if (source !== 'rule' || definitionKey === null || version === null || awardKey === null) return null;
  if (!maySee(context.viewer, userId, 'badges:manage')) return null;
  return awardLoaders(context).evidence.load({ userId, definitionKey, awardKey, version });
}

/**
 * Returns whether the rule that awarded the badge holds by the data of today, up to the deciding activity.
 * @throws TOO_MUCH_DATA when rules about different objects have to read too many activities
 */
export const replayEvidence = derivedPerRequest(computeReplay);

async function computeReplay(context: RequestContext, evidence: BadgeEvidence): Promise<EvidenceReplay> {
  const { userId, definitionKey, version, awardKey, decidedAt: until } = evidence;
  const content = await loadDefinitionVersion(context, definitionKey, version);
  if (content === null || content.rule === null) return 'drifted';
  const period = periodOfKey(content.repeat, awardKey);
  let longest: Promise<number> | undefined;
  const load = (condition: Condition): Promise<number> => {
    const key = factKeyOf(condition, { userId, period, until });
    if (key !== undefined) return awardLoaders(context).fact(key);
    longest ??= longestRun(context, evidence, period);
    return longest;
  };
  return holds(content.rule, await loadNumbers(content.rule, load)) ? 'reproduced' : 'drifted';
}

/** Returns the length of the longest run of the period by the activities up to the deciding one. */
async function longestRun(
  context: RequestContext,
  { userId, decidedAt: until }: BadgeEvidence,
  { from }: Period,
): Promise<number> {
  const { dates, zones, excused } = await awardLoaders(context).activeDates.load({ userId, from, until });
  const now = instantText(context.now());
  const today = dateAt(now, zoneAt(zones, now));
  const runs = runsOf({ dates, isNeutral: neutralDateTest(excused, shortDateTest(zones)), today });
  return Math.max(0, ...runs.map(({ length }) => length));
}
