import {
  type ExecutableDefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLID,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLString,
  getArgumentValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  type OperationDefinitionNode,
  type ValueNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { ExecutionContext } from './execution-context.ts';

export interface Source {
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

export type Data = Record<string, unknown>;

/** Completes a resolved value by its type, as graphql-js's `completeValue` does. */
type Complete = (value: unknown, execution: ExecutionContext) => unknown;
/** Resolves a field of the source object. */
type ResolveField = (source: object, execution: ExecutionContext) => unknown;
/** Resolves and completes a field, and sets it in the response's object. */
type SetField = (target: Data, source: object, execution: ExecutionContext) => void;

/** Thrown to abandon the compiled execution, after which graphql-js executes the operation. */
const BAILOUT = new Error('left to graphql-js');

/**
 * Compiles a query to closures, one for each field, so that fields, arguments and types are collected once and not for
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
    if (key === '__proto__') throw BAILOUT;
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
    if (isListType(type))
      return isEntityList(type) ? this.#entities(type.ofType, nodes) : list(this.#value(type.ofType, nodes));
    if (isLeafType(type)) return leaf(type);
    if (isObjectType(type)) return this.object(type, this.#subfields(type, nodes));
    if (isAbstractType(type)) return this.#abstract(this.#source.schema.getPossibleTypes(type), nodes);
    throw BAILOUT;
  }

  /** Completes `_entities`. Unlike in other lists, the error of an item is an error of this item alone. */
  #entities(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    const complete = this.#value(type, nodes);
    const key = (nodes[0]?.alias ?? nodes[0]?.name)?.value ?? '';
    const set = (index: number) => (target: unknown[], value: unknown, execution: ExecutionContext) => {
      if (value instanceof Error) execution.errors.push(locatedError(value, nodes, [key, index]));
      else target[index] = complete(value, execution);
    };
    return (value, execution) => {
      if (!Array.isArray(value)) throw BAILOUT;
      const data: unknown[] = new Array(value.length).fill(null);
      for (const [index, item] of value.entries()) {
        if (item instanceof Promise) execution.awaitSettled(item, set(index), data);
        else set(index)(data, item, execution);
      }
      return data;
    };
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

function isEntityList(type: GraphQLList<GraphQLOutputType>): boolean {
  return String(type.ofType) === '_Entity';
}

function nonNull(complete: Complete): Complete {
  return (value, execution) => {
    if (value == null) throw BAILOUT;
    return complete(value, execution);
  };
}

function leaf(type: GraphQLLeafType): Complete {
  if (type === GraphQLString || type === GraphQLID) {
    return (value) => (typeof value === 'string' ? value : type.serialize(value));
  }
  return (value) => {
    const serialized = value instanceof Error ? null : type.serialize(value);
    if (serialized == null) throw BAILOUT;
    return serialized;
  };
}

function list(complete: Complete): Complete {
  const itemSetter = (at: number) => (target: unknown[], value: unknown, execution: ExecutionContext) => {
    target[at] = complete(value, execution);
  };
  const awaitItems = (target: unknown[], items: readonly unknown[], execution: ExecutionContext): void => {
    for (let at = 0; at < items.length; at++) {
      const item = items[at];
      if (item instanceof Promise) execution.await(item, itemSetter(at), target);
    }
  };
  return (value, execution) => {
    if (!Array.isArray(value)) throw BAILOUT;
    const data: unknown[] = new Array(value.length).fill(null);
    // NOTE: promises first: each needs its rejection handler, even when another item bails out
    awaitItems(data, value, execution);
    for (let at = 0; at < value.length; at++) {
      if (!(value[at] instanceof Promise)) data[at] = complete(value[at], execution);
    }
    return data;
  };
}

/** Resolves a field without a resolver, as graphql-js's default resolver does. */
function propertyResolver(name: string): ResolveField {
  return (source) => {
    const value = (source as Data)[name];
    if (typeof value === 'function') throw BAILOUT;
    return value;
  };
}

/** Calls the resolver without `info`, which is the costliest part of a field and which none of our resolvers uses. */
function fieldResolver(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  argsOf: (execution: ExecutionContext) => Data,
): ResolveField {
  if (resolve.length > 3) throw BAILOUT;
  const withoutInfo = resolve as (source: unknown, args: Data, context: unknown) => unknown;
  return (source, execution) => withoutInfo(source, argsOf(execution), execution.context);
}

/** Returns the field's arguments: one object per execution, or for all executions when they use no variable. */
function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): (execution: ExecutionContext) => Data {
  const hasVariables = node.arguments?.some(({ value }) => usesVariable(value)) ?? false;
  if (hasVariables) {
    return (execution) => execution.once(node, () => getArgumentValues(field, node, execution.variables));
  }
  const args = Object.freeze(getArgumentValues(field, node));
  return () => args;
}

function usesVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(usesVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => usesVariable(field.value));
  return value.kind === Kind.VARIABLE;
}
