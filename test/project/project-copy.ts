import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

export interface ProjectCopy {
  path: string;
  /** Replaces a text that the file must contain. */
  edit(file: string, from: string, to: string): Promise<void>;
  remove(): Promise<void>;
}

/** Copies files and folders of the project to a temporary folder, which shares its node_modules. */
export async function copyProject(parts: readonly string[]): Promise<ProjectCopy> {
  const path = await mkdtemp(join(tmpdir(), 'user-service-copy-'));
  const filter = (source: string) => !source.includes('node_modules');
  for (const part of parts) await cp(join(ROOT, part), join(path, part), { recursive: true, filter });
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return {
    path,
    edit: async (file, from, to) => {
      const text = await readFile(join(path, file), 'utf8');
      expect(text).toContain(from);
      await writeFile(join(path, file), text.replace(from, to));
    },
    remove: () => rm(path, { recursive: true }),
  };
}
