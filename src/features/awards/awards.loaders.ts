import { AppError } from '../../errors.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { queryLoader, requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { type EvidenceKey, findActiveDates, findEvidence, findFacts, findHeldBadges } from './awards.store.ts';
import { type FactKey, readsActivities } from './fact.ts';

/** Badges of one operation whose evidence is loaded: each replays a rule over a history. */
const MAX_EVIDENCE = 50;
/**
 * Maximum facts of one operation. A user needs one for each active definition with a rule, and one for each of its
 * conditions: at most 10,500.
 */
const MAX_FACTS = 20_000;
/** Keys of one query, so that a query stays within its time limit. */
const MAX_KEYS_PER_QUERY = 5000;

/** The facts and the evidence that the operation has loaded. */
const spentOn = perRequest(() => ({ facts: 0, evidence: 0 }), 'budgets');

/** Keys are objects, compared as JSON. */
const OPTIONS = { maxBatchSize: MAX_KEYS_PER_QUERY, cacheKeyFn: (key: object) => JSON.stringify(key) };

/** The loaders of the facts behind progress and evidence. */
export const awardLoaders = perRequest((context) => {
  const { db } = context;
  const spent = spentOn(context);
  const budget = queryBudget(context);

  const facts = requestLoader(
    (keys: readonly FactKey[]) => budget.run(() => findFacts(db, keys), keys.some(readsActivities)),
    OPTIONS,
  );
  const evidence = requestLoader(async (keys: readonly EvidenceKey[]) => {
    spent.evidence += keys.length;
    if (spent.evidence > MAX_EVIDENCE) throw tooMuch(`the evidence of more than ${MAX_EVIDENCE} badges: ask for fewer`);
    return budget.run(() => findEvidence(db, keys));
  }, OPTIONS);
  let objectsError: AppError | undefined;
  /** Throws one error for all facts, of which an operation can need thousands. */
  const rejectObjects = (): never => {
    objectsError ??= tooMuch('the objects of too many activities: ask for fewer badges or users');
    throw objectsError;
  };
  return {
    /** @throws TOO_MUCH_DATA when the operation needs too many facts */
    reserveFacts: (count: number) => {
      spent.facts += count;
      if (spent.facts > MAX_FACTS) throw tooMuch(`more than ${MAX_FACTS} facts about badges: ask for fewer users`);
    },
    fact: async (key: FactKey): Promise<number> => (await facts.load(key)) ?? rejectObjects(),
    heldBadge: queryLoader(context, findHeldBadges, OPTIONS),
    activeDates: queryLoader(context, findActiveDates, OPTIONS),
    evidence,
  };
});

function tooMuch(reason: string): AppError {
  return new AppError('TOO_MUCH_DATA', `The operation needs ${reason}`);
}
