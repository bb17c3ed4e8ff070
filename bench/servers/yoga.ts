import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { createContext, resolvers, sdl } from './shared/schema.ts';

// GraphQL Yoga on node:http, as in https://the-guild.dev/graphql/yoga-server/docs/features/apollo-federation.
const yoga = createYoga({
  schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]),
  context: createContext,
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
