import type { HttpRequest } from './http-request.ts';
import { GRAPHQL_SERVERS, graphqlRequest, type RequestSource, randomReadOnlyUser, type Workload } from './workload.ts';

const QUERY =
  'query Connection($r:[_Any!]!,$after:String){_entities(representations:$r){...on User{' +
  'badgesConnection(first:5,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes{id name dateAchieved}}}}}';

/** A position in the middle of the badges of every user. */
const CURSOR = Buffer.from('2024-03-10T00:00:00.001Z 100000').toString('base64url');

/** Returns a request for the first page or, half of the time, for a page after a cursor. */
export function connectionRequest(source: RequestSource): HttpRequest {
  const r = [{ __typename: 'User', id: randomReadOnlyUser(source) }];
  const after = source.random() < 0.5 ? null : CURSOR;
  return graphqlRequest(source, { operationName: 'Connection', query: QUERY, variables: { r, after } });
}

export const connection: Workload = {
  name: 'connection',
  title: 'GraphQL: a page of `badgesConnection` with the total count',
  servers: GRAPHQL_SERVERS,
  requests: (source) => Array.from({ length: 2000 }, () => connectionRequest(source)),
};
