import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

/** What a suite leaves: its report, if it came that far, and its exit status. */
interface Result {
  report?: string;
  status: string;
}

async function summaryOf(results: Result[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-ci-'));
  const args: string[] = [];
  for (const [i, { report, status }] of results.entries()) {
    const path = join(folder, `${i}.json`);
    if (report !== undefined) await writeFile(path, report);
    args.push(path, status);
  }
  const { output } = await runProgram({ command: ['node', '.ci/summary.js', ...args], cwd: '.', env: {} });
  await rm(folder, { recursive: true });
  return output;
}

const suite = (status: string, counts: { passed: number; failed?: number; skipped?: number }): Result => {
  const { passed: numPassedTests, failed: numFailedTests = 0, skipped: numPendingTests = 0 } = counts;
  return { status, report: JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0 }) };
};
const unreached: Result = { status: '1' };

const good = suite('0', { passed: 5 });

describe("CI's closing line", () => {
  it.each([
    { what: 'counts what passed', given: [suite('0', { passed: 12 })], line: '12 passed, 0 failed' },
    { what: 'counts what failed', given: [suite('1', { passed: 10, failed: 2 })], line: '10 passed, 2 failed' },
    {
      what: 'counts what was skipped',
      given: [suite('0', { passed: 10, skipped: 2 })],
      line: '10 passed, 0 failed, 2 skipped',
    },
    { what: 'adds up both suites', given: [suite('1', { passed: 10, failed: 2 }), good], line: '15 passed, 2 failed' },
    { what: 'never hides that the run failed', given: [suite('1', { passed: 12 }), good], line: '17 passed, 1 failed' },
    { what: 'nor that its second half did', given: [good, suite('1', { passed: 12 })], line: '17 passed, 1 failed' },
    { what: 'is there when no test was reached', given: [unreached, good], line: '5 passed, 1 failed' },
  ])('$what', async ({ given, line }) => {
    expect(await summaryOf(given)).toBe(`${line}\n`);
  });
});

describe('the two suites', () => {
  /** The test files that a script of package.json runs. */
  async function filesOf(script: string): Promise<string[]> {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
    const args = scripts[script].split('vitest run ')[1].replaceAll('"', '').split(' ');
    const command = ['node', 'node_modules/vitest/vitest.mjs', 'list', '--filesOnly', ...args];
    const { output } = await runProgram({ command, cwd: '.', env: {} });
    return output.split('\n').filter((line) => line.endsWith('.test.ts'));
  }

  it('are all test files, each once', async () => {
    const files = await Array.fromAsync(glob('test/**/*.test.ts'));
    const [quick, slow] = [await filesOf('test'), await filesOf('test:faults')];
    expect([...quick, ...slow].sort()).toEqual(files.sort());
    expect(slow).toEqual(files.filter((file) => file.startsWith('test/system/faults/')));
  });
});
