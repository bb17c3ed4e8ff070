import { GraphQLScalarType } from 'graphql';

/** Instants leave the database as RFC 3339 text. No input of this subgraph contains one. */
const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: String,
});

export const scalarResolvers = { DateTime };
