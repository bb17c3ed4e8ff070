import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { fetchDocument } from './openapi-document.ts';

const PROGRAM = join(import.meta.dirname, 'lint-openapi.ts');
const run = promisify(execFile);

/** Returns the problems that the linters find in a document. */
async function lint(document: Json): Promise<{ redocly: string[]; spectral: string[] }> {
  const running = run(process.execPath, [PROGRAM]);
  running.child.stdin?.end(JSON.stringify(document));
  return JSON.parse((await running).stdout);
}

describe('the linters of OpenAPI', { timeout: 60_000 }, () => {
  it('find no problem by the strict rules of Redocly and all rules of Spectral', async ({ service }) => {
    expect(await lint(await fetchDocument(service))).toEqual({ redocly: [], spectral: [] });
  });

  it('report an operation without a summary, and a tag that is not declared', async ({ service }) => {
    const document = await fetchDocument(service);
    document.paths['/users/me'].get.summary = '';
    document.paths['/users/me'].get.tags = ['moons'];
    const { redocly, spectral } = await lint(document);
    expect(redocly).toEqual([expect.stringContaining('operation-summary')]);
    expect(spectral).toEqual([expect.stringContaining('operation-tag-defined')]);
  });
});
