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
import type { User, UserLoader } from './users.ts';

export interface Context {
  viewerId: string | null;
  users: UserLoader;
}

const resolvers = {
  Query: {
    me: (_: unknown, _args: unknown, { viewerId, users }: Context) => (viewerId ? users.load(viewerId) : null),
    user: (_: unknown, { id }: { id: string }, { users }: Context) => users.load(id),
  },
  User: {
    __resolveReference: ({ id }: { id: string }, { users }: Context) => users.load(id),
    email: (user: User, _: unknown, { viewerId }: Context) => (user.id === viewerId ? user.email : null),
  },
};

/** Builds the subgraph's server. Apollo's reporting plugins stay off even when the environment has an API key. */
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
