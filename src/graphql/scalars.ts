import { GraphQLError, GraphQLScalarType } from 'graphql';
import { parseInstant } from '../lib/instant.ts';
import { isWithinLimits } from '../lib/json-value.ts';
import { parseDate } from '../lib/local-date.ts';

/** More than any input of the schema needs. */
const JSON_LIMITS = { values: 1000, levels: 20, characters: 20_000 };

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

const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  parseValue: (value) => {
    if (isWithinLimits(value, JSON_LIMITS)) return value;
    const { values, levels, characters } = JSON_LIMITS;
    throw new GraphQLError(`JSON must have at most ${values} values, ${levels} levels and ${characters} characters`);
  },
});

export const scalarResolvers = { Date: DateScalar, DateTime, JSON: JsonScalar };
