import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

/** The report of a suite, if it wrote one, and its exit status. */
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
const aborted: Result = { status: '1' };

const passed = suite('0', { passed: 5 });

describe("CI's summary line", () => {
  it.each([
    { name: 'counts passed tests', given: [suite('0', { passed: 12 })], line: '12 passed, 0 failed' },
    { name: 'counts failed tests', given: [suite('1', { passed: 10, failed: 2 })], line: '10 passed, 2 failed' },
    {
      name: 'counts skipped tests',
      given: [suite('0', { passed: 10, skipped: 2 })],
      line: '10 passed, 0 failed, 2 skipped',
    },
    { name: 'adds up the suites', given: [suite('1', { passed: 10, failed: 2 }), passed], line: '15 passed, 2 failed' },
    {
      name: 'counts a failed run without failed tests as a failure',
      given: [suite('1', { passed: 12 }), passed],
      line: '17 passed, 1 failed',
    },
    {
      name: 'counts a failure of the second suite',
      given: [passed, suite('1', { passed: 12 })],
      line: '17 passed, 1 failed',
    },
    { name: 'counts a suite without a report as a failure', given: [aborted, passed], line: '5 passed, 1 failed' },
  ])('$name', async ({ given, line }) => {
    expect(await summaryOf(given)).toBe(`${line}\n`);
  });
});

describe('CI before its summary line', () => {
  it('names each failed test and each file that does not load, with the first lines of the error', async () => {
    const test = { status: 'failed', fullName: 'a list has pages', failureMessages: ['Error: no page\n    at a.ts'] };
    const loaded = { name: resolve('test/a.test.ts'), status: 'failed', message: '', assertionResults: [test] };
    const unloaded = { name: resolve('test/b.test.ts'), status: 'failed', message: 'no module', assertionResults: [] };
    const report = { numPassedTests: 3, numFailedTests: 1, testResults: [loaded, unloaded] };
    expect(await summaryOf([{ status: '1', report: JSON.stringify(report) }])).toBe(
      [
        'FAILED test/a.test.ts > a list has pages',
        '  Error: no page',
        '      at a.ts',
        'FAILED test/b.test.ts',
        '  no module',
        '3 passed, 1 failed',
        '',
      ].join('\n'),
    );
  });
});

describe('the two suites', () => {
  /** Returns the test files that a script of package.json runs. */
  async function filesOf(script: string): Promise<string[]> {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
    const args = scripts[script].split('vitest run ')[1].replaceAll('"', '').split(' ');
    const command = ['node', 'node_modules/vitest/vitest.mjs', 'list', '--filesOnly', ...args];
    const { output } = await runProgram({ command, cwd: '.', env: {} });
    return output.split('\n').filter((line) => line.endsWith('.test.ts'));
  }

  it('contain every test file exactly once', async () => {
    const files = await Array.fromAsync(glob('test/**/*.test.ts'));
    const [quick, slow] = [await filesOf('test'), await filesOf('test:faults')];
    expect([...quick, ...slow].sort()).toEqual(files.sort());
    expect(slow).toEqual(files.filter((file) => file.startsWith('test/system/faults/')));
  });
});
