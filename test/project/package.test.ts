import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Locked {
  hasInstallScript?: boolean;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** The service itself, and the benchmark's peers. */
const PROJECTS = await Promise.all(
  ['', 'bench/'].map(async (folder) => {
    const lock = await readFile(`${folder}package-lock.json`, 'utf8');
    const manifest = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
    return { folder, lock, manifest, locked: JSON.parse(lock).packages as Record<string, Locked> };
  }),
);

describe.each(PROJECTS)('$folder package.json', ({ manifest, locked }) => {
  it('pins every dependency to one version', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });

  it('decides on every install script, and on nothing else', () => {
    const scripted = Object.keys(locked).filter((path) => path !== '' && locked[path]?.hasInstallScript);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted.map(nameOf))].sort());
  });
});

describe.each(PROJECTS)('$folder package-lock.json', ({ lock, locked }) => {
  it('names no registry', () => {
    expect(lock).not.toContain('"resolved"');
  });

  it('knows the packages of every platform, so that npm ci works on all of them', () => {
    const known = new Set(Object.keys(locked).map(nameOf));
    const wanted = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });

  it('knows the SHA-512 of everything that is installed', () => {
    const installed = Object.entries(locked).filter(([path]) => path !== '');
    expect(installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
  });
});

describe('the benchmark', () => {
  it('runs what the service runs, so that a difference is none of versions', () => {
    const [service, peers] = PROJECTS.map(({ manifest }) => ({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    }));
    const shared = Object.keys(peers).filter((name) => name in service);
    expect(shared.map((name) => [name, peers[name]])).toEqual(shared.map((name) => [name, service[name]]));
  });
});
