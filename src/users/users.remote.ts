import {
  BrokenCircuitError,
  bulkhead,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
  SamplingBreaker,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { FetchFailure } from '../lib/fetch-json.ts';
import { type Lookup, lookupByGraphql, lookupByRest } from './lookups.remote.ts';
import { type AuthUser, MAX_IDS_PER_CALL, type OwnAuthUser, type UserDirectory } from './user.ts';

export interface AuthServiceOptions {
  url: string;
  lookup: 'graphql' | 'rest';
  token: string | undefined;
  userFields: string;
}

const BUDGET_MS = 1000;
const TRY_MS = 450;
const LONGEST_WAIT_SECONDS = 0.5;
const BREAK_MS = 5000;
const FOUND_TTL_MS = 60_000;
const ABSENT_TTL_MS = 10_000;
const CACHED_PEOPLE = 10_000;

/**
 * The auth-service over HTTP: each look-up has a second in all and two tries, behind a circuit breaker; what it says is
 * remembered for a minute, that nobody has an id for ten seconds.
 */
export function createUserDirectory(options: AuthServiceOptions): UserDirectory {
  const guard = createGuard(options.lookup === 'rest' ? 8 : 32);
  const lookup: Lookup =
    options.lookup === 'rest' ? lookupByRest(options, guard.call) : lookupByGraphql(options, guard.call);
  const cache = new LRUCache<string, { user: AuthUser | null }>({ max: CACHED_PEOPLE });

  const remember = (id: string, user: AuthUser | null) =>
    cache.set(id, { user }, { ttl: user === null ? ABSENT_TTL_MS : FOUND_TTL_MS });
  const ask = async (ids: readonly string[]): Promise<[string, AuthUser | null][]> => {
    const answer = await guard.lookup((signal) => lookup({ ids, signal, token: options.token }));
    for (const [id, user] of answer) remember(id, user);
    return [...answer];
  };

  return {
    async usersByIds(ids) {
      const wanted = [...new Set(ids)];
      const cached = new Map(wanted.map((id) => [id, cache.get(id)]));
      const missing = wanted.filter((id) => cached.get(id) === undefined);
      const answers = await Promise.all(chunks(missing, MAX_IDS_PER_CALL).map(ask));
      const asked = new Map(answers.flat());
      return new Map(wanted.map((id) => [id, cached.get(id)?.user ?? asked.get(id) ?? null]));
    },

    async ownUser({ id, token }) {
      const found = await guard.lookup((signal) => lookup({ ids: [id], signal, token, withEmail: true }));
      return (found.get(id) as OwnAuthUser | null | undefined) ?? null;
    },
  };
}

/** The policies around every call, and the translation of whatever they and the call throw. */
function createGuard(concurrency: number) {
  const patience = timeout(BUDGET_MS, TimeoutStrategy.Aggressive);
  const again = retry(handleWhen(isWorthRepeating), {
    maxAttempts: 1,
    backoff: new DelegateBackoff(() => 20 + Math.random() * 80),
  });
  const breaker = circuitBreaker(handleWhen(isAilment), {
    halfOpenAfter: BREAK_MS,
    // NOTE: it opens above the threshold, and half of the calls are enough
    breaker: new SamplingBreaker({ threshold: 0.499, duration: 10_000, minimumRps: 2 }),
  });
  const call = wrap(again, breaker, bulkhead(concurrency, 1000), timeout(TRY_MS, TimeoutStrategy.Aggressive));

  return {
    call: <Result>(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result> =>
      call.execute((context) => work(context.signal), signal),
    lookup: async <Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
      try {
        return await patience.execute(({ signal }) => work(signal));
      } catch (cause) {
        throw unavailable(cause);
      }
    },
  };
}

/** That a caller's token is refused says nothing of the auth-service: no caller may close it to the others. */
function isAilment(error: unknown): boolean {
  return !(error instanceof FetchFailure && (error.status === 401 || error.status === 403));
}

function isWorthRepeating(error: unknown): boolean {
  if (error instanceof TaskCancelledError) return true;
  return error instanceof FetchFailure && error.retryable && (error.retryAfterSeconds ?? 0) <= LONGEST_WAIT_SECONDS;
}

function unavailable(cause: unknown): AppError {
  const asked = cause instanceof FetchFailure ? cause.retryAfterSeconds : undefined;
  const usual = cause instanceof BrokenCircuitError ? BREAK_MS / 1000 : 2;
  return new AppError('AUTH_SERVICE_UNAVAILABLE', 'The auth-service is temporarily unavailable', {
    cause,
    retryAfterSeconds: Math.min(Math.max(asked ?? usual, 1), 60),
  });
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
