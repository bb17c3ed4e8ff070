import type { AuthService, Call, Endpoint } from '../support/auth-service.ts';
import { expect } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

export type Contract = 'graphql' | 'rest';

/** The two contracts that the auth-service may be asked by, and where each is answered. */
export const contracts: [Contract, Endpoint][] = [
  ['graphql', 'graphql'],
  ['rest', 'users'],
];

export const query = 'query($id: ID!) { learner(id: $id) { id } }';

/** A profile over REST and a person over GraphQL; the codes of their failures in place of what failed. */
export async function ask(client: HttpClient, id: string) {
  const [profile, learner] = await Promise.all([client.rest(`/users/${id}`), client.graphql(query, { id })]);
  return {
    profile: profile.body?.code ?? profile.body?.username,
    learner: learner.errors?.map(({ extensions }: Json) => extensions.code) ?? learner.data.learner,
  };
}

/** What a failed look-up answers over REST, but for when to try again. */
export const unavailable = {
  status: 503,
  body: {
    detail: 'The auth-service is temporarily unavailable',
    code: 'AUTH_SERVICE_UNAVAILABLE',
    request_id: expect.any(String),
  },
};

/** The look-ups that the auth-service has seen, of either contract. */
export const lookups = (auth: AuthService): Call[] =>
  auth.calls.filter(({ endpoint, url }) => endpoint !== 'jwks' || url.startsWith('/elsewhere'));
