import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { errorCodes, type FastifyError, type FastifyInstance } from 'fastify';
import { onePerIteration } from '../lib/event-loop.ts';

const OTHER_CHARSET = /charset\s*=(?!\s*"?(?:utf-?8|us-ascii)\b)/i;

/**
 * Maximum separators of a long body: an upper bound of its values, because those in strings count as well. Parsed, a value
 * takes up to 80 bytes, but two in the body.
 */
const MAX_SEPARATORS = 50_000;
/** A shorter body takes little memory, and less than a millisecond to parse. */
const LONG_REQUEST_BYTES = 64 * 1024;
/** The characters that separate values: `{`, `[` and `,`. */
const SEPARATORS = new Set(Buffer.from('{[,'));

/**
 * Accepts UTF-8 JSON without content encoding. Invalid UTF-8 is an error, not replacement characters. An empty body counts
 * as none: v1 clients declare JSON on a DELETE without a body. Long bodies are parsed and validated one after another.
 */
export function acceptJsonOnly(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  const nextIteration = onePerIteration();
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const parseBody = () => {
      const problem = problemOf(body, request.headers);
      if (problem !== undefined) return done(problem);
      void parse(request, body.toString(), done);
    };
    if (body.length < LONG_REQUEST_BYTES) parseBody();
    else void nextIteration().then(parseBody);
  });
}

function problemOf(body: Buffer, headers: IncomingHttpHeaders): FastifyError | undefined {
  if (headers['content-encoding'] !== undefined || OTHER_CHARSET.test(headers['content-type'] ?? '')) {
    return new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
  }
  if (!isUtf8(body)) return new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY();
  return hasTooManySeparators(body) ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : undefined;
}

function hasTooManySeparators(body: Buffer): boolean {
  if (body.length < LONG_REQUEST_BYTES) return false;
  let separators = 0;
  for (let i = 0; i < body.length; i++) if (SEPARATORS.has(body[i] as number)) separators++;
  return separators > MAX_SEPARATORS;
}
