import { GraphQLError, GraphQLScalarType } from 'graphql';
import { parseInstant } from '../lib/instant.ts';
import { parseDate } from '../lib/local-date.ts';

/** Instants leave the database as RFC 3339 text. */
const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: String,
  parseValue: (value) => {
    const instant = typeof value === 'string' ? parseInstant(value) : undefined;
    if (instant !== undefined) return instant;
    throw new GraphQLError('DateTime must be an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00Z');
  },
});

const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  serialize: String,
  parseValue: (value) => {
    if (typeof value === 'string' && parseDate(value) !== undefined) return value;
    throw new GraphQLError('Date must be an existing date such as 2026-03-01');
  },
});

export const scalarResolvers = { Date: DateScalar, DateTime };
