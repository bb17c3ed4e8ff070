import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { readSdl } from '../../../src/graphql/schema.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { it } from '../stage.ts';
import { anyJson, anyText, mutated } from './arbitraries.ts';
import { anyOperation } from './documents.ts';
import { holds } from './property.ts';

const schema = buildSubgraphSchema([{ typeDefs: parse(readSdl()) }]);
const cursors = ['2026-03-01T09:30:00Z 1', '9999-12-31T00:00:00Z 9'].map((text) =>
  Buffer.from(text).toString('base64url'),
);
const operations = anyOperation(schema, cursors);
const callers = fc.constantFrom('ada', 'eve', undefined);

const REFUSALS = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'CONFLICT', 'LIMIT_REACHED'];
const UNREADABLE = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];
const TOO_MUCH = /^The operation (asks for up to \d+ items|is more than \d+ levels deep)/;
const SNIPPETS = [
  '{',
  '}',
  '(',
  ')',
  '!',
  '$',
  '...',
  '@',
  '@skip(if: true)',
  '"',
  '"""',
  '#',
  'null',
  '1e999',
  '\0',
  ' on ',
  'fragment F1 on User',
  '__schema',
  'mutation',
  '\\u{110000}',
];

describe('whatever an operation is', () => {
  it('if the schema allows it, it is answered, or refused for a reason that the contract knows', {
    timeout: 60_000,
  }, async ({ stage }) => {
    const values = fc.record({ operation: operations, caller: callers });
    await holds(
      stage,
      { values, runs: 200, calls: { each: 3 } },
      async ({ operation: { document, variables }, caller }, ask) => {
        expect(validate(schema, parse(document))).toEqual([]);
        const token = caller && stage[caller].token;
        const { status, body } = await ask({ graphql: document, variables, ...(token && { token }) });
        if (status === 200) return expect(REFUSALS).toEqual(expect.arrayContaining(codesIn(body)));
        expect([status, codesIn(body)]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
        expect(body.errors[0].message).toMatch(TOO_MUCH);
      },
    );
  });

  it('if its text is spoilt, it is answered, or refused as unreadable', { timeout: 60_000 }, async ({ stage }) => {
    const texts = mutated(
      operations.map(({ document }) => document),
      fc.oneof(fc.constantFrom(...SNIPPETS), anyText(10)),
    );
    await holds(stage, { values: texts, runs: 150, calls: { each: 3 } }, async (graphql, ask) => {
      const { status, body } = await ask({ graphql, token: stage.ada.token });
      expect([200, 400]).toContain(status);
      expect(status === 200 ? [...REFUSALS] : UNREADABLE).toEqual(expect.arrayContaining(codesIn(body)));
    });
  });

  it('if its variables are anything at all, it is answered, or refused for them', { timeout: 60_000 }, async ({
    stage,
  }) => {
    const values = operations.chain(({ document, variables }) => {
      const changes = fc.dictionary(fc.constantFrom(...Object.keys(variables), 'x'), anyJson(), { maxKeys: 3 });
      return fc.record({
        graphql: fc.constant(document),
        variables: changes.map((changed) => ({ ...variables, ...changed })),
      });
    });
    await holds(stage, { values, runs: 150, calls: { each: 3 } }, async (shot, ask) => {
      const { status, body } = await ask({ ...shot, token: stage.ada.token });
      expect([200, 400]).toContain(status);
      expect(status === 200 ? [...REFUSALS] : UNREADABLE).toEqual(expect.arrayContaining(codesIn(body)));
    });
  });
});
