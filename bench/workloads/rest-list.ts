import type { HttpRequest } from './http-request.ts';
import { REST_SERVERS, type RequestSource, randomReadOnlyUser, type Workload } from './workload.ts';

function request(source: RequestSource): HttpRequest {
  const id = randomReadOnlyUser(source);
  return { method: 'GET', path: `/users/${id}/badges`, token: source.tokenFor(id) };
}

export const restList: Workload = {
  name: 'rest-list',
  title: "REST: a user's badges",
  servers: REST_SERVERS,
  requests: (source) => Array.from({ length: 2000 }, () => request(source)),
};
