import type { Viewer } from './auth/viewer.ts';
import type { AuthService } from './auth-service/auth-service.ts';
import type { Db } from './db/client.ts';

/** Everything that the use-cases, loaders and resolvers of one request may touch. */
export interface RequestContext {
  db: Db;
  /** Null for an anonymous request. */
  viewer: Viewer | null;
  authService: AuthService;
  limits: { badgesPerUser: number; goalsPerUser: number };
  /** The only clock. */
  now: () => Date;
  log: Log;
  requestId: string;
  /** Upper bounds of the GraphQL operation; undefined for REST. */
  demand?: Demand;
  /** UTF-16 code units of all texts in the GraphQL response; undefined unless they have been counted. */
  textLength?: number;
  /** Set when the GraphQL response exists: queries that then wait are not sent. */
  isAnswered?: boolean;
  /** Returns whether the client has closed the connection. */
  isClosed: () => boolean;
  /** The request's loaders, by the function that creates them; see `perRequest`. */
  loaders: Map<unknown, unknown>;
}

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

/** pino's methods: the fields first, then the message. */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/**
 * Returns a function that creates loaders once per request, at their first use. Clearing `context.loaders` makes the
 * request forget everything that it has read.
 */
export function perRequest<Loaders>(
  create: (context: RequestContext) => Loaders,
): (context: RequestContext) => Loaders {
  return (context) => {
    let loaders = context.loaders.get(create) as Loaders | undefined;
    if (loaders === undefined) {
      loaders = create(context);
      context.loaders.set(create, loaders);
    }
    return loaders;
  };
}
