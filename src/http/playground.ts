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
  const html = renderGraphiQL({
    title: 'user-service',
    defaultTabs: readExamples(),
    headers: HEADERS,
    defaultEditorToolsVisibility: 'headers',
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
    schemaDescription: true,
  });
  return Buffer.from(html);
}

function readExamples(): { query: string; headers: string }[] {
  return readdirSync(EXAMPLES)
    .sort()
    .map((file) => ({ query: readFileSync(new URL(file, EXAMPLES), 'utf8'), headers: HEADERS }));
}
