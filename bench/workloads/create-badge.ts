import type { HttpRequest } from './http-request.ts';
import { CREATE_SERVERS, REST_SERVERS, type RequestSource, type Workload, writtenUser } from './workload.ts';

const MUTATION =
  'mutation CreateBadge($input:CreateBadgeInput!){createBadge(input:$input){' +
  'badge{id name description iconUrl dateAchieved}}}';
const BADGE = { name: 'Polyglot', description: 'For courses in three languages' };
const ICON_URL = 'https://cdn.example.org/badges/polyglot.svg';
const REQUESTS = 2000;

/** Returns the n-th mutation: a user creates a badge of their own. */
export function mutationRequest({ tokenFor }: RequestSource, n: number): HttpRequest {
  const userId = writtenUser(n);
  const variables = { input: { userId, ...BADGE, iconUrl: ICON_URL } };
  const body = { operationName: 'CreateBadge', query: MUTATION, variables };
  return { method: 'POST', path: '/graphql', body, token: tokenFor(userId) };
}

function restRequest({ tokenFor }: RequestSource, n: number): HttpRequest {
  const id = writtenUser(n);
  const body = { ...BADGE, icon_url: ICON_URL };
  return { method: 'POST', path: `/users/${id}/badges`, body, token: tokenFor(id) };
}

/** Replaces ids and instants, which every created badge gets. */
export function withoutGeneratedValues(response: string): string {
  return response.replace(/"id":"?\d+"?/g, '"id":0').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'now');
}

export const mutation: Workload = {
  name: 'mutation',
  title: 'GraphQL: the `createBadge` mutation',
  servers: CREATE_SERVERS,
  writes: true,
  normalize: withoutGeneratedValues,
  requests: (source) => Array.from({ length: REQUESTS }, (_, n) => mutationRequest(source, n)),
};

/** All badges belong to one user, whose row every write locks. */
export const oneUserMutation: Workload = {
  ...mutation,
  name: 'one-user-mutation',
  title: 'GraphQL: the `createBadge` mutation of one user',
  requests: (source) => [mutationRequest(source, 0)],
};

export const restCreate: Workload = {
  name: 'rest-create',
  title: 'REST: create a badge',
  servers: REST_SERVERS,
  writes: true,
  normalize: withoutGeneratedValues,
  requests: (source) => Array.from({ length: REQUESTS }, (_, n) => restRequest(source, n)),
};
