import { type GraphQLRequestContextResponseForOperation, type GraphQLResponse, HeaderMap } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../../request-context.ts';
import { type CompiledQuery, compileQuery, conditionVariables } from './compile-query.ts';
import type { Data } from './completers.ts';
import { documentSize } from './document-cache.ts';
import { ExecutionContext } from './execution-context.ts';

type Request = GraphQLRequestContextResponseForOperation<RequestContext>;

/** Fields of all compiled queries together, and tokens of their documents, which they keep in memory. */
const MAX_COMPILED_SIZE = 50_000;
/** Fields of one compiled query, fragments expanded. */
const MAX_QUERY_FIELDS = 2000;
/** Variants of one query: as many as three boolean conditions have. */
const MAX_VARIANTS = 8;
/** A query is compiled at this execution, unless its response is large. */
const COMPILE_AT_EXECUTION = 3;
/** The maximum fields of a response from which on a query is compiled at its first execution. */
const LARGE_RESPONSE_FIELDS = 1000;
const HTTP = { status: undefined, headers: new HeaderMap() } as unknown as Request['response']['http'];

/** Logs the errors of entities and returns what clients see of them. */
type FormatErrors = (errors: readonly GraphQLError[], context: RequestContext) => GraphQLFormattedError[];

/**
 * Returns a function that executes queries with compiled functions instead of graphql-js. Its result is null for
 * operations that are left to graphql-js. Queries with small responses are compiled when they are executed repeatedly,
 * and the least recently used ones are evicted.
 *
 * The functions implement execution without errors only, errors of single entities aside. At any other error, null in a
 * non-null field, or value of a wrong type, their result is discarded and graphql-js executes the operation. So all
 * these errors are graphql-js's own. The second execution repeats no query, since the request's loaders cache what the
 * first has loaded.
 */
export function compiledQueries(formatErrors: FormatErrors) {
  // NOTE: keyed by the cached documents' operations, so that a query goes with its document
  const queries = new WeakMap<OperationDefinitionNode, Query>();
  const compiled = new LRUCache<Variant, CompiledQuery>({ maxSize: MAX_COMPILED_SIZE });

  const find = ({ schema, document, operation }: Request): Query | undefined => {
    if (operation?.operation !== OperationTypeNode.QUERY) return undefined;
    let query = queries.get(operation);
    if (query === undefined) {
      query = new Query({ schema, document, operation });
      queries.set(operation, query);
    }
    return query;
  };
  const execute = async (request: Request): Promise<{ data: Data; errors?: GraphQLFormattedError[] } | undefined> => {
    const query = find(request);
    const variables = query?.coerceVariables(request.request.variables ?? {});
    const variant = variables && query?.variant(variables);
    if (query === undefined || variables === undefined || variant === undefined) return undefined;
    let run = compiled.get(variant);
    if (run === undefined) {
      run = query.compile(variant, { variables, context: request.contextValue });
      if (run === undefined) return undefined;
      compiled.set(variant, run, { size: run.fields + query.documentSize });
    }
    return executeCompiled(run, new ExecutionContext(request.contextValue, variables), formatErrors);
  };
  return async (request: Request): Promise<GraphQLResponse | null> => {
    const singleResult = await execute(request);
    const { operation } = request.contextValue;
    if (operation !== undefined) operation.executor = singleResult === undefined ? 'graphql-js' : 'compiled';
    return singleResult === undefined ? null : { http: HTTP, body: { kind: 'single', singleResult } };
  };
}

async function executeCompiled(
  query: CompiledQuery,
  execution: ExecutionContext,
  formatErrors: FormatErrors,
): Promise<{ data: Data; errors?: GraphQLFormattedError[] } | undefined> {
  try {
    const data = query.execute(execution);
    await execution.finish();
    execution.context.textLength = execution.textLength;
    if (execution.errors.length === 0) return { data };
    return { errors: formatErrors(execution.errors, execution.context), data };
  } catch {
    return undefined;
  }
}

/** A query with certain values of its conditions. */
interface Variant {
  executions: number;
  isCompilable: boolean;
}

interface QuerySource {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

class Query {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #operation: OperationDefinitionNode;
  readonly #conditions: readonly string[];
  readonly #variants = new Map<string, Variant>();

  constructor({ schema, document, operation }: QuerySource) {
    this.#schema = schema;
    this.#document = document;
    this.#operation = operation;
    this.#conditions = conditionVariables([operation, ...document.definitions.filter(isFragment)]);
  }

  get documentSize(): number {
    return documentSize(this.#document);
  }

  /** Returns undefined for invalid variables, which graphql-js reports. */
  coerceVariables(inputs: Data): Data | undefined {
    const definitions = this.#operation.variableDefinitions ?? [];
    // NOTE: without a limit, each unknown member of an object creates an error that contains the whole object
    return getVariableValues(this.#schema, definitions, inputs, { maxErrors: 0, hideSuggestions: true }).coerced;
  }

  /** Returns the variant for these variables; undefined for one over the limit. */
  variant(variables: Data): Variant | undefined {
    const key = this.#conditions.map((name) => variables[name]).join();
    const known = this.#variants.get(key);
    if (known !== undefined || this.#variants.size === MAX_VARIANTS) return known;
    const variant = { executions: 0, isCompilable: true };
    this.#variants.set(key, variant);
    return variant;
  }

  /** Returns undefined for a variant that is rare or not compilable. */
  compile(
    variant: Variant,
    { variables, context }: { variables: Data; context: RequestContext },
  ): CompiledQuery | undefined {
    variant.executions++;
    const isLarge = (context.demand?.fields ?? 0) >= LARGE_RESPONSE_FIELDS;
    if (!variant.isCompilable || (variant.executions < COMPILE_AT_EXECUTION && !isLarge)) return undefined;
    const fragments = this.#document.definitions.filter(isFragment);
    try {
      return compileQuery({
        schema: this.#schema,
        fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
        operation: this.#operation,
        variables,
        maxFields: MAX_QUERY_FIELDS,
      });
    } catch {
      variant.isCompilable = false;
      return undefined;
    }
  }
}

function isFragment(node: { kind: Kind }): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}
