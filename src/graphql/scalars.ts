import { GraphQLScalarType } from 'graphql';

/** Instants leave the database as RFC 3339 text already; no input of this subgraph has one. */
const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: String,
});

export const scalarResolvers = { DateTime };
