import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip as gzipCompress } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { shareSuccess } from '../../lib/share-success.ts';
import { matchesIfNoneMatch } from '../rest/etag.ts';

/** A page that is the same for all clients, with its compressed forms. */
export interface HtmlPage {
  html: Buffer;
  contentSecurityPolicy: string;
  /** Weak, because the compressed forms share it. */
  etag: string;
  /** Compresses the page at the first call. */
  encoded: Record<Encoding, () => Promise<Buffer>>;
}

interface PageResponse {
  status: 200 | 304;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** In the order of preference. */
const ENCODINGS = ['br', 'gzip'] as const;
type Encoding = (typeof ENCODINGS)[number];
/** Below the default of 11, which takes much longer and saves few bytes. */
const BROTLI_QUALITY = 5;

const brotli = promisify(brotliCompress);
const gzip = promisify(gzipCompress);

export function createPage(text: string, contentSecurityPolicy: string): HtmlPage {
  const html = Buffer.from(text);
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return {
    html,
    contentSecurityPolicy,
    etag: `W/"${hash('sha256', html, 'base64url')}"`,
    encoded: { br: shareSuccess(() => brotli(html, { params })), gzip: shareSuccess(() => gzip(html)) },
  };
}

/**
 * Returns the page in the best form that the client accepts, or 304 if the client has it. Caches revalidate each use.
 */
export async function respondWithPage(page: HtmlPage, requested: IncomingHttpHeaders): Promise<PageResponse> {
  const headers = {
    'content-security-policy': page.contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
    vary: 'accept, accept-encoding',
    etag: page.etag,
  };
  if (matchesIfNoneMatch(page.etag, requested['if-none-match'])) return { status: 304, headers, body: undefined };
  const accepted = new Negotiator({ headers: requested }).encodings([...ENCODINGS]);
  const encoding = ENCODINGS.find((each) => accepted.includes(each));
  const content = { ...headers, 'content-type': 'text/html; charset=utf-8' };
  if (encoding === undefined) return { status: 200, headers: content, body: page.html };
  const body = await page.encoded[encoding]();
  return { status: 200, headers: { ...content, 'content-encoding': encoding }, body };
}

/** Sends the page, whose headers replace those of other responses. */
export async function sendPage(page: HtmlPage, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, headers, body } = await respondWithPage(page, request.headers);
  return reply.code(status).headers(headers).send(body);
}

/** Returns the source expression that lets a page run the script, or apply the style, with exactly this text. */
export function sourceHash(text: string): string {
  return `'sha256-${hash('sha256', text, 'base64')}'`;
}

/** Returns text as it is written in HTML, in elements and in attributes with double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
