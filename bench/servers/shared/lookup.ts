const { AUTH_SERVICE_URL } = process.env;

export interface User {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
}

export const LOOKUP_QUERY =
  'query UserServiceLookup($representations: [_Any!]!) { _entities(representations: $representations) ' +
  '{ ... on User { id username displayName avatarUrl } } }';

/** Requests a user from the auth-service, without retries. */
export async function lookUpUser(id: string): Promise<User> {
  const response = await fetch(`${AUTH_SERVICE_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LOOKUP_QUERY, variables: { representations: [{ __typename: 'User', id }] } }),
  });
  const { data } = (await response.json()) as { data: { _entities: [User] } };
  return data._entities[0];
}
