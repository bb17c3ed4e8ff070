import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const CONTRACT = 'schema/released/openapi.json';
const SCRIPT = resolve('scripts/check-release.ts');

describe('a release', () => {
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'user-service-release-'));
    for (const file of ['package.json', 'package-lock.json', 'CHANGELOG.md', CONTRACT])
      await cp(file, join(copy, file));
  });

  afterEach(() => rm(copy, { recursive: true }));

  const check = (...args: string[]) => runProgram({ command: ['node', SCRIPT, ...args], cwd: copy, env: {} });
  const edit = async (path: string, from: string, to: string) => {
    const text = await readFile(join(copy, path), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(copy, path), text.replace(from, to));
  };

  it('has a tag with the version of package.json', async () => {
    expect(await check(`v${version}`)).toEqual({ code: 0, output: '' });
  });

  it.each([['v0.0.1'], [version], [`v${version}-rc.1`], ['']])('is rejected for the tag "%s"', async (tag) => {
    expect(await check(tag)).toEqual({
      code: 1,
      output: `Not released: the tag is "${tag}", and package.json expects "v${version}".\n`,
    });
  });

  it('is rejected without a dated entry in the changelog', async () => {
    await edit('CHANGELOG.md', `## [${version}] - `, '## [0.0.1] - ');
    expect(await check(`v${version}`)).toEqual({
      code: 1,
      output: `Not released: CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD".\n`,
    });
  });

  it('is rejected as a minor version with breaking changes', async () => {
    await edit('package.json', `"version": "${version}"`, '"version": "2.1.0"');
    await edit(
      'CHANGELOG.md',
      `## [${version}] - `,
      '## [2.1.0] - 2026-12-01\n\n- Breaking: A change.\n\n## [2.0.0] - ',
    );
    expect((await check('v2.1.0')).output).toContain(
      'Not released: CHANGELOG.md has breaking changes, and 2.1.0 is not a major version.\n',
    );
  });

  it('is rejected with the API documents of another version', async () => {
    await edit(CONTRACT, `"version": "${version}"`, '"version": "0.0.1"');
    expect(await check(`v${version}`)).toEqual({
      code: 1,
      output: 'Not released: schema/released/ is that of 0.0.1: run "npm run release:contract".\n',
    });
  });

  it('is rejected while package-lock.json has another version', async () => {
    await edit('package-lock.json', `"version": "${version}"`, '"version": "0.0.1"');
    expect(await check(`v${version}`)).toEqual({
      code: 1,
      output: `Not released: package-lock.json has version 0.0.1, and package.json has ${version}.\n`,
    });
  });
});
