const { AUTH_SERVICE_URL } = process.env;

export interface Person {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
}

export const LOOK_UP =
  'query UserServiceLookup($representations: [_Any!]!) { _entities(representations: $representations) ' +
  '{ ... on User { id username displayName avatarUrl } } }';

/** Asks the auth-service for one person, without a second try. */
export async function lookUp(id: string): Promise<Person> {
  const response = await fetch(`${AUTH_SERVICE_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LOOK_UP, variables: { representations: [{ __typename: 'User', id }] } }),
  });
  const { data } = (await response.json()) as { data: { _entities: [Person] } };
  return data._entities[0];
}
