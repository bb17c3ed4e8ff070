import { type Example, readExamples as readFolder } from '../../src/http/routes/playground.ts';

const FOLDER = new URL('examples/', import.meta.url);
/** The initial text of the playground's Headers tab, with a placeholder for the token. */
export const HEADERS = JSON.stringify({ Authorization: 'Bearer <paste: npm run -s token -- ada>' }, null, 2);

/** Reads the operations that the gateway's playground opens with. */
export function readExamples(): Example[] {
  return readFolder(FOLDER, HEADERS);
}
