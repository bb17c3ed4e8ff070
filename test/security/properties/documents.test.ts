import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { readSdl } from '../../../src/graphql/schema.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { it } from '../target.ts';
import { anyJson, anyText, mutated } from './arbitraries.ts';
import { anyOperation } from './documents.ts';
import { assertProperty } from './property.ts';

const schema = buildSubgraphSchema([{ typeDefs: parse(readSdl()) }]);
const cursors = ['2026-03-01T09:30:00Z 1', '9999-12-31T00:00:00Z 9'].map((text) =>
  Buffer.from(text).toString('base64url'),
);
const operations = anyOperation(schema, cursors);
const users = fc.constantFrom('ada', 'eve', undefined);

const REJECTION_CODES = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'CONFLICT', 'LIMIT_REACHED'];
const REQUEST_ERROR_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];
/** The messages of operations over a limit, of invalid literals and of invalid variables, by code. */
const REJECTIONS: Readonly<Record<string, RegExp>> = {
  GRAPHQL_VALIDATION_FAILED:
    /^(The operation (asks for up to \d+ |is more than \d+ levels deep|has more than \d+ )|(Date|DateTime) must )/,
  BAD_USER_INPUT: /^(Variable "\$\w+" got invalid value |The operation has more than \d+ )/,
};
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

describe('every operation', () => {
  it('that is valid gets a result or an error code of the contract', {
    timeout: 60_000,
  }, async ({ target }) => {
    const values = fc.record({ operation: operations, user: users });
    await assertProperty(
      target,
      { values, runs: 200, upstreamCalls: { perRun: 3 } },
      async ({ operation: { document, variables }, user }, request) => {
        expect(validate(schema, parse(document))).toEqual([]);
        const token = user && target[user].token;
        const { status, body } = await request({ graphql: document, variables, ...(token && { token }) });
        if (status === 200) return expect(REJECTION_CODES).toEqual(expect.arrayContaining(codesIn(body)));
        const [code = ''] = codesIn(body);
        expect(status).toBe(400);
        expect(Object.keys(REJECTIONS)).toContain(code);
        expect(body.errors[0].message).toMatch(REJECTIONS[code] as RegExp);
      },
    );
  });

  it('whose text is mutated gets a result or a request error', { timeout: 60_000 }, async ({ target }) => {
    const texts = mutated(
      operations.map(({ document }) => document),
      fc.oneof(fc.constantFrom(...SNIPPETS), anyText(10)),
    );
    await assertProperty(
      target,
      { values: texts, runs: 150, upstreamCalls: { perRun: 3 } },
      async (graphql, request) => {
        const { status, body } = await request({ graphql, token: target.ada.token });
        expect([200, 400]).toContain(status);
        expect(status === 200 ? [...REJECTION_CODES] : REQUEST_ERROR_CODES).toEqual(
          expect.arrayContaining(codesIn(body)),
        );
      },
    );
  });

  it('with any variables gets a result or a request error', { timeout: 60_000 }, async ({ target }) => {
    const values = operations.chain(({ document, variables }) => {
      const changes = fc.dictionary(fc.constantFrom(...Object.keys(variables), 'x'), anyJson(), { maxKeys: 3 });
      return fc.record({
        graphql: fc.constant(document),
        variables: changes.map((changed) => ({ ...variables, ...changed })),
      });
    });
    await assertProperty(target, { values, runs: 150, upstreamCalls: { perRun: 3 } }, async (operation, request) => {
      const { status, body } = await request({ ...operation, token: target.ada.token });
      expect([200, 400]).toContain(status);
      expect(status === 200 ? [...REJECTION_CODES] : REQUEST_ERROR_CODES).toEqual(
        expect.arrayContaining(codesIn(body)),
      );
    });
  });
});
