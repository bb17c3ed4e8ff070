import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';

/** As Apollo Server offers them: with the charset, which clients may name, and which other ones need not. */
const RESPONSES_OF_GRAPHQL = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];

/** Returns whether the client prefers a page to JSON, as browsers do that navigate. Without `Accept` it does not. */
export function prefersPage(headers: IncomingHttpHeaders): boolean {
  return new Negotiator({ headers }).mediaType([...RESPONSES_OF_GRAPHQL, 'text/html']) === 'text/html';
}

/** Returns whether `Accept` allows a response of GraphQL. A missing and an empty one do. */
export function acceptsGraphqlResponse(headers: IncomingHttpHeaders): boolean {
  return !headers.accept || new Negotiator({ headers }).mediaType(RESPONSES_OF_GRAPHQL) !== undefined;
}
