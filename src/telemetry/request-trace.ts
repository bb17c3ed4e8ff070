import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type Link, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';

/** The spans of one request. */
export interface RequestTrace {
  readonly server: Span;
  /** The span of the GraphQL operation while it runs. */
  operation: Span | undefined;
}

/** The request, or the requests, on whose behalf code runs. */
interface ActiveTrace {
  trace: RequestTrace;
  /** The other requests that share a statement. */
  links: readonly Link[];
}

/** The trace of the code that runs; undefined when it serves no request that is recorded. */
export const activeTraces = new AsyncLocalStorage<ActiveTrace | undefined>();

/** Returns the span under which the work of a request happens. */
export function currentSpan({ operation, server }: RequestTrace): Span {
  return operation ?? server;
}

/** Returns the context whose parent is the current span of the request. */
export function contextOf(request: RequestTrace): Context {
  return trace.setSpan(ROOT_CONTEXT, currentSpan(request));
}

/** Returns the trace of work that several requests share: it belongs to the first one, and links to the others. */
export function sharedTrace(requests: readonly RequestTrace[]): ActiveTrace | undefined {
  const [first, ...others] = requests;
  if (first === undefined) return undefined;
  return { trace: first, links: others.map((other) => ({ context: currentSpan(other).spanContext() })) };
}
