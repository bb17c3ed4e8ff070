import { REST_SERVERS, reader, type Source, type Workload } from './workload.ts';

function request(source: Source) {
  const id = reader(source);
  return { method: 'GET', path: `/users/${id}/badges`, token: source.tokenOf(id) } as const;
}

export const restList: Workload = {
  name: 'rest-list',
  title: "REST: a person's badges",
  servers: REST_SERVERS,
  requests: (source) => Array.from({ length: 2000 }, () => request(source)),
};
