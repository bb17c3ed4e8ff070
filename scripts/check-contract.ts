import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { parse } from 'graphql';
import { entriesOf, namedBreakingChanges } from './changelog.ts';
import { type Contract, currentContract, RELEASED, releasedContract } from './contract.ts';
import { type BreakingChange, breakingChanges } from './openapi-changes.ts';

/**
 * Compares the APIs with those of the last release, in `schema/released/`: `node scripts/check-contract.ts`. With
 * `--release` it writes them there.
 */
const ROOT = join(import.meta.dirname, '..');

async function graphqlChanges(released: string, current: string): Promise<BreakingChange[]> {
  const [before, after] = [released, current].map((sdl) => buildSubgraphSchema(parse(sdl)));
  if (before === undefined || after === undefined) return [];
  const changes = await diff(before, after);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path, message }) => ({ coordinate: path ?? '', message }));
}

/** Prints the breaking changes that the changelog does not name, and a release that is not complete. */
async function check(released: Contract, current: Contract): Promise<void> {
  const entries = entriesOf(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'), 'Unreleased');
  const named = namedBreakingChanges(entries);
  const breaking = [
    ...(await graphqlChanges(released.graphql, current.graphql)),
    ...breakingChanges(JSON.parse(released.openapi), JSON.parse(current.openapi)),
  ];
  const problems = breaking
    .filter(({ coordinate }) => !named.has(coordinate))
    .map(({ coordinate, message }) => `\`${coordinate}\`: ${message}`);
  if (problems.length > 0) {
    report('Breaking changes since the last release. Avoid them, or add "- Breaking: `...`" to Unreleased:', problems);
  }
  if (entries.trim() === '' && (released.graphql !== current.graphql || released.openapi !== current.openapi)) {
    report('Unreleased has no entries, and schema/released/ differs from the APIs:', [
      'run "npm run release:contract"',
    ]);
  }
}

function report(title: string, problems: readonly string[]): void {
  console.error([title, ...problems].join('\n  '));
  process.exitCode = 1;
}

const current = await currentContract();
if (process.argv.includes('--release')) {
  await writeFile(join(ROOT, RELEASED.graphql), current.graphql);
  await writeFile(join(ROOT, RELEASED.openapi), current.openapi);
} else {
  await check(releasedContract(ROOT), current);
}
