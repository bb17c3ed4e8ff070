import type { HttpClient, RestResponse } from '../support/http-client.ts';

/** What both surfaces make of one `Authorization` header. */
export interface Verdict {
  rest: unknown;
  graphql: unknown;
}

/** The answer to a token that is not good. */
export const refused: Verdict = {
  rest: {
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    detail: 'Could not validate credentials',
    code: 'UNAUTHENTICATED',
  },
  graphql: {
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    errors: [{ message: 'Could not validate credentials', extensions: { code: 'UNAUTHENTICATED' } }],
  },
};

/** The answer when nobody can tell whether the token is good. */
export const unknowable: Verdict = {
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
      { message: 'Credentials cannot be verified at the moment', extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' } },
    ],
  },
};

/** The answer when the caller is nobody. */
export const anonymous: Verdict = {
  rest: { status: 401, challenge: 'Bearer', detail: 'Not authenticated', code: 'UNAUTHENTICATED' },
  graphql: { status: 200, viewer: null },
};

/** The answer when the caller is this person, whom the auth-service need not know: a goal of theirs is not found. */
export const accepted = (id: string): Verdict => ({
  rest: { status: 404, detail: 'Learning goal not found', code: 'NOT_FOUND' },
  graphql: { status: 200, viewer: { id } },
});

/** Asks both surfaces with this header; the REST call is a write to `id`'s own things that would change nothing. */
export async function verdictOn(client: HttpClient, authorization: string | undefined, id = 'ada'): Promise<Verdict> {
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

export const verdictOnToken = (client: HttpClient, token: string, id?: string) =>
  verdictOn(client, `Bearer ${token}`, id);

function factsOf({ status, headers }: RestResponse) {
  const challenge = headers['www-authenticate'];
  const retryAfter = headers['retry-after'];
  return { status, ...(challenge && { challenge }), ...(retryAfter && { retryAfter }) };
}
