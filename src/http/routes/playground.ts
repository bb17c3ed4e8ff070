import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyRequest } from 'fastify';

const EXAMPLES = new URL('../../../schema/examples/', import.meta.url);
/** An empty token is anonymous. GraphiQL sends the headers with its introspection query too. */
const HEADERS = JSON.stringify({ Authorization: '' }, null, 2);

/** Returns whether a browser navigates to the page, as opposed to a client that sends an operation by GET. */
export function acceptsPage({ method, headers, query }: FastifyRequest): boolean {
  const isOperation = typeof query === 'object' && query !== null && 'query' in query;
  return method === 'GET' && !isOperation && (headers.accept ?? '').includes('text/html');
}

let page: Promise<Buffer> | undefined;

/** Returns GraphiQL as one self-contained page, which works offline. It is rendered at the first call. */
export function playgroundPage(): Promise<Buffer> {
  page ??= renderPage();
  return page;
}

async function renderPage(): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const examples = readExamples(EXAMPLES, HEADERS);
  return Buffer.from(renderGraphiQL(graphiqlOptions({ title: 'user-service', headers: HEADERS, examples })));
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
