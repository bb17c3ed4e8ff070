import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { LOOKUP_QUERY, type User } from '../shared/lookup.ts';

const { AUTH_SERVICE_URL } = process.env;
const agent = new Agent({ keepAlive: true });
const headers = { 'content-type': 'application/json' };

/** Requests a user from the auth-service with node:http, because `fetch` takes several times the CPU time. */
export function lookUpUser(id: string): Promise<User> {
  const body = JSON.stringify({ query: LOOKUP_QUERY, variables: { representations: [{ __typename: 'User', id }] } });
  return new Promise((resolve, reject) => {
    request(`${AUTH_SERVICE_URL}/graphql`, { method: 'POST', agent, headers }, (response) => {
      json(response).then((result) => resolve((result as { data: { _entities: [User] } }).data._entities[0]), reject);
    })
      .on('error', reject)
      .end(body);
  });
}
