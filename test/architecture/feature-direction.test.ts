import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/features/registry.ts';

const FOLDER = new URL('../../src/features/', import.meta.url);

/** Returns the other features that the files of a feature import, types included. */
async function importedFeatures(feature: string): Promise<string[]> {
  const files = await readdir(new URL(`${feature}/`, FOLDER));
  const texts = await Promise.all(files.map((file) => readFile(new URL(`${feature}/${file}`, FOLDER), 'utf8')));
  const imports = texts.flatMap((text) =>
    [...text.matchAll(/from '\.\.\/([\w-]+)\//g)].map(([, name]) => name as string),
  );
  return [...new Set(imports)].sort();
}

describe('the features', () => {
  it('are the folders of src/features', async () => {
    const entries = await readdir(FOLDER, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(Object.keys(features).sort()).toEqual(folders.sort());
  });

  it.each(Object.keys(features))('import only features above them in the registry: %s', async (feature) => {
    const names = Object.keys(features);
    const above = names.slice(0, names.indexOf(feature));
    expect((await importedFeatures(feature)).filter((name) => !above.includes(name))).toEqual([]);
  });

  it('use one another: the check above sees these imports', async () => {
    expect(await importedFeatures('users')).toEqual(['badges', 'goals', 'streaks']);
  });
});
