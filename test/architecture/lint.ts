import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Finding {
  path: string;
  line: number;
  rule: string;
  severity: string;
}

/** Returns the findings of the project's lint in files that are given as their text by path. */
export async function lint(files: Readonly<Record<string, string>>, rule?: string): Promise<Finding[]> {
  const tree = await mkdtemp(join(tmpdir(), 'user-service-lint-'));
  try {
    for (const name of ['biome.json', 'package.json', 'tsconfig.json']) await cp(join(ROOT, name), join(tree, name));
    await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(tree, dirname(path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    return findings(await runBiome(tree, rule === undefined ? [] : [`--only=${rule}`]));
  } finally {
    await rm(tree, { recursive: true });
  }
}

function runBiome(tree: string, options: string[]): Promise<string> {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', ...options];
  return new Promise((resolve, reject) => {
    execFile(join(ROOT, 'node_modules/.bin/biome'), args, { cwd: tree, maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (stdout === '') reject(error);
      else resolve(stdout);
    });
  });
}

function findings(report: string): Finding[] {
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { category: string; severity: string; location: { path: string; start: { line: number } } }[];
  };
  return diagnostics.map(({ category, severity, location }) => ({
    path: location.path,
    line: location.start.line,
    rule: category.split('/').at(-1) ?? category,
    severity,
  }));
}
