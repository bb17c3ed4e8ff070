// Prints "N passed, N failed" from vitest's JSON report. What fails outside a test (types, lint, a file that cannot be
// loaded) counts as one failure, so that a run that failed never ends in "0 failed".
import { readFileSync } from 'node:fs';

const [reportPath, status] = process.argv.slice(2);
const text = readFileSync(reportPath, 'utf8');
const report = text === '' ? {} : JSON.parse(text);

const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
const failed = numFailedTests === 0 && status !== '0' ? 1 : numFailedTests;
const skipped = numPendingTests + numTodoTests;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
