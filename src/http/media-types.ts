import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';

const RESPONSES_OF_GRAPHQL = ['application/json', 'application/graphql-response+json'];

/** Returns whether the client prefers a page to JSON, as browsers do that navigate. Without `Accept` it does not. */
export function prefersPage(headers: IncomingHttpHeaders): boolean {
  return new Negotiator({ headers }).mediaType([...RESPONSES_OF_GRAPHQL, 'text/html']) === 'text/html';
}

/** Returns whether `Accept` allows a response of GraphQL. A missing and an empty one do. */
export function acceptsGraphqlResponse(headers: IncomingHttpHeaders): boolean {
  return !headers.accept || new Negotiator({ headers }).mediaType(RESPONSES_OF_GRAPHQL) !== undefined;
}
