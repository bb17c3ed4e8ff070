import { readFile } from 'node:fs/promises';
import { entriesOf } from './changelog.ts';

/** Checks in the current folder that a tag names the version to release: `node scripts/check-release.ts v2.0.0`. */
const [tag = ''] = process.argv.slice(2);

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const locked = JSON.parse(await readFile('package-lock.json', 'utf8')).version;
const contract = JSON.parse(await readFile('schema/released/openapi.json', 'utf8')).info.version;
const changelog = await readFile('CHANGELOG.md', 'utf8');

const isDated = (line: string) => line.startsWith(`## [${version}] - `) && /\d{4}-\d{2}-\d{2}$/.test(line);

const isBreaking = /^- Breaking:/m.test(entriesOf(changelog, version));

const problems = [
  tag !== `v${version}` && `the tag is "${tag}", and package.json expects "v${version}"`,
  locked !== version && `package-lock.json has version ${locked}, and package.json has ${version}`,
  !changelog.split('\n').some(isDated) && `CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`,
  isBreaking && !version.endsWith('.0.0') && `CHANGELOG.md has breaking changes, and ${version} is not a major version`,
  contract !== version && `schema/released/ is that of ${contract}: run "npm run release:contract"`,
].filter((problem) => problem !== false);

for (const problem of problems) console.error(`Not released: ${problem}.`);
if (problems.length > 0) process.exitCode = 1;
