import { parseValue, valueFromASTUntyped } from 'graphql';
import { describe, expect, it } from 'vitest';
import { scalarResolvers } from '../../src/graphql/scalars.ts';

const { Date: DateScalar, JSON: JsonScalar } = scalarResolvers;

describe('Date', () => {
  it.each(['2026-03-01', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('accepts %s', (text) => {
    expect(DateScalar.parseValue(text)).toBe(text);
    expect(DateScalar.serialize(text)).toBe(text);
  });

  it.each<unknown>([
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-00-01',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '0000-01-01',
    '-000001-01-01',
    '+012026-01-01',
    '2026-3-1',
    '20260301',
    '2026-03-01T00:00:00Z',
    ' 2026-03-01',
    '2026-03-01\n',
    '٢٠٢٦-03-01',
    '',
    20_260_301,
    null,
    true,
    ['2026-03-01'],
    new Date(0),
  ])('rejects %j', (value) => {
    expect(() => DateScalar.parseValue(value)).toThrow('Date must be an existing date such as 2026-03-01');
  });
});

const nested = (levels: number) => JSON.parse(`${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}`);

describe('JSON', () => {
  it.each<[string, unknown]>([
    ['1,000 values', Array(999).fill(0)],
    ['20 levels', nested(20)],
    ['20,000 characters', 'x'.repeat(20_000)],
    ['null', null],
    ['an object', { a: [1.5, 'text', { b: null }], c: true }],
  ])('accepts %s, unchanged', (_, value) => {
    expect(JsonScalar.parseValue(value)).toBe(value);
  });

  it.each<[string, unknown]>([
    ['1,001 values', Array(1000).fill(0)],
    ['1,001 values in several lists', Array(10).fill(Array(99).fill({}))],
    ['21 levels', nested(21)],
    ['50,000 levels', nested(50_000)],
    ['20,001 characters', 'x'.repeat(20_001)],
    ['20,001 characters in several texts', { a: 'x'.repeat(10_000), b: ['x'.repeat(10_000)] }],
    ['20,001 characters in names', { ['x'.repeat(10_000)]: { ['y'.repeat(10_001)]: 1 } }],
  ])('rejects %s', (_, value) => {
    expect(() => JsonScalar.parseValue(value)).toThrow(
      'JSON must have at most 1000 values, 20 levels and 20000 characters',
    );
  });

  it('reads literals, with variables inside, by the same limits', () => {
    const literal = parseValue('{ streak: { gte: $gte }, list: [1, 2.5, "x", ENUM, null, true] }');
    const value = JsonScalar.parseLiteral(literal, { gte: 7 });
    expect(value).toEqual(valueFromASTUntyped(literal, { gte: 7 }));
    expect(value).toMatchObject({ streak: { gte: 7 } });
    expect(() => JsonScalar.parseLiteral(parseValue(`[${'1,'.repeat(1000)}]`))).toThrow('at most 1000 values');
  });
});
