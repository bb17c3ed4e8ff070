import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenLinks, missingPaths, sectionsOf } from './documentation.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = await Array.fromAsync(glob(['*.md', '{docs,deploy,patches}/**/*.md'], { cwd: ROOT }));

describe.each(DOCUMENTS.sort())('%s', (path) => {
  it('names only files that exist', async () => {
    expect(missingPaths(ROOT, await readFile(join(ROOT, path), 'utf8'))).toEqual([]);
  });

  it('links only files and headings that exist', async () => {
    expect(await brokenLinks(ROOT, path, await readFile(join(ROOT, path), 'utf8'))).toEqual([]);
  });
});

describe.each(DOCUMENTS.filter((path) => /decisions\/\d{4}-/.test(path)))('%s', (path) => {
  it('has the sections of a record, with at most ten lines each', async () => {
    const sections = sectionsOf(await readFile(join(ROOT, path), 'utf8'));
    expect(sections.map(({ name }) => name)).toEqual(['Status', 'Context', 'Decision', 'Consequences', 'References']);
    expect(sections.slice(1, -1).filter(({ lines }) => lines > 10)).toEqual([]);
  });
});

describe('the checks of documents', () => {
  it('report a path that leads to no file, and accept one that the document defines', () => {
    const text =
      'See `src/main.ts`, `db/errors.ts`, `db/wrote.ts` and `src/new.ts`.\n\n```ts src/new.ts\nexport {};\n```\n';
    expect(missingPaths(ROOT, text)).toEqual(['db/wrote.ts']);
  });

  it('count the lines of a section, without empty ones and its name', () => {
    const text = '# 1. A title\n\n**Status:** accepted.\n\n**Decision:**\n\n- **Move:** one\n  line more.\n- Two.\n';
    expect(sectionsOf(text)).toEqual([
      { name: 'Status', lines: 1 },
      { name: 'Decision', lines: 3 },
    ]);
  });

  it('report a link to no file and one to no heading', async () => {
    const text = '[1](API.md) [2](API.md#scopes) [3](API.md#moon) [4](NONE.md) [5](#the-tree) [6](#the-moon)\n';
    expect(await brokenLinks(ROOT, 'docs/ARCHITECTURE.md', text)).toEqual(['API.md#moon', 'NONE.md', '#the-moon']);
  });
});
