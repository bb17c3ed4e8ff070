import { AppError } from '../../errors.ts';
import { type QueryLoaderOptions, queryLoader } from '../../loaders/row-loaders.ts';
import type { RequestContext } from '../../request-context.ts';
import { perRequest } from '../../request-context.ts';
import { type EvidenceKey, findActiveDates, findEvidence, findFacts, findHeldBadges } from './awards.store.ts';
import type { BadgeEvidence } from './evidence.ts';
import { type ActiveDates, type ActiveDatesKey, type FactKey, type HeldBadgeKey, readsActivities } from './fact.ts';

/** Badges of one operation whose evidence is loaded: each replays a rule over a history. */
const MAX_EVIDENCE = 50;
/**
 * Maximum facts of one operation. A user needs one for each active definition with a rule, and one for each of its
 * conditions: at most 10,500.
 */
const MAX_FACTS = 20_000;
/** Keys of one query, so that a query stays within its time limit. */
const MAX_KEYS_PER_QUERY = 5000;

type Find<Key, Value> = (db: RequestContext['db'], keys: readonly Key[]) => Promise<Value[]>;

/** The facts and the evidence that the operation has loaded. */
const spentOn = perRequest(() => ({ facts: 0, evidence: 0 }), 'budgets');

/** The loaders of the facts behind progress and evidence. Their keys are objects, compared as JSON. */
export const awardLoaders = perRequest((context) => {
  const spent = spentOn(context);

  const loader = <Key, Value>(find: Find<Key, Value>, options: QueryLoaderOptions<Key> = {}) => {
    const cacheKeyFn = (key: Key) => JSON.stringify(key);
    const byKey = queryLoader(context, find, { maxBatchSize: MAX_KEYS_PER_QUERY, cacheKeyFn, ...options });
    return (key: Key) => byKey.load(key);
  };
  const spendEvidence = (count: number) => {
    spent.evidence += count;
    if (spent.evidence > MAX_EVIDENCE) throw tooMuch(`the evidence of more than ${MAX_EVIDENCE} badges: ask for fewer`);
  };
  const fact = loader<FactKey, number | null>(findFacts, { isLarge: (keys) => keys.some(readsActivities) });
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
    fact: async (key: FactKey): Promise<number> => (await fact(key)) ?? rejectObjects(),
    heldBadge: loader<HeldBadgeKey, number | null>(findHeldBadges),
    activeDates: loader<ActiveDatesKey, ActiveDates>(findActiveDates),
    evidence: loader<EvidenceKey, BadgeEvidence | null>(findEvidence, { beforeQuery: spendEvidence }),
  };
});

function tooMuch(reason: string): AppError {
  return new AppError('TOO_MUCH_DATA', `The operation needs ${reason}`);
}
