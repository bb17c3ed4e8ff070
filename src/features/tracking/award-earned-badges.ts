import type { Db } from '../../db/client.ts';
import { FIRST_DATE, LAST_DATE } from '../../lib/local-date.ts';
import type { RuledDefinition } from '../badge-definitions/definition.ts';
import { badgeKeysOf, hasCondition, holds, verbsOf } from '../badge-definitions/rule.ts';
import type { RuleIndex } from '../badge-definitions/rule-index.ts';
import { AwardFacts, type Decision } from './award-facts.ts';
import { type AwardPeriod, awardPeriods } from './award-periods.ts';
import type { AwardEvidence } from './change.ts';
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
 * Awards every badge that the user has earned by the change. A badge can complete the rule of another one, so those
 * that rules ask for come first. The facts of all of them are loaded at once.
 */
export async function awardEarnedBadges(db: Db, draft: TrackingDraft, options: AwardOptions): Promise<void> {
  const facts = new AwardFacts(db, draft);
  const candidates = possibleCandidates(draft, facts, options);
  await facts.load(candidates.map(({ definition: { rule }, period }) => ({ rule, period })));
  for (const candidate of requiredFirst(candidates)) award(candidate, draft, facts);
}

/** Sorts candidates so that each comes after those whose badges its rule asks for. Definitions have no cycle. */
function requiredFirst(candidates: readonly Candidate[]): Candidate[] {
  const byKey = Map.groupBy(candidates, ({ definition }) => definition.key);
  const visited = new Set<Candidate>();
  const sorted: Candidate[] = [];
  const visit = (candidate: Candidate) => {
    if (visited.has(candidate)) return;
    visited.add(candidate);
    for (const key of badgeKeysOf(candidate.definition.rule)) byKey.get(key)?.forEach(visit);
    sorted.push(candidate);
  };
  candidates.forEach(visit);
  return sorted;
}

/**
 * Returns the candidates that the upper bounds do not exclude. Each counts as earned for the rules that ask for its
 * badge.
 */
function possibleCandidates(
  draft: TrackingDraft,
  facts: AwardFacts,
  { triggered, evaluated, rules }: AwardOptions,
): Candidate[] {
  const possible = new Map<string, Candidate>();
  const keys = new Set<string>();
  let next = [...new Set([...triggered, ...evaluated])];
  while (next.length > 0) {
    const newBadges = new Set([...draft.awardedKeys, ...keys]);
    const added = next.flatMap((definition) =>
      awardPeriods(definition, draft, evaluated.includes(definition))
        .map((period) => ({ definition, period }))
        .filter((candidate) => !possible.has(idOf(candidate)) && isConcerned(candidate, newBadges))
        .filter(({ period }) => holds(definition.rule, facts.upperBounds(period, keys))),
    );
    for (const candidate of added) possible.set(idOf(candidate), candidate);
    for (const key of keysOf(added)) keys.add(key);
    next = rules.requiring(keysOf(added));
  }
  return [...possible.values()];
}

/** Returns whether the change concerns the period, or awards a badge for which the rule asks. */
function isConcerned({ definition, period }: Candidate, newBadges: ReadonlySet<string>): boolean {
  return period.isUnchanged !== true || !newBadges.isDisjointFrom(badgeKeysOf(definition.rule));
}

function idOf({ definition, period }: Candidate): string {
  return `${definition.key} ${period.awardKey}`;
}

function keysOf(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ definition }) => definition.key);
}

function award(candidate: Candidate, draft: TrackingDraft, facts: AwardFacts): void {
  const { definition, period } = candidate;
  const decision = facts.decide(definition.rule, period);
  if (decision === null || !isConcerned(candidate, draft.awardedKeys)) return;
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
    evidence: evidenceOf(decision),
  });
}

/**
 * Returns the scope of the evidence. A streak is decided by activities of any verb. A fact that is no activity comes
 * after the activities of its instant.
 */
function evidenceOf({ moment: { at, id }, conditions, from, to }: Decision): AwardEvidence {
  const rule = { all: conditions };
  const hasStreak = hasCondition(rule, 'streak');
  return {
    decidedAt: at,
    decidedId: id === 0 ? Number.MAX_SAFE_INTEGER : id,
    verbs: hasStreak ? null : [...verbsOf(rule)],
    from: from ?? FIRST_DATE,
    to: to ?? LAST_DATE,
  };
}
