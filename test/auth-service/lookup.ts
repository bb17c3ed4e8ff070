import type { AuthService, Call, Endpoint } from '../support/auth-service.ts';
import { expect } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

export type Contract = 'graphql' | 'rest';

/** The lookup contracts, each with its endpoint. */
export const contracts: [Contract, Endpoint][] = [
  ['graphql', 'graphql'],
  ['rest', 'users'],
];

export const query = 'query($id: ID!) { learner(id: $id) { id } }';

/** Requests the profile over REST and the learner over GraphQL. Returns the error codes of those that fail. */
export async function requestUser(client: HttpClient, id: string) {
  const [profile, learner] = await Promise.all([client.rest(`/users/${id}`), client.graphql(query, { id })]);
  return {
    profile: profile.body?.code ?? profile.body?.username,
    learner: learner.errors?.map(({ extensions }: Json) => extensions.code) ?? learner.data.learner,
  };
}

/** The REST response to a failed lookup, without `Retry-After`. */
export const unavailable = {
  status: 503,
  body: {
    detail: 'The auth-service is temporarily unavailable',
    code: 'AUTH_SERVICE_UNAVAILABLE',
    request_id: expect.any(String),
  },
};

/** The lookups that the auth-service has received, of both contracts. */
export const lookups = (auth: AuthService): Call[] =>
  auth.calls.filter(({ endpoint, url }) => endpoint !== 'jwks' || url.startsWith('/elsewhere'));
