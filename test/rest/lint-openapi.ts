import { text } from 'node:stream/consumers';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { type RulesetDefinition, Spectral } from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';

/**
 * Prints the problems of the document on standard input. It is a program, so that its work blocks no service of a test.
 */
interface Problems {
  redocly: string[];
  spectral: string[];
}

/** Rules of Spectral that do not apply. */
const OFF = {
  // NOTE: an installation has its own operators, and the service knows no address of theirs
  'contact-properties': 'off',
  // NOTE: OpenAPI 3.1 has either an identifier of SPDX or a URL, and the document has the identifier
  'license-url': 'off',
} as const;

/** Returns the problems that Redocly's strict rules find. */
async function redocly(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message, location }) => `${location[0]?.pointer}: ${ruleId}: ${message}`);
}

/** Returns the problems that all of Spectral's OpenAPI rules find. */
async function spectral(source: string): Promise<string[]> {
  const linter = new Spectral();
  linter.setRuleset({ extends: [[oas as RulesetDefinition, 'all']], rules: OFF });
  const problems = await linter.run(JSON.parse(source));
  return problems.map(({ code, message, path }) => `${path.join('/')}: ${code}: ${message}`);
}

const source = await text(process.stdin);
const problems: Problems = { redocly: await redocly(source), spectral: await spectral(source) };
process.stdout.write(JSON.stringify(problems));
