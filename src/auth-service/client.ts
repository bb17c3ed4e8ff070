import { LRUCache } from 'lru-cache';
import { type AuthServiceCall, authServiceCallJoins, authServiceCalls } from '../lib/channels.ts';
import { copyText } from '../lib/copy-text.ts';
import { forEachConcurrently } from '../lib/for-each-concurrently.ts';
import type { PropagatedHeaders } from '../lib/trace-context.ts';
import type { AuthServiceClient, AuthUser, OwnAuthUser } from './auth-service.ts';
import { type CallPolicies, type CallPolicyOptions, createCallPolicies } from './call-policies.ts';
import type { QueuedCall, TrafficClass } from './fair-slots.ts';
import { callErrorType } from './fetch-json.ts';
import { graphqlContract, type LookupContract, restContract, type Users } from './lookup-contracts.ts';

export interface AuthServiceOptions {
  url: string;
  lookup: 'graphql' | 'rest';
  /** Sent as the bearer token. */
  token: string | undefined;
  /** The GraphQL selection of `username`, `displayName` and `avatarUrl`, with aliases for other names. */
  userFields: string;
}

type UserCache = LRUCache<string, { user: AuthUser | null }>;

/**
 * Concurrent calls to the auth-service: a GraphQL call asks for up to 100 users, a REST call for one. The reserved ones
 * are for users' own data, so that these calls do not wait for lookups of public data.
 */
const SLOTS = { graphql: { shared: 32, reserved: 8 }, rest: { shared: 8, reserved: 2 } } as const;
/** Concurrent calls of one lookup. */
const MAX_CALLS_PER_LOOKUP = 8;
/** How long a found user is cached, and so how old a name or picture may be. */
const FOUND_TTL_MS = 60_000;
/** How long an unknown id is cached: shorter, because a new user expects to be found. */
const NOT_FOUND_TTL_MS = 10_000;
/** Users in the cache, which bounds its memory. */
const MAX_CACHED_USERS = 10_000;

/**
 * Creates the client of the auth-service. A lookup gets one second and two tries. Its calls wait for slots by fair
 * queueing, behind a circuit breaker. Found users are cached for a minute, missing ones for ten seconds, and identical
 * calls for public data share one request.
 */
export function createAuthServiceClient(
  options: AuthServiceOptions,
  hooks: Pick<CallPolicyOptions, 'log' | 'observer'> = {},
): AuthServiceClient {
  const policies = createCallPolicies({ slots: SLOTS[options.lookup], ...hooks });
  const contract = traced(options.lookup === 'rest' ? restContract(options) : graphqlContract(options), options.url);
  const cache: UserCache = new LRUCache({ max: MAX_CACHED_USERS });
  const fetchShared = createSharedFetch({ policies, contract, cache, token: options.token });

  return {
    async usersByIds(ids, headers) {
      const users = new Map([...new Set(ids)].map((id) => [id, cache.get(id)?.user]));
      const missing = [...users.keys()].filter((id) => users.get(id) === undefined);
      const trafficClass = missing.length > 1 ? 'bulk' : 'single';
      const fetchAll = (signal: AbortSignal) =>
        forEachConcurrently(chunk(missing, contract.maxIdsPerCall), MAX_CALLS_PER_LOOKUP, async (part) => {
          const fetched = await policies.withSecondTry(
            () => fetchShared({ ids: part, headers }, { trafficClass, flow: signal, signal }),
            signal,
          );
          for (const [id, user] of fetched) users.set(id, user);
        });
      if (missing.length > 0) await policies.lookup(fetchAll);
      return new Map([...users].map(([id, user]) => [id, user ?? null]));
    },

    async ownUser({ id, token }, headers) {
      const fetchOwn = async (queued: QueuedCall): Promise<Users> => {
        const release = await policies.acquireSlot(queued);
        const call = { ids: [id], token, headers, withEmail: true };
        const fetchUsers = (signal: AbortSignal) => contract.fetchUsers({ ...call, signal });
        return policies.send(fetchUsers, queued.trafficClass).finally(release);
      };
      const users = await policies.lookup((signal) =>
        policies.withSecondTry(() => fetchOwn({ trafficClass: 'own', flow: id, signal }), signal),
      );
      return (users.get(id) as OwnAuthUser | null | undefined) ?? null;
    },
  };
}

interface SharedFetchOptions {
  policies: CallPolicies;
  contract: LookupContract;
  cache: UserCache;
  token: string | undefined;
}

/** A call that has no response yet. */
interface SentCall {
  /** The list of its ids. */
  identity: object;
  users: Promise<Users>;
}

function join(sent: SentCall | undefined): Promise<Users> | undefined {
  if (sent !== undefined && authServiceCallJoins.hasSubscribers) authServiceCallJoins.publish(sent.identity);
  return sent?.users;
}

/** Returns the contract whose calls are published. */
function traced(contract: LookupContract, url: string): LookupContract {
  const { method, template, fetchUsers } = contract;
  return {
    ...contract,
    fetchUsers: (call) => {
      if (!authServiceCalls.hasSubscribers) return fetchUsers(call);
      const message: AuthServiceCall = { identity: call.ids, method, template, url, headers: { ...call.headers } };
      const fail = (error: unknown) => {
        message.errorType = callErrorType(error, call.signal);
        throw error;
      };
      return authServiceCalls.tracePromise(
        () => fetchUsers({ ...call, headers: message.headers }).catch(fail),
        message,
      );
    },
  };
}

interface SharedCall {
  ids: readonly string[];
  /** Those of the request that sends the call. */
  headers: PropagatedHeaders | undefined;
}

/**
 * Returns a function that fetches the public data of one call's users, into the cache. It shares the response of an
 * identical call that was sent and has no response yet. It never waits for a call that was not sent, because that may
 * have less time left.
 */
function createSharedFetch({ policies, contract, cache, token }: SharedFetchOptions) {
  const inFlight = new Map<string, SentCall>();

  const fetchUsers = async (call: SharedCall, trafficClass: TrafficClass): Promise<Users> => {
    const users = await policies.send((signal) => contract.fetchUsers({ ...call, signal, token }), trafficClass);
    for (const [id, user] of users) {
      cache.set(copyText(id), { user }, { ttl: user === null ? NOT_FOUND_TTL_MS : FOUND_TTL_MS });
    }
    return users;
  };

  return async (call: SharedCall, queued: QueuedCall): Promise<Users> => {
    const { ids } = call;
    const key = ids.join(' ');
    const sent = join(inFlight.get(key));
    if (sent !== undefined) return sent;
    const release = await policies.acquireSlot(queued);
    const known = join(inFlight.get(key)) ?? readCache(cache, ids);
    if (known !== undefined) {
      release();
      return known;
    }
    const users = fetchUsers(call, queued.trafficClass).finally(() => {
      inFlight.delete(key);
      release();
    });
    inFlight.set(key, { identity: ids, users });
    return users;
  };
}

/** Returns the cached users if all are cached. */
function readCache(cache: UserCache, ids: readonly string[]): Users | undefined {
  const users = new Map<string, AuthUser | null>();
  for (const id of ids) {
    const cached = cache.get(id);
    if (cached === undefined) return undefined;
    users.set(id, cached.user);
  }
  return users;
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
