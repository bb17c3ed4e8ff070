import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { People, Person } from './people.ts';

export interface Context {
  callerId: string | null;
  people: People;
}

const resolvers = {
  Query: {
    me: (_: unknown, _args: unknown, { callerId, people }: Context) => (callerId ? people.load(callerId) : null),
    user: (_: unknown, { id }: { id: string }, { people }: Context) => people.load(id),
  },
  User: {
    __resolveReference: ({ id }: { id: string }, { people }: Context) => people.load(id),
    email: (person: Person, _: unknown, { callerId }: Context) => (person.id === callerId ? person.email : null),
  },
};

/** Apollo's plugins that report to its cloud are off, whatever the environment says. */
export function buildSubgraph(): ApolloServer<Context> {
  const typeDefs = parse(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
  return new ApolloServer<Context>({
    schema: buildSubgraphSchema([{ typeDefs, resolvers }]),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}
