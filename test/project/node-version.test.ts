import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const PROGRAMS = ['start', 'db:migrate', 'db:verify', 'legacy'];

/** Runs the version check with a fake Node version. */
function checkOn(version: string) {
  const override = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
  const command = ['node', '--import', `data:text/javascript,${override}`, 'src/require-node.js'];
  return runProgram({ command, cwd: '.', env: {} });
}

describe('the version of Node', () => {
  it('is the same in package.json, .node-version and engines', async () => {
    expect(await readFile('.node-version', 'utf8')).toBe(`${manifest.devDependencies.node}\n`);
    const [, required] = /^>=(\d+)$/.exec(manifest.engines.node) ?? [];
    expect(manifest.devDependencies.node.split('.')[0]).toBe(required);
  });

  it.each(PROGRAMS)('is checked before npm run %s', (name) => {
    expect(manifest.scripts[`pre${name}`]).toBe('node src/require-node.js');
  });

  it.each(['18.20.8', '20.20.2', '22.23.0'])('%s fails with one message', async (version) => {
    expect(await checkOn(version)).toEqual({
      code: 1,
      output: `user-service needs Node 24 or newer, and this is Node ${version}.\n`,
    });
  });

  it.each([manifest.devDependencies.node, '26.0.0'])('%s passes', async (version) => {
    expect(await checkOn(version)).toEqual({ code: 0, output: '' });
  });

  it('is checked without warnings of npm, whose log level is error', async () => {
    expect((await readFile('.npmrc', 'utf8')).split('\n')).toContain('loglevel=error');
  });
});
