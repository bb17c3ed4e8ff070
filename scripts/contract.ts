import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { internalError } from '../src/errors.ts';
import { routes, tags } from '../src/features/registry.ts';
import { readSdl } from '../src/graphql/schema.ts';
import { createLogger } from '../src/http/logger.ts';
import { addDocs } from '../src/http/routes/docs.ts';
import { addRestRoutes } from '../src/http/routes/rest.ts';
import { createHttpServer } from '../src/http/server.ts';

/** The documents of the public APIs. */
export interface Contract {
  /** SDL. */
  graphql: string;
  /** The OpenAPI document, as indented JSON. */
  openapi: string;
}

/** The files of the last release's contract, by document. */
export const RELEASED = {
  graphql: 'schema/released/schema.graphql',
  openapi: 'schema/released/openapi.json',
} as const;

/** Returns the contract of this tree. */
export async function currentContract(): Promise<Contract> {
  return { graphql: readSdl(), openapi: `${JSON.stringify(await openApiDocument(), null, 2)}\n` };
}

/** Returns the contract of the last release. */
export function releasedContract(root: string): Contract {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  return { graphql: read(RELEASED.graphql), openapi: read(RELEASED.openapi) };
}

/**
 * Returns the document that the service serves at `/openapi.json`, with `{today}` instead of a date, so that it is the
 * same each day. No route is called.
 */
async function openApiDocument(): Promise<object> {
  const http = createHttpServer({
    concurrency: { maxInFlight: 1, onRejected: () => {}, onClosed: () => {} },
    logger: await createLogger('silent'),
    toAppError: internalError,
  });
  await addDocs(http, tags);
  addRestRoutes(http, { createContext: () => Promise.reject(new Error('No route is called')), routes });
  await http.ready();
  const document = http.swagger();
  await http.close();
  return document;
}
