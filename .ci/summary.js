// Prints "N passed, N failed" from vitest's JSON reports: node .ci/summary.js REPORT STATUS [REPORT STATUS]...
// A suite that fails outside its tests (types, lint, a file that does not load) counts as one failure. A failed run
// therefore never prints "0 failed".
import { existsSync, readFileSync } from 'node:fs';

const sum = { passed: 0, failed: 0, skipped: 0 };
for (let args = process.argv.slice(2); args.length > 0; args = args.slice(2)) {
  const [path, status] = args;
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
  sum.passed += numPassedTests;
  sum.failed += numFailedTests === 0 && status !== '0' ? 1 : numFailedTests;
  sum.skipped += numPendingTests + numTodoTests;
}

console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
