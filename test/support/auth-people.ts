import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, graphql, parse } from 'graphql';
import type { Json } from './json.ts';

/** A person as the auth-service knows them. */
export interface TestUser {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
  email: string | null;
}

/** The names that this auth-service gives to its fields, for tests of AUTH_USER_FIELDS. */
export type FieldNames = Partial<Record<Exclude<keyof TestUser, 'id'>, string>>;

export type People = Map<string, TestUser>;

/** Who asks: the verified subject of the bearer token, if any. */
interface Asker {
  subject: string | undefined;
}

/** The auth-service as the federated subgraph that it is: `_entities`, `_service`, `me` and `user`. */
export function peopleSchema(people: People, names: FieldNames = {}): GraphQLSchema {
  const name = { username: 'username', displayName: 'displayName', avatarUrl: 'avatarUrl', email: 'email', ...names };
  const typeDefs = parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type User @key(fields: "id") {
      id: ID!
      ${name.username}: String!
      ${name.displayName}: String
      ${name.avatarUrl}: String
      ${name.email}: String
    }
    type Query { me: User  user(id: ID!): User }
  `);
  const find = (id: string) => people.get(id) ?? null;
  const resolvers = {
    Query: {
      me: (_: unknown, __: unknown, asker: Asker) => find(asker.subject ?? ''),
      user: (_: unknown, { id }: { id: string }) => find(id),
    },
    User: {
      __resolveReference: ({ id }: { id: string }) => find(id),
      [name.username]: (user: TestUser) => user.username,
      [name.displayName]: (user: TestUser) => user.displayName,
      [name.avatarUrl]: (user: TestUser) => user.avatarUrl,
      [name.email]: (user: TestUser, _: unknown, asker: Asker) => (asker.subject === user.id ? user.email : null),
    },
  };
  return buildSubgraphSchema([{ typeDefs, resolvers }]);
}

export async function answerGraphql(schema: GraphQLSchema, body: Json, asker: Asker) {
  if (typeof body?.query !== 'string') return { status: 400, body: { errors: [{ message: 'No query' }] } };
  const { query: source, variables: variableValues, operationName } = body;
  const result = await graphql({ schema, source, variableValues, operationName, contextValue: asker });
  return { status: 'data' in result ? 200 : 400, body: result as Json };
}

/** The first version's contract: `GET /users/{id}`. */
export function answerRest(people: People, id: string) {
  const user = people.get(id);
  if (!user) return { status: 404, body: { detail: 'User not found' } as Json };
  return { status: 200, body: { id, username: user.username, email: user.email } as Json };
}
