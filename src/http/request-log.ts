import type { FastifyBaseLogger, FastifyReply, FastifyRequest, RawRequestDefaultExpression } from 'fastify';
import { isProbe } from '../lib/probes.ts';
import { statusOf } from '../lib/request-outcome.ts';
import { traceContext } from '../lib/trace-context.ts';
import type { Operation } from '../request-context.ts';

/** Creates the logger of a request, whose lines have the id of its trace. */
// biome-ignore lint/complexity/useMaxParams: Fastify's signature
export function childLoggerFactory(
  logger: FastifyBaseLogger,
  bindings: Record<string, unknown>,
  options: object,
  { headers }: RawRequestDefaultExpression,
): FastifyBaseLogger {
  const trace = traceContext(headers);
  if (trace !== undefined) bindings.trace_id = trace.traceId;
  return logger.child(bindings, options);
}

interface RequestLine {
  method: string;
  route: string | null;
  status: number;
  ms: number;
  aborted?: true;
  operationType?: string;
  operationName?: string;
  errors?: readonly string[];
  tokenRejection?: string;
}

/** Logs one line for a request. GraphQL operations have a type, a name and the codes of their errors. */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { method, routeOptions, log, outcome, errorCode, tokenRejection, context } = request;
  const line: RequestLine = {
    method,
    route: routeOptions.url ?? null,
    status: statusOf(request, reply),
    ms: Math.round(reply.elapsedTime * 10) / 10,
  };
  if (outcome === 'aborted') line.aborted = true;
  if (errorCode !== undefined) line.errors = [errorCode];
  if (tokenRejection !== undefined) line.tokenRejection = tokenRejection;
  if (context?.operation !== undefined) describe(context.operation, line);
  if (isProbe(routeOptions.url)) log.debug(line, 'request');
  else log.info(line, 'request');
}

function describe({ type, name, errorCodes }: Operation, line: RequestLine): void {
  if (type !== undefined) line.operationType = type;
  if (name !== undefined) line.operationName = name;
  if (errorCodes.length > 0) line.errors = errorCodes;
}
