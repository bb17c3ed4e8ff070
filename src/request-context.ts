import type { Viewer } from './auth/viewer.ts';
import type { AuthService } from './auth-service/auth-service.ts';
import type { Db } from './db/client.ts';
import type { ExcludeWait } from './lib/exclude-wait.ts';
import type { Log } from './lib/log.ts';

/** Everything that the use-cases, loaders and resolvers of one request may touch. */
export interface RequestContext {
  db: Db;
  /** Null for an anonymous request. */
  viewer: Viewer | null;
  authService: AuthService;
  limits: { badgesPerUser: number; goalsPerUser: number; selfReportedVerbs: readonly string[] };
  /** The wall clock, by which data are dated; tests set it. */
  now: () => Date;
  log: Log;
  requestId: string;
  /** The GraphQL operation; undefined for REST. */
  operation?: Operation;
  /** Counts saved writes, one by default. */
  countWrites: CountWrites;
  /** Upper bounds of the GraphQL operation; undefined for REST. */
  demand?: Demand;
  /** UTF-16 code units of all texts in the GraphQL response; undefined unless they have been counted. */
  textLength?: number;
  /** Set when the GraphQL response exists: queries that then wait are not sent. */
  isAnswered?: boolean;
  /** Returns whether the response has been sent, which may be a 503, or the client has closed the connection. */
  isClosed: () => boolean;
  /**
   * Waits until a large response fits beside those that clients have not read. Returns the function that releases its
   * buffer space; undefined after two seconds, or at once when too many wait. `list`, the next part of a list, waits
   * until its connection is closed.
   */
  reserveBuffer: (bytes: number, part?: 'response' | 'list') => Promise<(() => void) | undefined>;
  /** See `ExcludeWait`. */
  excludeWait: ExcludeWait;
  /** The request's loaders, by the function that creates them; see `perRequest`. */
  loaders: Map<unknown, unknown>;
  /** The request's budgets, which unlike the loaders count all fields of a mutation; see `perRequest`. */
  budgets: Map<unknown, unknown>;
}

/** A GraphQL operation, for metrics, logs and traces. */
export interface Operation {
  /** `performance.now()` of its start; 0 before that. */
  startedAt: number;
  /** The id of the request's trace; undefined unless the trace is recorded. */
  traceId: string | undefined;
  /** Whether the request has a verified token or the secret of the gateway. */
  isTrusted: boolean;
  /** Undefined for a document that was rejected. */
  type: 'query' | 'mutation' | 'subscription' | undefined;
  /** At most 100 characters; undefined for an anonymous operation. */
  name: string | undefined;
  /** `none` for an operation that was rejected before its execution. */
  executor: 'compiled' | 'graphql-js' | 'none';
  /** The codes of the errors in the response, each once. */
  errorCodes: readonly string[];
}

/** Returns the operation of a request to `/graphql` that has not started. */
export function newOperation(request: Pick<Operation, 'traceId' | 'isTrusted'>): Operation {
  return { ...request, startedAt: 0, type: undefined, name: undefined, executor: 'none', errorCodes: [] };
}

/** @param kind what was written, such as `goal_created`: a value of the metric's label */
export type CountWrites = (kind: string, count?: number) => void;

/** Upper bounds of an operation, from its document and variables. */
export interface Demand {
  /** Fields of the response, aliases and list items included. */
  fields: number;
  /** Fields whose values are loaded, such as lists and counts. */
  loaded: number;
  /** Rows that its pages, entities and lookups by id load. */
  rows: number;
  /** Representations of its `_entities` fields. */
  entities: number;
  /** Bytes of the names in the response. */
  nameBytes: number;
  /** Texts in the response, such as descriptions. */
  texts: number;
  /** Bytes of the response without its texts. */
  bytes: number;
}

/**
 * Returns a function that creates loaders, or a budget, once per request, at their first use. Clearing
 * `context.loaders` makes the request forget everything that it has read.
 */
export function perRequest<Value>(
  create: (context: RequestContext) => Value,
  kind: 'loaders' | 'budgets' = 'loaders',
): (context: RequestContext) => Value {
  return (context) => {
    const values = context[kind];
    let value = values.get(create) as Value | undefined;
    if (value === undefined) {
      value = create(context);
      values.set(create, value);
    }
    return value;
  };
}

/**
 * Returns a function that derives a value from an object or an id once in each request. Loaders return the same object
 * to all aliases and representations that ask for the same. So the work does not depend on how many do.
 */
export function derivedPerRequest<Source, Value>(
  derive: (context: RequestContext, source: Source) => Value,
): (context: RequestContext, source: Source) => Value {
  const derived = perRequest(() => new Map<Source, Value>());
  return (context, source) => {
    const values = derived(context);
    const known = values.get(source);
    if (known !== undefined) return known;
    const value = derive(context, source);
    values.set(source, value);
    return value;
  };
}
