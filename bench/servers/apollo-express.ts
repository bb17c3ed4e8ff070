import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { parse } from 'graphql';
import { type Context, createContext, resolvers, sdl } from './shared/schema.ts';

// Apollo Server on Express with all defaults, as in https://www.apollographql.com/docs/apollo-server.
const server = new ApolloServer<Context>({
  schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]),
});
await server.start();
const app = express();
app.use(
  '/graphql',
  express.json({ limit: '1mb' }),
  expressMiddleware(server, { context: async () => createContext() }),
);
app.listen(Number(process.env.PORT), '127.0.0.1');
