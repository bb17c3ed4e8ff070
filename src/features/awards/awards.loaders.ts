import { AppError } from '../../errors.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { type EvidenceQuestion, findActiveDates, findEvidence, findFacts, findHeldBadges } from './awards.store.ts';
import type { BadgeEvidence } from './evidence.ts';
import type { ActiveDates, DatesQuestion, FactQuestion, HeldQuestion } from './fact.ts';

/** Badges of one operation whose evidence is loaded: each replays a rule over a history. */
const MAX_EVIDENCE = 50;
/** Facts of one operation: twice those of one user with the most definitions, each with the longest rule. */
const MAX_FACTS = 20_000;
/** Questions of one query, so that a query stays within its time limit. */
const MAX_QUESTIONS = 5000;

type Find<Question, Answer> = (
  db: Parameters<typeof findFacts>[0],
  questions: readonly Question[],
) => Promise<Answer[]>;

/** The loaders of the facts behind progress and evidence. Their keys are questions as JSON. */
export const awardLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  let facts = 0;
  let evidence = 0;

  const loader = <Question, Answer>(find: Find<Question, Answer>, spend?: (count: number) => void) => {
    const load = async (keys: readonly string[]): Promise<Answer[]> => {
      spend?.(keys.length);
      const questions = keys.map((key) => JSON.parse(key) as Question);
      return budget.run(() => find(context.db, questions));
    };
    const byKey = requestLoader(load, { maxBatchSize: MAX_QUESTIONS });
    return (question: Question) => byKey.load(JSON.stringify(question));
  };
  const spendEvidence = (count: number) => {
    evidence += count;
    if (evidence > MAX_EVIDENCE) throw tooMuch(`the evidence of more than ${MAX_EVIDENCE} badges: ask for fewer`);
  };
  return {
    /** @throws TOO_MUCH_DATA when the operation needs too many facts */
    reserveFacts: (count: number) => {
      facts += count;
      if (facts > MAX_FACTS) throw tooMuch(`more than ${MAX_FACTS} facts about badges: ask for fewer users`);
    },
    fact: loader<FactQuestion, number>(findFacts),
    heldBadge: loader<HeldQuestion, number | null>(findHeldBadges),
    activeDates: loader<DatesQuestion, ActiveDates>(findActiveDates),
    evidence: loader<EvidenceQuestion, BadgeEvidence | null>(findEvidence, spendEvidence),
  };
});

function tooMuch(reason: string): AppError {
  return new AppError('TOO_MUCH_DATA', `The operation needs ${reason}`);
}
