import type { HttpRequest } from '../lib/http-request.ts';
import { connectionRequest } from './connection.ts';
import { mutationRequest, withoutNews } from './create.ts';
import { entitiesRequest } from './entities.ts';
import { type Source, WITH_EVERY_QUERY, type Workload } from './workload.ts';

/** Of ten requests one writes: five ask for one person, two for twenty, two for a page by connection. */
function request(source: Source, n: number): HttpRequest {
  const kind = n % 10;
  if (kind < 5) return entitiesRequest(source, 1);
  if (kind < 7) return entitiesRequest(source, 20);
  return kind < 9 ? connectionRequest(source) : mutationRequest(source, n);
}

export const mix: Workload = {
  name: 'mix',
  title: 'GraphQL: a mix of 90% reads and 10% writes',
  servers: WITH_EVERY_QUERY,
  writes: true,
  comparable: withoutNews,
  requests: (source) => Array.from({ length: 2000 }, (_, n) => request(source, n)),
};
