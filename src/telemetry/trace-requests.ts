import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isProbe } from '../lib/probes.ts';
import { statusOf } from '../lib/request-outcome.ts';
import { traceContext } from '../lib/trace-context.ts';
import { activeTraces, type RequestTrace } from './request-trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined for a request that is not recorded. */
    spans: RequestTrace | undefined;
  }
}

interface RequestTracingOptions {
  tracer: Tracer;
  /** Whether the sampler follows the decision of a client not to record the trace. */
  followsParent: boolean;
}

/**
 * Records one span for each request. A request whose client does not record the trace has none, and costs nothing more:
 * its headers are passed on as they are.
 */
export function traceRequests(http: FastifyInstance, options: RequestTracingOptions): void {
  http.decorateRequest('spans');
  http.addHook('onRequest', (request, reply, done) => {
    if (isProbe(request.routeOptions.url)) return done();
    if (options.followsParent && request.trace?.isSampled === false) return done();
    startSpan(request, reply, options.tracer);
    // NOTE: for a request whose client disconnects, Fastify calls no hook
    reply.raw.once('close', () => endSpan(request, reply));
    runInTrace(request, done);
  });
  // NOTE: the body arrives in the context of its socket
  http.addHook('preValidation', (request, _reply, done) => runInTrace(request, done));
}

function runInTrace({ spans }: FastifyRequest, done: () => void): void {
  if (spans === undefined) done();
  else activeTraces.run({ trace: spans, links: [] }, done);
}

function startSpan(request: FastifyRequest, reply: FastifyReply, tracer: Tracer): void {
  const { method, routeOptions } = request;
  const { url: route } = routeOptions;
  const server = tracer.startSpan(
    route === undefined ? method : `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      startTime: performance.now() - reply.elapsedTime,
      attributes: {
        'http.request.method': method,
        'url.scheme': 'http',
        ...(route !== undefined && { 'http.route': route }),
      },
    },
    parentOf(request),
  );
  request.spans = { server, operation: undefined };
  const { traceId } = server.spanContext();
  if (request.trace === undefined) {
    request.log = request.log.child({ trace_id: traceId });
    reply.log = request.log;
  }
  request.trace = { traceId, isSampled: server.isRecording() };
}

function endSpan(request: FastifyRequest, reply: FastifyReply): void {
  if (request.spans === undefined) return;
  const { server } = request.spans;
  const statusCode = statusOf(request, reply);
  server.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 500) {
    server.setAttribute('error.type', String(statusCode));
    server.setStatus({ code: SpanStatusCode.ERROR });
  }
  server.end(performance.now());
}

function parentOf({ headers }: FastifyRequest): Context {
  const parent = traceContext(headers);
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, parentId: spanId, isSampled } = parent;
  const { tracestate } = headers;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    isRemote: true,
    traceFlags: isSampled ? 1 : 0,
    ...(typeof tracestate === 'string' && { traceState: createTraceState(tracestate) }),
  });
}
