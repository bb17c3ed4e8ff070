import { type Example, readExamples as readFolder } from '../../src/http/playground.ts';

const FOLDER = new URL('examples/', import.meta.url);
/** What the Headers tab holds until a token is pasted. */
export const HEADERS = JSON.stringify({ Authorization: 'Bearer <paste: npm run -s token -- ada>' }, null, 2);

/** The operations that the gateway's playground opens with. */
export function readExamples(): Example[] {
  return readFolder(FOLDER, HEADERS);
}
