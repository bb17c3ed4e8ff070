import type { Db } from '../../db/client.ts';
import { FIRST_DATE, LAST_DATE } from '../../lib/local-date.ts';
import type { RuledDefinition } from '../badge-definitions/active-definitions.ts';
import { conditionsOf, holds, kindOf, type Rule, verbsOf } from '../badge-definitions/rule.ts';
import { AwardFacts, type Decision } from './award-facts.ts';
import { type AwardPeriod, awardPeriods } from './award-periods.ts';
import type { AwardEvidence } from './change.ts';
import type { RuleIndex } from './rule-index.ts';
import type { TrackingDraft } from './tracking-draft.ts';

/** A badge that the change may earn. */
interface Candidate {
  definition: RuledDefinition;
  period: AwardPeriod;
}

interface AwardOptions {
  /** The definitions that the change itself may complete. */
  triggered: readonly RuledDefinition[];
  /** Definitions of which all periods are evaluated. The draft has all dates for them. */
  evaluated: readonly RuledDefinition[];
  rules: RuleIndex;
}

/**
 * Awards every badge that the user has earned by the change, until nothing new is earned: a badge can complete the rule of
 * another one. The facts of all of them are loaded at once.
 */
export async function awardEarnedBadges(db: Db, draft: TrackingDraft, options: AwardOptions): Promise<void> {
  const facts = new AwardFacts(db, draft);
  const open = new Set(possibleCandidates(draft, facts, options));
  await facts.load([...open].map(({ definition: { rule }, period }) => ({ rule, period })));
  let next = [...open];
  while (next.length > 0) {
    const earned = next.filter((candidate) => award(candidate, draft, facts));
    for (const candidate of earned) open.delete(candidate);
    const requiring = new Set(options.rules.requiring(keysOf(earned)));
    next = [...open].filter(({ definition }) => requiring.has(definition));
  }
}

/** Returns the candidates whose rules the upper bounds fulfil, if each candidate before them is earned. */
function possibleCandidates(
  draft: TrackingDraft,
  facts: AwardFacts,
  { triggered, evaluated, rules }: AwardOptions,
): Candidate[] {
  const possible = new Map<string, Candidate>();
  const keys = new Set<string>();
  let next = [...new Set([...triggered, ...evaluated])];
  while (next.length > 0) {
    const added = next.flatMap((definition) =>
      awardPeriods(definition, draft, evaluated.includes(definition))
        .map((period) => ({ definition, period }))
        .filter((candidate) => !possible.has(idOf(candidate)))
        .filter(({ period }) => holds(definition.rule, facts.upperBounds(period, keys))),
    );
    for (const candidate of added) possible.set(idOf(candidate), candidate);
    for (const key of keysOf(added)) keys.add(key);
    next = rules.requiring(keysOf(added));
  }
  return [...possible.values()];
}

function idOf({ definition, period }: Candidate): string {
  return `${definition.key} ${period.awardKey}`;
}

function keysOf(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ definition }) => definition.key);
}

function award({ definition, period }: Candidate, draft: TrackingDraft, facts: AwardFacts): boolean {
  const decision = facts.decide(definition.rule, period);
  if (decision === null) return false;
  const { key, version, name, description, iconUrl } = definition;
  draft.award({
    definitionKey: key,
    definitionVersion: version,
    awardKey: period.awardKey,
    status: 'active',
    name,
    description,
    iconUrl,
    dateAchieved: decision.moment.at,
    source: 'rule',
    evidence: evidenceOf(definition.rule, decision),
  });
  return true;
}

/** A streak is decided by activities of any verb. A fact that is no activity comes after the activities of its instant. */
function evidenceOf(rule: Rule, { moment: { at, id }, from, to }: Decision): AwardEvidence {
  const hasStreak = conditionsOf(rule).some((condition) => kindOf(condition) === 'streak');
  return {
    decidedAt: at,
    decidedId: id === 0 ? Number.MAX_SAFE_INTEGER : id,
    verbs: hasStreak ? null : [...verbsOf(rule)],
    from: from ?? FIRST_DATE,
    to: to ?? LAST_DATE,
  };
}
