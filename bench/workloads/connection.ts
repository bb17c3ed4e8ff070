import type { HttpRequest } from '../lib/http-request.ts';
import { operation, reader, type Source, WITH_EVERY_QUERY, type Workload } from './workload.ts';

const QUERY =
  'query Connection($r:[_Any!]!,$after:String){_entities(representations:$r){...on User{' +
  'badgesConnection(first:5,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes{id name dateAchieved}}}}}';

/** In the midst of everybody's badges. */
const CURSOR = Buffer.from('2024-03-10T00:00:00.001Z 100000').toString('base64url');

/** The first page, or one that follows a cursor. */
export function connectionRequest(source: Source): HttpRequest {
  const r = [{ __typename: 'User', id: reader(source) }];
  const after = source.random() < 0.5 ? null : CURSOR;
  return operation(source, { operationName: 'Connection', query: QUERY, variables: { r, after } });
}

export const connection: Workload = {
  name: 'connection',
  title: 'GraphQL: a page of badges by connection, with the total',
  servers: WITH_EVERY_QUERY,
  requests: (source) => Array.from({ length: 2000 }, () => connectionRequest(source)),
};
