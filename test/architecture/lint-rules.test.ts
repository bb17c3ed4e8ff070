import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lint } from './lint.ts';

const lines = (count: number) => 'x += 1;\n'.repeat(count);
const ifs = (count: number) => `${'if (x > 0) {\n'.repeat(count)}${'}\n'.repeat(count)}`;

/** Rule, file and content of each file that the lint rejects. */
const REJECTED: [string, string, string][] = [
  ['noFloatingPromises', 'src/a/floating.ts', 'async function act() {}\nexport function run() {\n  act();\n}\n'],
  ['noExplicitAny', 'src/a/any.ts', 'export const x: any = 1;\n'],
  ['noDefaultExport', 'src/a/default.ts', 'export default 1;\n'],
  ['noDefaultExport', 'test/default.ts', 'export default 1;\n'],
  ['noBarrelFile', 'src/a/index.ts', "export { x } from './any.ts';\n"],
  ['noReExportAll', 'src/a/all.ts', "export * from './any.ts';\n"],
  ['useImportExtensions', 'src/a/extension.ts', "import { x } from './any';\nexport const y = x;\n"],
  ['noImportCycles', 'src/a/one.ts', "import type { Two } from './two.ts';\nexport interface One { two: Two }\n"],
  ['noImportCycles', 'src/a/two.ts', "import type { One } from './one.ts';\nexport interface Two { one: One }\n"],
  ['noUndeclaredDependencies', 'src/a/package.ts', "import x from 'left-pad';\nexport const y = x;\n"],
  ['noProcessEnv', 'src/a/env.ts', 'export const x = process.env.HOME;\n'],
  ['noConsole', 'src/a/console.ts', "console.log('x');\n"],
  ['useFilenamingConvention', 'src/a/camelCase.ts', 'export const x = 1;\n'],
  ['useMaxParams', 'src/a/params.ts', 'export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];\n'],
  ['noExcessiveLinesPerFunction', 'src/a/function.ts', `export function f(x: number) {\n${lines(51)}}\n`],
  ['noExcessiveLinesPerFile', 'src/a/file.ts', `let x = 1;\n${lines(250)}`],
  ['noExcessiveLinesPerFile', 'test/file.ts', `let x = 1;\n${lines(350)}`],
  ['noExcessiveCognitiveComplexity', 'src/a/complex.ts', `export function f(x: number) {\n${ifs(5)}}\n`],
  ['noDrizzleDeleteWithoutWhere', 'src/db/delete.ts', 'await db.delete(badges);\n'],
  ['noFocusedTests', 'test/focus.test.ts', "import { it } from 'vitest';\nit.only('x', () => {});\n"],
];

const ACCEPTED: [string, string, string][] = [
  ['noDefaultExport', 'vitest.config.ts', 'export default 1;\n'],
  ['noProcessEnv', 'src/main.ts', 'export const x = process.env;\n'],
  ['noConsole', 'dev/say.ts', "console.log('x');\n"],
  ['useFilenamingConvention', 'src/a/badges.store.ts', 'export const x = 1;\n'],
  ['noExcessiveLinesPerFunction', 'test/long.test.ts', `export function f(x: number) {\n${lines(51)}}\n`],
  ['noExcessiveLinesPerFile', 'test/long.test.ts', `let x = 1;\n${lines(349)}`],
];

describe('the lint', () => {
  let findings: Finding[];
  const found = (rule: string, path: string) => findings.find((one) => one.rule === rule && one.path === path);

  beforeAll(async () => {
    findings = await lint(Object.fromEntries([...REJECTED, ...ACCEPTED].map(([, path, text]) => [path, text])));
  });

  it.each(REJECTED)('rejects a violation of %s: %s', (rule, path) => {
    expect(found(rule, path)?.severity).toBe('error');
  });

  it.each(ACCEPTED)('does not apply %s to %s', (rule, path) => {
    expect(found(rule, path)).toBeUndefined();
  });
});

describe('the sources', () => {
  const texts = new Map<string, string>();

  beforeAll(async () => {
    const files = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
    for (const name of files) texts.set(name, await readFile(join('src', name), 'utf8'));
  });

  it('have no import types, which the import rules do not check', () => {
    expect(
      texts
        .keys()
        .filter((name) => /(?<!await )\bimport\(/.test(texts.get(name) ?? ''))
        .toArray(),
    ).toEqual([]);
  });

  it('suppress neither the import rules nor the types', () => {
    const suppression =
      /biome-ignore lint\/style\/noRestrictedImports|biome-ignore-all|@ts-(ignore|nocheck|expect-error)/;
    expect(
      texts
        .keys()
        .filter((name) => suppression.test(texts.get(name) ?? ''))
        .toArray(),
    ).toEqual([]);
  });
});
