import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyRequest } from 'fastify';
import { pagePolicy } from '../security-headers.ts';

const EXAMPLES = new URL('../../../schema/examples/', import.meta.url);
/** An empty token is anonymous. GraphiQL sends the headers with its introspection query too. */
const HEADERS = JSON.stringify({ Authorization: '' }, null, 2);

/** Returns whether a browser navigates to the page, as opposed to a client that sends an operation by GET. */
export function acceptsPage({ method, headers, query }: FastifyRequest): boolean {
  const isOperation = typeof query === 'object' && query !== null && 'query' in query;
  return method === 'GET' && !isOperation && (headers.accept ?? '').includes('text/html');
}

export interface Page {
  html: Buffer;
  contentSecurityPolicy: string;
}

let page: Promise<Page> | undefined;

/** Returns GraphiQL as one self-contained page, which works offline. It is rendered at the first call. */
export function playgroundPage(): Promise<Page> {
  page ??= renderPage();
  return page;
}

async function renderPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const examples = readExamples(EXAMPLES, HEADERS);
  const html = renderGraphiQL(graphiqlOptions({ title: 'user-service', headers: HEADERS, examples }));
  return { html: Buffer.from(html), contentSecurityPolicy: playgroundPolicy(html) };
}

/** The page's own scripts may run, by their hashes. Its editor sets styles and starts workers from text in the page. */
function playgroundPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return pagePolicy(
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
  );
}

export interface Example {
  query: string;
  headers: string;
}

/** Returns the operations of a folder, in the order of their file names, each with the content of its headers tab. */
export function readExamples(folder: URL, headers: string): Example[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => ({ query: readFileSync(new URL(name, folder), 'utf8'), headers }));
}

/** Returns GraphiQL's options, for the service and the dev gateway. The first tab takes its headers from `headers`. */
export function graphiqlOptions({ title, headers, examples }: { title: string; headers: string; examples: Example[] }) {
  return {
    title,
    headers,
    defaultTabs: examples,
    defaultEditorToolsVisibility: 'headers' as const,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
    schemaDescription: true,
  };
}
