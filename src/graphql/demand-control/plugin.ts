import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Demand, RequestContext } from '../../request-context.ts';
import { analyzeArguments, type DocumentArguments, variableProblem } from './argument-limits.ts';
import type { Variables } from './field-sizes.ts';
import { MAX_DEPTH, MAX_FIELDS, MAX_RESPONSE_BYTES } from './limits.ts';
import { OperationDemand } from './operation-demand.ts';

interface Analysis {
  demand: OperationDemand;
  arguments: DocumentArguments;
}

/**
 * Rejects an operation, before it loads anything, by upper bounds of its response: depth, number of fields, bytes of their
 * names; and by the size of its arguments. Sets the context's `demand`. Each document is analyzed once.
 */
export function demandControl(): ApolloServerPlugin<RequestContext> {
  // NOTE: keyed by Apollo Server's cached documents, so that an analysis goes with its document
  const analyses = new WeakMap<OperationDefinitionNode, Analysis>();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
        if (operation === undefined) return;
        let analysis = analyses.get(operation);
        if (analysis === undefined) {
          analysis = analyze(schema, document, operation);
          analyses.set(operation, analysis);
        }
        contextValue.demand = requireWithinLimits(analysis, request.variables ?? {});
      },
    }),
  };
}

function analyze(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Analysis {
  const root = schema.getRootType(operation.operation);
  if (root == null) throw rejection(`is a ${operation.operation}, which the schema does not define`);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const defaults = new Map(operation.variableDefinitions?.map((node) => [node.variable.name.value, node.defaultValue]));
  return {
    demand: new OperationDemand({ schema, fragments, defaults }, root, operation.selectionSet),
    arguments: analyzeArguments(document, operation),
  };
}

function requireWithinLimits(analysis: Analysis, variables: Variables): Demand {
  const problem = analysis.arguments.problem ?? variableProblem(analysis.arguments, variables);
  if (problem !== undefined) throw rejection(problem, 'BAD_USER_INPUT');
  if (analysis.demand.depth > MAX_DEPTH) throw rejection(`is more than ${MAX_DEPTH} levels deep`);
  const demand = analysis.demand.evaluate(variables);
  if (demand.fields > MAX_FIELDS)
    throw rejection(`asks for up to ${demand.fields} fields; the maximum is ${MAX_FIELDS}`);
  if (demand.nameBytes > MAX_RESPONSE_BYTES) {
    throw rejection(`asks for up to ${demand.nameBytes} bytes of field names; the maximum is ${MAX_RESPONSE_BYTES}`);
  }
  return demand;
}

function rejection(reason: string, code = 'GRAPHQL_VALIDATION_FAILED'): GraphQLError {
  return new GraphQLError(`The operation ${reason}.`, { extensions: { code, http: { status: 400 } } });
}
