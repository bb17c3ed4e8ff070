import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Locked {
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
const manifest = await readJson('package.json');
const locked: Record<string, Locked> = (await readJson('package-lock.json')).packages;
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('package.json', () => {
  it('pins every dependency to one version', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });

  it('decides on every install script, and on nothing else', () => {
    const scripted = Object.keys(locked).filter((path) => path !== '' && locked[path]?.hasInstallScript);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted.map(nameOf))].sort());
  });
});

describe('package-lock.json', () => {
  it('names no registry', async () => {
    expect(await readFile('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });

  it('knows the packages of every platform, so that npm ci works on all of them', () => {
    const known = new Set(Object.keys(locked).map(nameOf));
    const wanted = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });
});
