import { expect } from 'vitest';

/** What the inside of a service looks like: stacks, SQL and its parameters, addresses, tokens. */
const INSIDE =
  /node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres:\/\/|ECONN|eyJ|\.ts\b/i;

/** For answers that hold errors and no data: dates look like places in a file. */
export function expectNoLeak(text: string): void {
  expect(text).not.toMatch(INSIDE);
}
