import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('examples/', import.meta.url);
/** What the Headers tab holds until a token is pasted. */
export const HEADERS = JSON.stringify({ Authorization: 'Bearer <paste: npm run -s token -- ada>' }, null, 2);

export interface Example {
  query: string;
  headers: string;
}

/** The operations that the gateway's playground opens with, in the order of their file names. */
export function readExamples(): Example[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => ({ query: readFileSync(new URL(name, FOLDER), 'utf8'), headers: HEADERS }));
}
