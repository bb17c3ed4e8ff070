import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { operationEnds, operationStarts } from '../lib/channels.ts';
import type { Operation } from '../request-context.ts';
import { activeTraces, contextOf, type RequestTrace } from './request-trace.ts';
import { type Subscription, subscribe } from './subscribe.ts';

/** Codes of bugs and failed dependencies; the other errors are those of clients. */
const FAILURES: ReadonlySet<string | undefined> = new Set([
  'INTERNAL',
  'SERVICE_UNAVAILABLE',
  'AUTH_SERVICE_UNAVAILABLE',
]);

/**
 * Records a span for each GraphQL operation, under which its statements and calls are. The semantic conventions of
 * GraphQL are in development.
 */
export function traceOperations(tracer: Tracer): Subscription[] {
  const start = (trace: RequestTrace, operation: Operation): Span =>
    tracer.startSpan(operation.type ?? 'GraphQL operation', { startTime: operation.startedAt }, contextOf(trace));

  const onStart = (message: unknown): void => {
    const trace = activeTraces.getStore()?.trace;
    if (trace !== undefined) trace.operation = start(trace, message as Operation);
  };
  const onEnd = (message: unknown): void => {
    const operation = message as Operation;
    const trace = activeTraces.getStore()?.trace;
    if (trace === undefined) return;
    const span = trace.operation ?? start(trace, operation);
    describe(span, operation);
    span.end(performance.now());
    trace.operation = undefined;
  };
  return [subscribe(operationStarts, onStart), subscribe(operationEnds, onEnd)];
}

function describe(span: Span, { type, name, executor, errorCodes }: Operation): void {
  const [error] = errorCodes;
  span.setAttributes({
    ...(type !== undefined && { 'graphql.operation.type': type }),
    ...(name !== undefined && { 'graphql.operation.name': name }),
    ...(error !== undefined && { 'error.type': error }),
    'user_service.graphql.executor': executor,
  });
  if (errorCodes.some((code) => FAILURES.has(code))) span.setStatus({ code: SpanStatusCode.ERROR });
}
