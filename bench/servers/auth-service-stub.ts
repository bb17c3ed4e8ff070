import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';

// A stub of the auth-service that knows every user id. It serves the JWKS, lookups, and a subgraph for the gateway.

const { PORT, JWKS = '' } = process.env;
const typeDefs = parse(readFileSync(new URL('../../dev/auth-service/schema.graphql', import.meta.url), 'utf8'));
const resolvers = {
  Query: { user: (_: unknown, { id }: { id: string }) => createUser(id) },
  User: { __resolveReference: ({ id }: { id: string }) => createUser(id) },
};
const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
let lookups = 0;

function createUser(id: string) {
  return { id, username: `u-${id.slice(0, 8)}`, displayName: `User ${id.slice(0, 4)}`, avatarUrl: null };
}

/** Answers lookups without GraphQL execution, so that the stub is not the bottleneck of the measured servers. */
async function execute(body: string): Promise<unknown> {
  const { query: source, variables: variableValues } = JSON.parse(body);
  if (!source.startsWith('query UserServiceLookup')) return graphql({ schema, source, variableValues });
  lookups++;
  return { data: { _entities: variableValues.representations.map(({ id }: { id: string }) => createUser(id)) } };
}

function send(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

createServer(async (request, response) => {
  if (request.url === '/jwks') send(response, JWKS);
  else if (request.url === '/lookups') send(response, String(lookups));
  else if (request.method === 'POST') send(response, JSON.stringify(await execute(await text(request))));
  else response.writeHead(404).end();
}).listen(Number(PORT), '127.0.0.1');
