import { channel, tracingChannel } from 'node:diagnostics_channel';

/**
 * The diagnostics channels of the service, to which tracing subscribes. Without a subscriber they cost a property
 * access, so publishers check `hasSubscribers` before they create a message.
 */

/** The message is an `EndedQuery`. */
export const endedQueries = channel('user-service.ended-query');

/**
 * The message is the part of a request in a query which several requests share: its key list, or the row that it
 * creates.
 */
export const queryJoins = channel('user-service.query-join');

/** The parts of the requests that share a query. */
export interface SharedQueryMessage {
  requests: readonly object[];
}
export const sharedQueries = channel('user-service.shared-query');

/** Tells subscribers that the present request waits for a query that it may share. */
export function publishQueryJoin(part: object): void {
  if (queryJoins.hasSubscribers) queryJoins.publish(part);
}

/** Runs a query for the parts of requests that have joined it. */
export function runSharedQuery<Result>(requests: readonly object[], run: () => Promise<Result>): Promise<Result> {
  if (!sharedQueries.hasSubscribers) return run();
  return sharedQueries.runStores({ requests } satisfies SharedQueryMessage, run);
}

/** The message is the `Operation` of the context. */
export const operationStarts = channel('user-service.operation-start');
export const operationEnds = channel('user-service.operation-end');

/** A call to the auth-service. */
export interface AuthServiceCall {
  /** The same object for the requests that share the call. */
  identity: object;
  method: string;
  /** The path, with `{id}` for an id. */
  template: string;
  url: string;
  /** Headers of the call, which subscribers of its start may change. */
  headers: Record<string, string>;
  error?: unknown;
  /** The kind of a failure, as in metrics: `timeout`, `connection`, `invalid_response`, `other` or a status. */
  errorType?: string;
}
export const authServiceCalls = tracingChannel<AuthServiceCall>('user-service.auth-service-call');

/** The message is the `identity` of a call whose response another request shares. */
export const authServiceCallJoins = channel('user-service.auth-service-call-join');
