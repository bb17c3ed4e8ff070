import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { parseInstant } from '../lib/instant.ts';
import { parseDate } from '../lib/local-date.ts';

/** Maximum characters of an invalid literal in a message. */
const MAX_SHOWN = 100;

/** Instants leave the database as RFC 3339 text. */
const DateTime = textScalar(
  'DateTime',
  parseInstant,
  'DateTime must be an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00Z',
);

const DateScalar = textScalar('Date', parseDate, 'Date must be an existing date such as 2026-03-01');

export const scalarResolvers = { Date: DateScalar, DateTime };

/**
 * Returns a scalar of texts.
 * @param parse returns undefined for a text that is no value of the scalar
 */
function textScalar(
  name: string,
  parse: (text: string) => string | undefined,
  expectation: string,
): GraphQLScalarType<string, string> {
  return new GraphQLScalarType({
    name,
    serialize: String,
    parseValue: (value) => {
      const parsed = typeof value === 'string' ? parse(value) : undefined;
      // NOTE: the message of graphql-js about a variable begins with the value
      if (parsed === undefined) throw new GraphQLError(expectation);
      return parsed;
    },
    parseLiteral: (node) => {
      const parsed = node.kind === Kind.STRING ? parse(node.value) : undefined;
      if (parsed === undefined) throw new GraphQLError(`${expectation}, not ${shownLiteral(node)}`, { nodes: node });
      return parsed;
    },
  });
}

function shownLiteral(node: ValueNode): string {
  const text = print(node);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
