import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Demand } from '../../request-context.ts';
import { analyzeArguments, type DocumentArguments, type Variables, variableProblem } from './argument-limits.ts';
import {
  MAX_COUNTED_LINES,
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
export class DocumentAnalysis {
  readonly #schema: GraphQLSchema;
  readonly #selections: SelectionAnalyzer;
  readonly #arguments: DocumentArguments;
  readonly #lines: number;
  readonly #operations = new Map<OperationDefinitionNode, Selection>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#selections = new SelectionAnalyzer(schema, document);
    this.#arguments = analyzeArguments(document);
    this.#lines = document.loc?.source.body.split(/\r\n|[\n\r]/).length ?? 1;
  }

  /**
   * Returns the demand of an operation of the document.
   * @throws GraphQLError with status 400 when the operation or its variables exceed a limit
   */
  demand(operation: OperationDefinitionNode, given: Readonly<Record<string, unknown>>): Demand {
    const variables = variablesOf(operation, given);
    const problem = this.#arguments.problem ?? variableProblem(this.#arguments, variables);
    if (problem !== undefined) throw rejection(problem, 'BAD_USER_INPUT');
    const selection = this.#operations.get(operation) ?? this.#select(operation);
    this.#operations.set(operation, selection);
    if (selection.depth > MAX_DEPTH) throw rejection(`is more than ${MAX_DEPTH} levels deep`);
    const isMutation = operation.operation === OperationTypeNode.MUTATION;
    if (isMutation) requireAtMost(MAX_MUTATION_FIELDS, countFields(selection), 'mutations');
    const demand = evaluateDemand(selection, variables);
    requireWithinLimits(demand);
    // A response over its limit is an error, which must not hide the changes that a mutation has made.
    if (isMutation) requireAtMost(MAX_RESPONSE_BYTES, responseBytes(demand), 'bytes in the response to a mutation');
    this.#requireFewLines(demand);
    return demand;
  }

  /** For each error of a field, graphql-js counts the lines before it. */
  #requireFewLines({ loaded, entities }: Demand): void {
    if (this.#lines * (loaded + entities) <= MAX_COUNTED_LINES) return;
    throw rejection(`has ${this.#lines} lines, too many for the fields that it loads`);
  }

  #select({ operation, selectionSet }: OperationDefinitionNode): Selection {
    const root = this.#schema.getRootType(operation);
    if (root == null) throw rejection(`is a ${operation}, which the schema does not define`);
    return this.#selections.analyze(selectionSet, root);
  }
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

function requireWithinLimits({ fields, loaded, rows, nameBytes }: Demand): void {
  requireAtMost(MAX_FIELDS, fields, 'fields');
  requireAtMost(MAX_LOADED_FIELDS, loaded, 'loaded fields');
  requireAtMost(MAX_ROWS, rows, 'rows');
  requireAtMost(MAX_RESPONSE_BYTES, nameBytes, 'bytes of field names');
}

function requireAtMost(maximum: number, demand: number, unit: string): void {
  if (demand > maximum) throw rejection(`asks for up to ${demand} ${unit}; the maximum is ${maximum}`);
}

function rejection(reason: string, code = 'GRAPHQL_VALIDATION_FAILED'): GraphQLError {
  return new GraphQLError(`The operation ${reason}.`, { extensions: { code, http: { status: 400 } } });
}
