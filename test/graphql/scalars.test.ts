import { describe, expect, it } from 'vitest';
import { scalarResolvers } from '../../src/graphql/scalars.ts';

const { Date: DateScalar } = scalarResolvers;

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
