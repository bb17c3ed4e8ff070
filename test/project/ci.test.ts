import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

async function summaryOf(report: string, status: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-ci-'));
  const path = join(folder, 'report.json');
  await writeFile(path, report);
  const { output } = await runProgram({ command: ['node', '.ci/summary.js', path, status], cwd: '.', env: {} });
  await rm(folder, { recursive: true });
  return output;
}

const report = (passed: number, failed: number, skipped: number) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 });

describe("CI's closing line", () => {
  it.each([
    { what: 'counts what passed', given: report(12, 0, 0), status: '0', line: '12 passed, 0 failed' },
    { what: 'counts what failed', given: report(10, 2, 0), status: '1', line: '10 passed, 2 failed' },
    { what: 'counts what was skipped', given: report(10, 0, 2), status: '0', line: '10 passed, 0 failed, 2 skipped' },
    { what: 'never hides that the run failed', given: report(12, 0, 0), status: '1', line: '12 passed, 1 failed' },
    { what: 'is there when no test was reached', given: '', status: '1', line: '0 passed, 1 failed' },
  ])('$what', async ({ given, status, line }) => {
    expect(await summaryOf(given, status)).toBe(`${line}\n`);
  });
});
