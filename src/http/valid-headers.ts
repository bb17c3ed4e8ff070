import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
/** A path that is not a URL without its scheme, `//host`: with a valid host, it always gives a URL. */
const PATH = /^\/(?![/\\])/;
/** The latest valid host: most requests have one and the same. */
let knownHost: string | undefined;

/**
 * Rejects headers that node:http accepts and that two servers in a chain could interpret differently. Also rejects
 * hosts with which there is no URL, such as `1.2.3.4.5`.
 */
export function requireValidHeaders({ raw, headers, url }: FastifyRequest, reply: FastifyReply): void {
  if (raw.httpVersion === '1.0' && headers.host === undefined && url.startsWith('/health/')) return;
  const count = (name: string) => raw.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length;
  if (count('authorization') > 1) throw new AppError('BAD_REQUEST', 'More than one Authorization header');
  const { host = '' } = headers;
  const isValid = count('host') <= 1 && isHost(host);
  if (isValid && (PATH.test(url) || URL.canParse(url, `http://${host}`))) return;
  reply.header('connection', 'close');
  throw new AppError('BAD_REQUEST', isValid ? 'Invalid request target' : 'Invalid Host header');
}

function isHost(host: string): boolean {
  if (host === knownHost) return true;
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) return false;
  knownHost = host;
  return true;
}
