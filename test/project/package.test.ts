import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Locked {
  hasInstallScript?: boolean;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** The service and the benchmark. */
const PROJECTS = await Promise.all(
  ['', 'bench/'].map(async (folder) => {
    const lock = await readFile(`${folder}package-lock.json`, 'utf8');
    const manifest = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
    return { folder, lock, manifest, locked: JSON.parse(lock).packages as Record<string, Locked> };
  }),
);

describe.each(PROJECTS)('$folder package.json', ({ manifest, locked }) => {
  it('pins every dependency to an exact version', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    const versions = Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });

  it('allows or denies every install script explicitly', () => {
    const scripted = Object.keys(locked).filter((path) => path !== '' && locked[path]?.hasInstallScript);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted.map(nameOf))].sort());
  });
});

describe.each(PROJECTS)('$folder package-lock.json', ({ lock, locked }) => {
  it('contains no registry URLs', () => {
    expect(lock).not.toContain('"resolved"');
  });

  it('has the optional packages of every platform', () => {
    const known = new Set(Object.keys(locked).map(nameOf));
    const wanted = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a SHA-512 of every package', () => {
    const installed = Object.entries(locked).filter(([path]) => path !== '');
    expect(installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
  });
});

describe('the benchmark', () => {
  it('uses the same versions of shared dependencies as the service', () => {
    const [service, peers] = PROJECTS.map(({ manifest }) => ({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
    }));
    const shared = Object.keys(peers).filter((name) => name in service);
    expect(shared.map((name) => [name, peers[name]])).toEqual(shared.map((name) => [name, service[name]]));
  });
});
