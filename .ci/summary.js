// Prints the failed tests and "N passed, N failed" from vitest's JSON reports:
// node .ci/summary.js REPORT STATUS [REPORT STATUS]...
// A suite that fails outside its tests (types, lint, a file that does not load) counts as one failure. A failed run
// therefore never prints "0 failed".
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const MESSAGE_LINES = 12;

const sum = { passed: 0, failed: 0, skipped: 0 };
for (let args = process.argv.slice(2); args.length > 0; args = args.slice(2)) {
  const [path, status] = args;
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } = report;
  sum.passed += numPassedTests;
  sum.failed += numFailedTests === 0 && status !== '0' ? 1 : numFailedTests;
  sum.skipped += numPendingTests + numTodoTests;
  for (const file of testResults) printFailures(file);
}

console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);

function printFailures({ name, status, message, assertionResults = [] }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  const file = relative('.', name);
  for (const { fullName, failureMessages } of failed) printFailure(`${file} > ${fullName}`, failureMessages.join('\n'));
  if (status === 'failed' && failed.length === 0) printFailure(file, message);
}

function printFailure(title, message) {
  const lines = message.split('\n').slice(0, MESSAGE_LINES);
  console.log([`FAILED ${title}`, ...lines.map((line) => `  ${line}`)].join('\n'));
}
