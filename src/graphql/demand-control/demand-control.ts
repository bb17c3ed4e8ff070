import type { GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import type { RequestContext } from '../../request-context.ts';
import { DocumentAnalysis } from './document-analysis.ts';

/**
 * Returns a function that rejects an operation, before it loads data, by upper bounds of its response and by the size
 * of its arguments. The bounds are depth, number of fields and of rows, and bytes of names. It sets the context's
 * `demand`. Each document is analyzed once.
 * @throws GraphQLError with status 400, from the returned function
 */
export function demandControl() {
  // NOTE: keyed by Apollo Server's cached documents, so that an analysis goes with its document
  const analyses = new WeakMap<DocumentNode, DocumentAnalysis>();
  return (resolved: GraphQLRequestContextDidResolveOperation<RequestContext>): void => {
    const { schema, document, operation, request, contextValue } = resolved;
    if (operation === undefined) return;
    const analysis = analyses.get(document) ?? new DocumentAnalysis(schema, document);
    analyses.set(document, analysis);
    contextValue.demand = analysis.demand(operation, request.variables ?? {});
  };
}
