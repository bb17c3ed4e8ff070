import { connectionRequest } from './connection.ts';
import { mutationRequest, withoutGeneratedValues } from './create-badge.ts';
import { entitiesRequest } from './entities.ts';
import type { HttpRequest } from './http-request.ts';
import { GRAPHQL_SERVERS, type RequestSource, type Workload } from './workload.ts';

/** Of ten requests, five read one user, two read 20 users, two read a page by connection, and one creates a badge. */
function mixedRequest(source: RequestSource, n: number): HttpRequest {
  const kind = n % 10;
  if (kind < 5) return entitiesRequest(source, 1);
  if (kind < 7) return entitiesRequest(source, 20);
  return kind < 9 ? connectionRequest(source) : mutationRequest(source, n);
}

export const mix: Workload = {
  name: 'mix',
  title: 'GraphQL: a mix of 90% reads and 10% writes',
  servers: GRAPHQL_SERVERS,
  writes: true,
  normalize: withoutGeneratedValues,
  requests: (source) => Array.from({ length: 2000 }, (_, n) => mixedRequest(source, n)),
};
