import type { HttpRequest } from '../lib/http-request.ts';
import { operation, readers, type Source, WITH_ENTITIES, type Workload } from './workload.ts';

const QUERY =
  'query Entities($r:[_Any!]!){_entities(representations:$r){...on User{' +
  'badges(first:10){id name description iconUrl dateAchieved}' +
  'goals(first:10){id title description status streakCount}}}}';

/** What a gateway asks for a list of `count` people. */
export function entitiesRequest(source: Source, count: number): HttpRequest {
  const r = readers(source, count).map((id) => ({ __typename: 'User', id }));
  return operation(source, { operationName: 'Entities', query: QUERY, variables: { r } });
}

export function entities(count: number): Workload {
  return {
    name: `entities-${count}`,
    title: `\`_entities\`: ${count === 1 ? 'one person' : `${count} people`} with their badges and goals`,
    servers: WITH_ENTITIES,
    requests: (source) => Array.from({ length: count > 50 ? 300 : 2000 }, () => entitiesRequest(source, count)),
  };
}
