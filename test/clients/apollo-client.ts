import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { createCache } from './apollo-cache.ts';
import { createRetryLink } from './apollo-retry.ts';

interface ClientOptions {
  /** The URL of the gateway's GraphQL. */
  uri: string;
  getToken: () => string | undefined;
  fetch?: typeof globalThis.fetch;
}

export function createApolloClient({ uri, getToken, fetch = globalThis.fetch }: ClientOptions): ApolloClient {
  const authorize = new ApolloLink((operation, forward) => {
    const token = getToken();
    if (token !== undefined) operation.setContext({ headers: { authorization: `Bearer ${token}` } });
    return forward(operation);
  });
  const link = ApolloLink.from([createRetryLink(), authorize, new HttpLink({ uri, fetch })]);
  return new ApolloClient({ cache: createCache(), link });
}
