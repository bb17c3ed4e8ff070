import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { EndedQuery } from '../db/driver/query-timeouts.ts';
import { endedQueries, queryJoins, type SharedQueryMessage, sharedQueries } from '../lib/channels.ts';
import { sqlErrorType } from './database-metrics.ts';
import { activeTraces, contextOf, type RequestTrace, sharedTrace } from './request-trace.ts';
import { type Subscription, subscribe } from './subscribe.ts';

/** Maximum length of a statement in a span, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 4000;
const TABLE = /\b(?:from|into|update)\s+"?(\w+)/i;

/**
 * Records a span for each statement of a request. Its text has placeholders instead of values. A statement that several
 * requests share belongs to the trace of one of them, and links to the others.
 */
export function traceStatements(tracer: Tracer): Subscription[] {
  const joined = new WeakMap<object, RequestTrace>();

  const onStatement = (message: unknown): void => {
    const active = activeTraces.getStore();
    if (active === undefined) return;
    const { text, startedAt, endedAt, error } = message as EndedQuery;
    const summary = summarize(text);
    const attributes = {
      'db.system.name': 'postgresql',
      'db.query.summary': summary,
      'db.query.text': text.slice(0, MAX_TEXT_LENGTH),
    };
    const options = { kind: SpanKind.CLIENT, startTime: startedAt, links: [...active.links], attributes };
    const span = tracer.startSpan(summary, options, contextOf(active.trace));
    if (error !== undefined) {
      span.setAttribute('error.type', sqlErrorType(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(endedAt);
  };
  const onJoin = (keys: unknown): void => {
    const trace = activeTraces.getStore()?.trace;
    if (trace !== undefined) joined.set(keys as object, trace);
  };
  sharedQueries.bindStore(activeTraces, (message) => {
    const { requests } = message as SharedQueryMessage;
    return sharedTrace(requests.flatMap((keys) => joined.get(keys) ?? []));
  });
  return [
    subscribe(endedQueries, onStatement),
    subscribe(queryJoins, onJoin),
    () => void sharedQueries.unbindStore(activeTraces),
  ];
}

function summarize(text: string): string {
  const keyword = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL';
  const table = TABLE.exec(text)?.[1];
  return table === undefined ? keyword : `${keyword} ${table}`;
}
