import { type ApolloServerPlugin, type GraphQLRequestContextResponseForOperation, HeaderMap } from '@apollo/server';
import {
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { RequestContext } from '../../request-context.ts';
import { compileQuery, conditionVariables, type Data } from './compile-query.ts';
import { ExecutionContext } from './execution-context.ts';

type Request = GraphQLRequestContextResponseForOperation<RequestContext>;
type Compiled = (execution: ExecutionContext) => Data;

/** Maximum variants of one query: as many as three boolean conditions have. Further variants are not compiled. */
const MAX_VARIANTS = 8;
const HTTP = { status: undefined, headers: new HeaderMap() } as unknown as Request['response']['http'];

/**
 * Executes queries with compiled functions instead of graphql-js, and compiles each at its first execution.
 *
 * The functions implement execution without errors only. At the first error, null in a non-null field, or value of a wrong
 * type, their result is discarded and graphql-js executes the operation, so all errors are graphql-js's own. The second
 * execution repeats no query, since the request's loaders cache what the first has loaded.
 * @param count called for each operation
 */
export function compiledQueries(count: (compiled: boolean) => void): ApolloServerPlugin<RequestContext> {
  // NOTE: keyed by Apollo Server's cached documents (30 MB at most), so entries go when their document is evicted
  const queries = new WeakMap<OperationDefinitionNode, CompiledQuery>();

  const find = ({ schema, document, operation }: Request): CompiledQuery | undefined => {
    if (operation?.operation !== OperationTypeNode.QUERY) return undefined;
    let query = queries.get(operation);
    if (query === undefined) {
      query = new CompiledQuery(schema, operation, document.definitions.filter(isFragment));
      queries.set(operation, query);
    }
    return query;
  };
  const listener = {
    responseForOperation: async (request: Request) => {
      const data = await find(request)?.execute(request.contextValue, request.request.variables ?? {});
      count(data !== undefined);
      return data === undefined ? null : { http: HTTP, body: { kind: 'single' as const, singleResult: { data } } };
    },
  };
  return { requestDidStart: async () => listener };
}

class CompiledQuery {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly #conditions: readonly string[];
  /** By the values of the conditions; null for a variant that does not compile. */
  readonly #variants = new Map<string, Compiled | null>();

  constructor(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: FragmentDefinitionNode[]) {
    this.#schema = schema;
    this.#operation = operation;
    this.#fragments = Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment]));
    this.#conditions = conditionVariables([operation, ...fragments]);
  }

  /** Returns the response's data; undefined when graphql-js is to execute the query. */
  async execute(context: RequestContext, inputs: Data): Promise<Data | undefined> {
    const { coerced } = getVariableValues(this.#schema, this.#operation.variableDefinitions ?? [], inputs);
    const compiled = coerced && this.#variant(coerced);
    if (!compiled) return undefined;
    const execution = new ExecutionContext(context, coerced);
    try {
      const data = compiled(execution);
      await execution.finish();
      return data;
    } catch {
      return undefined;
    }
  }

  #variant(variables: Data): Compiled | null | undefined {
    const key = this.#conditions.map((name) => variables[name]).join();
    const known = this.#variants.get(key);
    if (known !== undefined || this.#variants.size === MAX_VARIANTS) return known;
    const compiled = this.#compile(variables);
    this.#variants.set(key, compiled);
    return compiled;
  }

  #compile(variables: Data): Compiled | null {
    try {
      return compileQuery({
        schema: this.#schema,
        fragments: this.#fragments,
        operation: this.#operation,
        variables,
      });
    } catch {
      return null;
    }
  }
}

function isFragment(node: { kind: Kind }): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}
