import {
  type ExecutableDefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { BAILOUT, type Complete, type Data, entityList, leaf, list, nonNull } from './completers.ts';
import type { ExecutionContext } from './execution-context.ts';
import { argumentsOf, fieldResolver, propertyResolver } from './field-resolvers.ts';

interface Source {
  schema: GraphQLSchema;
  fragments: Record<string, FragmentDefinitionNode>;
  operation: OperationDefinitionNode;
  /** The result holds for these values of the variables of `@skip` and `@include` only. */
  variables: Record<string, unknown>;
  /** Maximum fields of the compiled query, fragments expanded. */
  maxFields: number;
}

export interface CompiledQuery {
  execute: (execution: ExecutionContext) => Data;
  fields: number;
}

/** Resolves and completes a field, and sets it in the response's object. */
type SetField = (target: Data, source: object, execution: ExecutionContext) => void;

/**
 * Compiles a query to closures, one for each field. Fields, arguments and types are then collected once and not for
 * each value of each response. The closures implement execution without errors; in any other case they bail out.
 * @throws BAILOUT for a query that is not compiled: introspection, a resolver that uses `info`, or too many fields
 */
export function compileQuery(source: Source): CompiledQuery {
  const query = source.schema.getQueryType();
  if (query == null) throw BAILOUT;
  const { schema, fragments, variables, operation } = source;
  const nodes = collectFields(schema, fragments, variables, query, operation.selectionSet);
  const compiler = new Compiler(source);
  const complete = compiler.object(query, nodes);
  return { execute: (execution) => complete({}, execution) as Data, fields: compiler.fields };
}

/** Returns the variables that the `@skip` and `@include` directives of these definitions use. */
export function conditionVariables(definitions: readonly ExecutableDefinitionNode[]): string[] {
  const names = new Set<string>();
  for (const definition of definitions) {
    visit(definition, {
      Directive: (directive) => {
        for (const { value } of directive.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
        }
      },
    });
  }
  return [...names];
}

class Compiler {
  readonly #source: Source;
  #fields = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  get fields(): number {
    return this.#fields;
  }

  object(type: GraphQLObjectType, fields: ReadonlyMap<string, readonly FieldNode[]>): Complete {
    if (type.isTypeOf != null) throw BAILOUT;
    this.#fields += fields.size;
    if (this.#fields > this.#source.maxFields) throw BAILOUT;
    const setters = [...fields].map(([key, nodes]) => this.#field(type, key, nodes));
    const template = Object.fromEntries([...fields.keys()].map((key) => [key, null]));
    return (value, execution) => {
      if (typeof value !== 'object' || value === null || value instanceof Error) throw BAILOUT;
      const data: Data = { ...template };
      for (let at = 0; at < setters.length; at++) (setters[at] as SetField)(data, value, execution);
      return data;
    };
  }

  #field(parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): SetField {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (name === '__typename') {
      return (target) => {
        target[key] = parent.name;
      };
    }
    const field = parent.getFields()[name];
    if (node === undefined || field === undefined) throw BAILOUT;
    const resolve =
      field.resolve === undefined ? propertyResolver(name) : fieldResolver(field.resolve, argumentsOf(field, node));
    const complete = this.#value(field.type, nodes);
    // NOTE: a closure created within the setter would allocate at each call
    const set = (target: Data, value: unknown, execution: ExecutionContext): void => {
      target[key] = complete(value, execution);
    };
    return (target, source, execution) => {
      const value = resolve(source, execution);
      if (value instanceof Promise) execution.await(value, set, target);
      else set(target, value, execution);
    };
  }

  #value(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isNonNullType(type)) return nonNull(this.#nonNullValue(type.ofType, nodes));
    const complete = this.#nonNullValue(type, nodes);
    return (value, execution) => (value == null ? null : complete(value, execution));
  }

  #nonNullValue(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isListType(type)) {
      const complete = this.#value(type.ofType, nodes);
      return String(type.ofType) === '_Entity' ? entityList(complete, nodes) : list(complete);
    }
    if (isLeafType(type)) return leaf(type);
    if (isObjectType(type)) return this.object(type, this.#subfields(type, nodes));
    if (isAbstractType(type)) return this.#abstract(this.#source.schema.getPossibleTypes(type), nodes);
    throw BAILOUT;
  }

  #abstract(types: readonly GraphQLObjectType[], nodes: readonly FieldNode[]): Complete {
    const members = new Map<unknown, Complete>(
      types.map((type) => [type.name, this.object(type, this.#subfields(type, nodes))]),
    );
    return (value, execution) => {
      const complete = members.get((value as { __typename?: unknown }).__typename);
      if (complete === undefined) throw BAILOUT;
      return complete(value, execution);
    };
  }

  #subfields(type: GraphQLObjectType, nodes: readonly FieldNode[]): ReadonlyMap<string, readonly FieldNode[]> {
    const { schema, fragments, variables } = this.#source;
    return collectSubfields(schema, fragments, variables, type, nodes);
  }
}
