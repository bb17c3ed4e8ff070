import {
  type ExecutableDefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLID,
  type GraphQLLeafType,
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
  type OperationDefinitionNode,
  type ValueNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { Run } from './run.ts';

export interface Source {
  schema: GraphQLSchema;
  fragments: Record<string, FragmentDefinitionNode>;
  operation: OperationDefinitionNode;
  /** Decide about `@skip` and `@include`: what is compiled is good for these conditions only. */
  variables: Record<string, unknown>;
}

export type Data = Record<string, unknown>;

/** What a value of some type comes to in the answer. Throws Unusual where graphql-js would have an error to report. */
type Complete = (value: unknown, run: Run) => unknown;
/** What a field of the source is, before it is completed. */
type Read = (source: object, run: Run) => unknown;
/** Puts a field of the source into the answer's object. */
type Put = (into: Data, source: object, run: Run) => void;

/** No error that anybody sees: says that the compiled way ends here, and that graphql-js is to answer. */
class Unusual extends Error {}

const UNUSUAL = new Unusual('left to graphql-js');

/**
 * Compiles a query to functions, a small one for each field, so that what graphql-js finds out for every value of every
 * answer (which fields there are, what arguments they have, what their type is) is found out once. They know how to
 * answer when all goes well, which is the only way they have: whatever else happens is Unusual.
 * @throws {Unusual} when the query has something that is not worth compiling: introspection, or a resolver that uses `info`
 */
export function compileQuery(source: Source): (run: Run) => Data {
  const query = source.schema.getQueryType();
  if (query == null) throw UNUSUAL;
  const { schema, fragments, variables, operation } = source;
  const nodes = collectFields(schema, fragments, variables, query, operation.selectionSet);
  const complete = new Compiler(source).object(query, nodes);
  return (run) => complete({}, run) as Data;
}

/** The variables that `@skip` and `@include` depend on anywhere in these definitions. */
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

  constructor(source: Source) {
    this.#source = source;
  }

  object(type: GraphQLObjectType, fields: ReadonlyMap<string, readonly FieldNode[]>): Complete {
    if (type.isTypeOf != null) throw UNUSUAL;
    const puts = [...fields].map(([key, nodes]) => this.#field(type, key, nodes));
    const template = Object.fromEntries([...fields.keys()].map((key) => [key, null]));
    return (value, run) => {
      if (typeof value !== 'object' || value === null || value instanceof Error) throw UNUSUAL;
      const data: Data = { ...template };
      for (let at = 0; at < puts.length; at++) (puts[at] as Put)(data, value, run);
      return data;
    };
  }

  #field(parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Put {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (key === '__proto__') throw UNUSUAL;
    if (name === '__typename') {
      return (into) => {
        into[key] = parent.name;
      };
    }
    const field = parent.getFields()[name];
    if (node === undefined || field === undefined) throw UNUSUAL;
    const read = field.resolve === undefined ? propertyOf(name) : resolverOf(field.resolve, argumentsOf(field, node));
    const complete = this.#value(field.type, nodes);
    // NOTE: what makes a function has its variables on the heap, at every call; the one that runs most makes none
    const place = (into: Data, value: unknown, run: Run): void => {
      into[key] = complete(value, run);
    };
    return (into, source, run) => {
      const value = read(source, run);
      if (value instanceof Promise) run.await(value, place, into);
      else place(into, value, run);
    };
  }

  #value(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isNonNullType(type)) return required(this.#present(type.ofType, nodes));
    const complete = this.#present(type, nodes);
    return (value, run) => (value == null ? null : complete(value, run));
  }

  /** For values that are there; never null. */
  #present(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isListType(type)) return list(this.#value(type.ofType, nodes));
    if (isLeafType(type)) return leaf(type);
    if (isObjectType(type)) return this.object(type, this.#subfields(type, nodes));
    if (isAbstractType(type)) return this.#abstract(this.#source.schema.getPossibleTypes(type), nodes);
    throw UNUSUAL;
  }

  #abstract(types: readonly GraphQLObjectType[], nodes: readonly FieldNode[]): Complete {
    const members = new Map<unknown, Complete>(
      types.map((type) => [type.name, this.object(type, this.#subfields(type, nodes))]),
    );
    return (value, run) => {
      const complete = members.get((value as { __typename?: unknown }).__typename);
      if (complete === undefined) throw UNUSUAL;
      return complete(value, run);
    };
  }

  #subfields(type: GraphQLObjectType, nodes: readonly FieldNode[]): ReadonlyMap<string, readonly FieldNode[]> {
    const { schema, fragments, variables } = this.#source;
    return collectSubfields(schema, fragments, variables, type, nodes);
  }
}

function required(complete: Complete): Complete {
  return (value, run) => {
    if (value == null) throw UNUSUAL;
    return complete(value, run);
  };
}

function leaf(type: GraphQLLeafType): Complete {
  if (type === GraphQLString || type === GraphQLID) {
    return (value) => (typeof value === 'string' ? value : type.serialize(value));
  }
  return (value) => {
    const serialized = value instanceof Error ? null : type.serialize(value);
    if (serialized == null) throw UNUSUAL;
    return serialized;
  };
}

function list(complete: Complete): Complete {
  const placeAt = (at: number) => (into: unknown[], value: unknown, run: Run) => {
    into[at] = complete(value, run);
  };
  const awaitItems = (into: unknown[], items: readonly unknown[], run: Run): void => {
    for (let at = 0; at < items.length; at++) {
      const item = items[at];
      if (item instanceof Promise) run.await(item, placeAt(at), into);
    }
  };
  return (value, run) => {
    if (!Array.isArray(value)) throw UNUSUAL;
    const data: unknown[] = new Array(value.length).fill(null);
    // First the promises: all of them must be looked after, whatever the other items come to.
    awaitItems(data, value, run);
    for (let at = 0; at < value.length; at++) {
      if (!(value[at] instanceof Promise)) data[at] = complete(value[at], run);
    }
    return data;
  };
}

/** A field without a resolver. */
function propertyOf(name: string): Read {
  return (source) => {
    const value = (source as Data)[name];
    if (typeof value === 'function') throw UNUSUAL;
    return value;
  };
}

/** `info` costs more than everything else about a field, and none of our resolvers asks for it. */
function resolverOf(resolve: GraphQLFieldResolver<unknown, unknown>, argsOf: (run: Run) => Data): Read {
  if (resolve.length > 3) throw UNUSUAL;
  const withoutInfo = resolve as (source: unknown, args: Data, context: unknown) => unknown;
  return (source, run) => withoutInfo(source, argsOf(run), run.context);
}

/** The same object for all of a run, or for all runs where there is no variable in it: it is not to be written to. */
function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): (run: Run) => Data {
  const hasVariables = node.arguments?.some(({ value }) => mentionsVariable(value)) ?? false;
  if (hasVariables) return (run) => run.once(node, () => getArgumentValues(field, node, run.variables));
  const args = Object.freeze(getArgumentValues(field, node));
  return () => args;
}

function mentionsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(mentionsVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => mentionsVariable(field.value));
  return value.kind === Kind.VARIABLE;
}
