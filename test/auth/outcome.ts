import { expect } from 'vitest';
import type { HttpClient, RestResponse } from '../support/http-client.ts';

/** The responses of REST and GraphQL to one `Authorization` header. */
interface Outcome {
  rest: unknown;
  graphql: unknown;
}

/** The responses to an invalid token. */
export const rejected: Outcome = {
  rest: {
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    detail: 'Could not validate credentials',
    code: 'UNAUTHENTICATED',
  },
  graphql: {
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    errors: [
      {
        message: 'Could not validate credentials',
        extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) },
      },
    ],
  },
};

const WRONG_SCHEME = 'The Authorization header must have the scheme Bearer and a token';
const WRONG_SCHEME_CHALLENGE = `Bearer error="invalid_request", error_description="${WRONG_SCHEME}"`;

/** The responses to another scheme than Bearer. The detail of REST is that of v1. */
export const wrongScheme: Outcome = {
  rest: { status: 401, challenge: WRONG_SCHEME_CHALLENGE, detail: 'Not authenticated', code: 'UNAUTHENTICATED' },
  graphql: {
    status: 401,
    challenge: WRONG_SCHEME_CHALLENGE,
    errors: [{ message: WRONG_SCHEME, extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }],
  },
};

/** The responses while the keys to verify the token are unavailable. */
export const unverifiable: Outcome = {
  rest: {
    status: 503,
    retryAfter: '2',
    detail: 'Credentials cannot be verified at the moment',
    code: 'AUTH_SERVICE_UNAVAILABLE',
  },
  graphql: {
    status: 503,
    retryAfter: '2',
    errors: [
      {
        message: 'Credentials cannot be verified at the moment',
        extensions: { code: 'AUTH_SERVICE_UNAVAILABLE', requestId: expect.any(String) },
      },
    ],
  },
};

/** The responses to an anonymous request. */
export const anonymous: Outcome = {
  rest: { status: 401, challenge: 'Bearer', detail: 'Not authenticated', code: 'UNAUTHENTICATED' },
  graphql: { status: 200, viewer: null },
};

/** The responses when the viewer is `id`. The DELETE finds no goal, and no user is looked up. */
export const accepted = (id: string): Outcome => ({
  rest: { status: 404, detail: 'Learning goal not found', code: 'NOT_FOUND' },
  graphql: { status: 200, viewer: { id } },
});

/** Sends the header to REST, as a DELETE of a goal of `id` that does not exist, and to GraphQL. */
export async function outcomeOf(client: HttpClient, authorization: string | undefined, id = 'ada'): Promise<Outcome> {
  const headers = { authorization };
  const [rest, graphql] = await Promise.all([
    client.rest(`/users/${id}/goals/999999999`, { method: 'DELETE', headers }),
    client.graphql('{ viewer { id } }', {}, { headers }),
  ]);
  return {
    rest: { ...factsOf(rest), detail: rest.body?.detail, code: rest.body?.code },
    graphql: {
      ...factsOf(graphql),
      ...(graphql.errors && { errors: graphql.errors }),
      ...(graphql.data && { viewer: graphql.data.viewer }),
    },
  };
}

export const outcomeOfToken = (client: HttpClient, token: string, id?: string) =>
  outcomeOf(client, `Bearer ${token}`, id);

function factsOf({ status, headers }: RestResponse) {
  const challenge = headers['www-authenticate'];
  const retryAfter = headers['retry-after'];
  return { status, ...(challenge && { challenge }), ...(retryAfter && { retryAfter }) };
}
