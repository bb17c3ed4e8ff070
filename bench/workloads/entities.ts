import type { HttpRequest } from './http-request.ts';
import {
  ENTITIES_SERVERS,
  graphqlRequest,
  type RequestSource,
  randomReadOnlyUsers,
  type Workload,
} from './workload.ts';

const QUERY =
  'query Entities($r:[_Any!]!){_entities(representations:$r){...on User{' +
  'badges(first:10){id name description iconUrl dateAchieved}' +
  'goals(first:10){id title description status streakCount}}}}';

/** Batches above this size get fewer requests, which limits the memory of the load generator. */
const LARGE_BATCH = 50;

/** Returns the request of a gateway for the badges and goals of `count` users. */
export function entitiesRequest(source: RequestSource, count: number): HttpRequest {
  const r = randomReadOnlyUsers(source, count).map((id) => ({ __typename: 'User', id }));
  return graphqlRequest(source, { operationName: 'Entities', query: QUERY, variables: { r } });
}

export function entities(count: number): Workload {
  const requests = count > LARGE_BATCH ? 300 : 2000;
  return {
    name: `entities-${count}`,
    title: `\`_entities\`: ${count === 1 ? 'one user' : `${count} users`} with badges and goals`,
    servers: ENTITIES_SERVERS,
    requests: (source) => Array.from({ length: requests }, () => entitiesRequest(source, count)),
  };
}
