import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyRequest } from 'fastify';

const EXAMPLES = new URL('../../schema/examples/', import.meta.url);
/** Empty, that is anonymous, until somebody pastes a token: GraphiQL sends it with its introspection too. */
const HEADERS = JSON.stringify({ Authorization: '' }, null, 2);

/** Whether a browser opens the address, rather than a client sending an operation by GET. */
export function acceptsPage({ method, headers, query }: FastifyRequest): boolean {
  const isOperation = typeof query === 'object' && query !== null && 'query' in query;
  return method === 'GET' && !isOperation && (headers.accept ?? '').includes('text/html');
}

let page: Promise<Buffer> | undefined;

/** GraphiQL with everything it needs inside the page, so that it works offline. Loaded at its first use: it is big. */
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

/** The operations of a folder, in the order of their file names, each with what the Headers tab then holds. */
export function readExamples(folder: URL, headers: string): Example[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => ({ query: readFileSync(new URL(name, folder), 'utf8'), headers }));
}

/** How GraphiQL opens, here and in the dev gateway. It leaves the headers of the first tab to `headers`. */
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
