import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Demand, RequestContext } from '../../request-context.ts';
import { analyzeArguments, type DocumentArguments, type Variables, variableProblem } from './argument-limits.ts';
import {
  MAX_DEPTH,
  MAX_FIELDS,
  MAX_LOADED_FIELDS,
  MAX_MUTATION_FIELDS,
  MAX_RESPONSE_BYTES,
  MAX_ROWS,
} from './limits.ts';
import { countFields, evaluateDemand, responseBytes } from './operation-demand.ts';
import { type Selection, SelectionAnalyzer } from './selections.ts';

/** The analysis of a document, which its operations share: its size does not depend on their number. */
interface DocumentAnalysis {
  selections: SelectionAnalyzer;
  arguments: DocumentArguments;
  operations: Map<OperationDefinitionNode, Selection>;
}

/**
 * Rejects an operation, before it loads anything, by upper bounds of its response: depth, number of fields, bytes of their
 * names; and by the size of its arguments. Sets the context's `demand`. Each document is analyzed once.
 */
export function demandControl(): ApolloServerPlugin<RequestContext> {
  // NOTE: keyed by Apollo Server's cached documents, so that an analysis goes with its document
  const analyses = new WeakMap<DocumentNode, DocumentAnalysis>();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
        if (operation === undefined) return;
        const analysis = analyses.get(document) ?? analyze(schema, document);
        analyses.set(document, analysis);
        const selection = analysis.operations.get(operation) ?? select(schema, analysis, operation);
        analysis.operations.set(operation, selection);
        const variables = variablesOf(operation, request.variables ?? {});
        const problem = analysis.arguments.problem ?? variableProblem(analysis.arguments, variables);
        if (problem !== undefined) throw rejection(problem, 'BAD_USER_INPUT');
        contextValue.demand = requireWithinLimits(operation, selection, variables);
      },
    }),
  };
}

function analyze(schema: GraphQLSchema, document: DocumentNode): DocumentAnalysis {
  const selections = new SelectionAnalyzer(schema, document);
  return { selections, arguments: analyzeArguments(document), operations: new Map() };
}

function select(
  schema: GraphQLSchema,
  { selections }: DocumentAnalysis,
  { operation, selectionSet }: OperationDefinitionNode,
): Selection {
  const root = schema.getRootType(operation);
  if (root == null) throw rejection(`is a ${operation}, which the schema does not define`);
  return selections.analyze(selectionSet, root);
}

function variablesOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Variables {
  const values = new Map<string, unknown>();
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (Object.hasOwn(given, name)) values.set(name, given[name]);
    else if (defaultValue !== undefined) values.set(name, valueFromASTUntyped(defaultValue));
  }
  return values;
}

function requireWithinLimits(
  { operation }: OperationDefinitionNode,
  selection: Selection,
  variables: Variables,
): Demand {
  if (selection.depth > MAX_DEPTH) throw rejection(`is more than ${MAX_DEPTH} levels deep`);
  const demand = evaluateDemand(selection, variables);
  requireAtMost(MAX_FIELDS, demand.fields, 'fields');
  requireAtMost(MAX_LOADED_FIELDS, demand.loaded, 'loaded fields');
  requireAtMost(MAX_ROWS, demand.rows, 'rows');
  requireAtMost(MAX_RESPONSE_BYTES, demand.nameBytes, 'bytes of field names');
  if (operation === OperationTypeNode.MUTATION) {
    requireAtMost(MAX_MUTATION_FIELDS, countFields(selection), 'mutations');
    // NOTE: a response over the limit is an error, which must not hide what the mutation has changed
    requireAtMost(MAX_RESPONSE_BYTES, responseBytes(demand), 'bytes after a mutation');
  }
  return demand;
}

function requireAtMost(maximum: number, demand: number, unit: string): void {
  if (demand > maximum) throw rejection(`asks for up to ${demand} ${unit}; the maximum is ${maximum}`);
}

function rejection(reason: string, code = 'GRAPHQL_VALIDATION_FAILED'): GraphQLError {
  return new GraphQLError(`The operation ${reason}.`, { extensions: { code, http: { status: 400 } } });
}
