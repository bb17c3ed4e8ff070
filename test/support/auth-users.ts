import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, graphql, parse } from 'graphql';
import type { Json } from './json.ts';

/** A user of the auth-service. */
export interface TestUser {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
  email: string | null;
}

/** The field names of this auth-service, for tests of AUTH_USER_FIELDS. */
export type FieldNames = Partial<Record<Exclude<keyof TestUser, 'id'>, string>>;

export type Users = Map<string, TestUser>;

/** The GraphQL context of one request. */
interface Context {
  /** The verified subject of the bearer token; undefined for anonymous requests. */
  subject: string | undefined;
}

/** Builds the schema of the auth-service's subgraph: `_entities`, `_service`, `me` and `user`. */
export function buildUsersSchema(users: Users, names: FieldNames = {}): GraphQLSchema {
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
  const find = (id: string) => users.get(id) ?? null;
  const resolvers = {
    Query: {
      me: (_: unknown, __: unknown, context: Context) => find(context.subject ?? ''),
      user: (_: unknown, { id }: { id: string }) => find(id),
    },
    User: {
      __resolveReference: ({ id }: { id: string }) => find(id),
      [name.username]: (user: TestUser) => user.username,
      [name.displayName]: (user: TestUser) => user.displayName,
      [name.avatarUrl]: (user: TestUser) => user.avatarUrl,
      [name.email]: (user: TestUser, _: unknown, context: Context) => (context.subject === user.id ? user.email : null),
    },
  };
  return buildSubgraphSchema([{ typeDefs, resolvers }]);
}

export async function answerGraphql(schema: GraphQLSchema, body: Json, context: Context) {
  if (typeof body?.query !== 'string') return { status: 400, body: { errors: [{ message: 'No query' }] } };
  const { query: source, variables: variableValues, operationName } = body;
  const result = await graphql({ schema, source, variableValues, operationName, contextValue: context });
  return { status: 'data' in result ? 200 : 400, body: result as Json };
}

/** Answers v1's lookup, `GET /users/{id}`. */
export function answerRest(users: Users, id: string) {
  const user = users.get(id);
  if (!user) return { status: 404, body: { detail: 'User not found' } as Json };
  return { status: 200, body: { id, username: user.username, email: user.email } as Json };
}
