import type { HttpRequest } from '../lib/http-request.ts';
import { REST_SERVERS, type Source, WITH_EVERY_QUERY, type Workload, writer } from './workload.ts';

const MUTATION =
  'mutation CreateBadge($input:CreateBadgeInput!){createBadge(input:$input){' +
  'badge{id name description iconUrl dateAchieved}}}';
const BADGE = { name: 'Polyglot', description: 'For courses in three languages' };
const ICON = 'https://cdn.example.org/badges/polyglot.svg';
const WRITES = 2000;

/** The n-th of the writers gives themselves a badge. */
export function mutationRequest({ tokenOf }: Source, n: number): HttpRequest {
  const userId = writer(n);
  const variables = { input: { userId, ...BADGE, iconUrl: ICON } };
  const body = { operationName: 'CreateBadge', query: MUTATION, variables };
  return { method: 'POST', path: '/graphql', body, token: tokenOf(userId) };
}

/** Without what is new each time: the badge's id and its instant. */
export function withoutNews(answer: string): string {
  return answer.replace(/"id":"?\d+"?/g, '"id":0').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'now');
}

export const mutation: Workload = {
  name: 'mutation',
  title: 'GraphQL: a mutation, `createBadge`',
  servers: WITH_EVERY_QUERY,
  writes: true,
  comparable: withoutNews,
  requests: (source) => Array.from({ length: WRITES }, (_, n) => mutationRequest(source, n)),
};

export const restCreate: Workload = {
  name: 'rest-create',
  title: 'REST: a badge is created',
  servers: REST_SERVERS,
  writes: true,
  comparable: withoutNews,
  requests: ({ tokenOf }) =>
    Array.from({ length: WRITES }, (_, n) => {
      const id = writer(n);
      return { method: 'POST', path: `/users/${id}/badges`, body: { ...BADGE, icon_url: ICON }, token: tokenOf(id) };
    }),
};
