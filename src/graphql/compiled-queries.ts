import { type ApolloServerPlugin, type GraphQLRequestContextResponseForOperation, HeaderMap } from '@apollo/server';
import {
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Context } from '../context.ts';
import { compileQuery, conditionVariables, type Data } from './compile.ts';
import { Run } from './run.ts';

type Request = GraphQLRequestContextResponseForOperation<Context>;
type Compiled = (run: Run) => Data;

/** As many as three conditions can make: what is beyond that is not compiled. */
const MAX_VARIANTS = 8;
const HTTP = { status: undefined, headers: new HeaderMap() } as unknown as Request['response']['http'];

/**
 * Answers queries by compiled functions instead of graphql-js; each is compiled when it is first asked, which takes a
 * tenth of the time of its validation.
 *
 * The functions know only how all goes well. As soon as anything does not (a null where there must be none, an error, a
 * value that is not of its type), what they have is thrown away and graphql-js answers as if nothing had been: errors are
 * its own, by construction. What a query reads comes from the request's loaders, and those remember, so that reading it a
 * second time asks nobody a second time.
 * @param count hears of every operation, and whether it was answered by compiled functions
 */
export function answerCompiled(count: (compiled: boolean) => void): ApolloServerPlugin<Context> {
  // NOTE: Apollo Server keeps the documents in use, at most 30 MB of them; what is compiled goes when they go
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
      const data = await find(request)?.answer(request.contextValue, request.request.variables ?? {});
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
  /** By the values of the conditions; null for what cannot be compiled. */
  readonly #variants = new Map<string, Compiled | null>();

  constructor(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: FragmentDefinitionNode[]) {
    this.#schema = schema;
    this.#operation = operation;
    this.#fragments = Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment]));
    this.#conditions = conditionVariables([operation, ...fragments]);
  }

  /** Undefined when graphql-js is to answer. */
  async answer(context: Context, inputs: Data): Promise<Data | undefined> {
    const { coerced } = getVariableValues(this.#schema, this.#operation.variableDefinitions ?? [], inputs);
    const compiled = coerced && this.#variant(coerced);
    if (!compiled) return undefined;
    const run = new Run(context, coerced);
    try {
      const data = compiled(run);
      await run.finish();
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
