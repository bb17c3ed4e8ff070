import { type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { type AuthServiceCall, authServiceCallJoins, authServiceCalls } from '../lib/channels.ts';
import { activeTraces, contextOf, currentSpan } from './request-trace.ts';
import { type Subscription, subscribe } from './subscribe.ts';

function ignore(): void {}

/**
 * Records a span for each call to the auth-service, whose `traceparent` it sets. A call that several requests share
 * belongs to the trace of the one that sends it, and links to the others.
 */
export function traceCalls(tracer: Tracer): Subscription[] {
  const spans = new WeakMap<object, Span>();

  const start = (call: AuthServiceCall): void => {
    const active = activeTraces.getStore();
    if (active === undefined) return;
    const { method, template, url } = call;
    const { hostname, port, protocol } = new URL(url);
    const attributes = {
      'http.request.method': method,
      'url.template': template,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'peer.service': 'auth-service',
    };
    const span = tracer.startSpan(
      `${method} ${template}`,
      { kind: SpanKind.CLIENT, startTime: performance.now(), attributes },
      contextOf(active.trace),
    );
    spans.set(call.identity, span);
    const { traceId, spanId, traceFlags } = span.spanContext();
    call.headers.traceparent = `00-${traceId}-${spanId}-0${traceFlags & 1}`;
  };
  const asyncEnd = ({ identity, error, errorType }: AuthServiceCall): void => {
    const span = spans.get(identity);
    if (span === undefined) return;
    if (error !== undefined) {
      const { status } = error as { status?: number };
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      span.setAttribute('error.type', errorType ?? 'other');
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(performance.now());
  };
  const onJoin = (identity: unknown): void => {
    const trace = activeTraces.getStore()?.trace;
    if (trace !== undefined) spans.get(identity as object)?.addLink({ context: currentSpan(trace).spanContext() });
  };
  const listeners = { start, asyncEnd, end: ignore, asyncStart: ignore, error: ignore };
  authServiceCalls.subscribe(listeners);
  return [() => void authServiceCalls.unsubscribe(listeners), subscribe(authServiceCallJoins, onJoin)];
}
