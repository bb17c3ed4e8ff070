import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { errorCodes, type FastifyError, type FastifyInstance } from 'fastify';
import { onePerIteration } from '../lib/event-loop.ts';
import { readBody } from './read-body.ts';

const JSON_TYPE = 'application/json';
const OTHER_CHARSET = /charset\s*=(?!\s*"?(?:utf-?8|us-ascii)\b)/i;

declare module 'fastify' {
  interface FastifyRequest {
    /** Memory of the parsed body besides its bytes: that of its objects, lists and members. */
    valueBytes: number;
  }
}

/** Maximum separators of a long body: an upper bound of its values, because those in strings count as well. */
const MAX_SEPARATORS = 50_000;
/** Memory of a value that is parsed; in the body it has as few as two bytes. */
const VALUE_BYTES = 32;
/** A shorter body takes little memory, and less than a millisecond to parse. */
const LONG_REQUEST_BYTES = 64 * 1024;
/** The characters that separate values: `{`, `[` and `,`. */
const [BRACE, BRACKET, COMMA] = Buffer.from('{[,');

/**
 * Accepts UTF-8 JSON without content encoding. Invalid UTF-8 is an error, not replacement characters. An empty body
 * counts as none. The body of a DELETE is discarded, with any type: clients declare one, and proxies add an empty
 * chunked body. Long bodies are parsed and validated one after another.
 */
export function acceptJsonOnly(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  const nextIteration = onePerIteration();
  http.decorateRequest('valueBytes', 0);
  http.removeAllContentTypeParsers();
  http.addHttpMethod('DELETE', { hasBody: false, overrideExisting: true });
  http.addContentTypeParser(JSON_TYPE, (request, payload, done) => {
    readBody(payload, (error, body) => {
      if (error !== null || body.length === 0) return done(error, undefined);
      const parseBody = () => {
        const separators = countSeparators(body);
        const problem = problemOf(body, { headers: request.headers, separators });
        if (problem !== undefined) return done(problem);
        request.valueBytes = separators * VALUE_BYTES;
        void parse(request, body.toString(), done);
      };
      if (body.length < LONG_REQUEST_BYTES) parseBody();
      // The client may have closed the connection while the body waited.
      else void nextIteration().then(() => request.raw.socket.destroyed || parseBody());
    });
  });
}

/** The media types of JSON in another format: RFC 6839, section 3.1. */
const JSON_SUFFIX = /^application\/[\w!#$&^.+-]+\+json(?=\s*(?:;|$))/i;

/**
 * Makes a body without a type JSON, as v1 read it, and so a type with the suffix `+json`. Not for `/graphql`, where the
 * type is the protection from CSRF: pages of other origins can send a body without one.
 */
export function assumeJson(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'] || JSON_TYPE;
  headers['content-type'] = type.replace(JSON_SUFFIX, JSON_TYPE);
}

interface BodyFacts {
  headers: IncomingHttpHeaders;
  separators: number;
}

function problemOf(body: Buffer, { headers, separators }: BodyFacts): FastifyError | undefined {
  if (headers['content-encoding'] !== undefined || OTHER_CHARSET.test(headers['content-type'] ?? '')) {
    return new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
  }
  if (!isUtf8(body)) return new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY();
  const isTooLarge = body.length >= LONG_REQUEST_BYTES && separators > MAX_SEPARATORS;
  return isTooLarge ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : undefined;
}

function countSeparators(body: Buffer): number {
  let separators = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === COMMA || byte === BRACE || byte === BRACKET) separators++;
  }
  return separators;
}
