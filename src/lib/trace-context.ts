import type { IncomingHttpHeaders } from 'node:http';

const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[\x20-\x7e]{0,200})?$/;
/** The length of a `traceparent` of version 00, which has no further fields. */
const LENGTH = 55;
/** Longer values need not be passed on (section 3.3.1.5). */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** The trace of a request (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  traceId: string;
  /** The id of the client's span. */
  parentId: string;
  /** Whether the client may have recorded its span. */
  isSampled: boolean;
}

/** Headers of calls to other services. */
export type PropagatedHeaders = Readonly<Record<string, string>>;

/** Returns the trace of a request; undefined without a valid `traceparent`. */
export function traceContext({ traceparent }: IncomingHttpHeaders): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length < LENGTH) return undefined;
  const [, version, traceId, parentId, flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || parentId === undefined) return undefined;
  if (version === '00' && traceparent.length !== LENGTH) return undefined;
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Returns the id of a trace that may be recorded. */
export function sampledTraceId(trace: Pick<TraceContext, 'traceId' | 'isSampled'> | undefined): string | undefined {
  return trace?.isSampled === true ? trace.traceId : undefined;
}

interface TracedRequest {
  id: string;
  headers: IncomingHttpHeaders;
}

/** Returns the headers of a request that its calls to other services carry: its trace, if it is valid, and its id. */
export function propagatedHeaders({ id, headers }: TracedRequest): PropagatedHeaders {
  if (traceContext(headers) === undefined) return { 'x-request-id': id };
  const { traceparent, tracestate } = headers as Record<string, string>;
  return {
    'x-request-id': id,
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && TRACESTATE.test(tracestate) && { tracestate }),
  };
}
