import {
  type ConstDirectiveNode,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import { AppError, invalidField } from '../errors.ts';
import { alternatives } from '../lib/alternatives.ts';
import { HIDDEN } from '../lib/hidden.ts';
import { isObject } from '../lib/is-object.ts';
import type { RequestContext } from '../request-context.ts';

type ReferenceResolver = (reference: object, context: RequestContext) => unknown;

/** A type with a reference resolver. */
interface Entity {
  /** The fields of each `@key` of the type. */
  keys: readonly (readonly KeyField[])[];
  resolve: ReferenceResolver;
}

/** A field of a key: an id, or an object that has fields of the key. */
interface KeyField {
  name: string;
  type: 'string' | 'object';
}

/** Maximum characters of an invalid text in a message. */
const MAX_SHOWN = 100;

type Entities = ReadonlyMap<string, Entity>;

/**
 * Returns the resolver of `_entities`. With @apollo/subgraph's own, one invalid representation fails the whole batch;
 * here it fails its own item: null, with an error at its path.
 * @param maxEntities the maximum number of representations of an operation, in all its `_entities` together
 */
export function entitiesResolver(
  schema: GraphQLSchema,
  maxEntities: number,
): GraphQLFieldResolver<unknown, RequestContext> {
  const entities = entitiesOf(schema);
  return (_source, { representations }: { representations: readonly unknown[] }, context) => {
    const count = Math.max(representations.length, context.demand?.entities ?? 0);
    if (count > maxEntities) {
      const problem = `The operation has ${count} representations`;
      throw invalidField('representations', `${problem}: expected at most ${maxEntities} in all _entities together`);
    }
    return representations.map((representation) => resolveOrReturnError(representation, entities, context));
  };
}

function entitiesOf(schema: GraphQLSchema): Entities {
  const entities = new Map<string, Entity>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: ReferenceResolver } } };
    const resolve = apollo?.subgraph?.resolveReference;
    if (resolve !== undefined) entities.set(type.name, { keys: keysOf(type), resolve });
  }
  return entities;
}

/** Returns the fields of each `@key` of a type. */
function keysOf({ name, astNode, extensionASTNodes }: GraphQLObjectType): KeyField[][] {
  const directives = [astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []);
  const keys = directives.flatMap((directive) => (directive.name.value === 'key' ? [readKey(directive)] : []));
  if (keys.length === 0) throw new Error(`${name} has a reference resolver, but no @key`);
  return keys;
}

function readKey({ arguments: args = [] }: ConstDirectiveNode): KeyField[] {
  const fields = args.find((argument) => argument.name.value === 'fields')?.value;
  const [definition] = parse(`{ ${fields?.kind === Kind.STRING ? fields.value : ''} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
  const selections = definition.selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD);
  return selections.map(({ name, selectionSet }) => ({ name: name.value, type: selectionSet ? 'object' : 'string' }));
}

/** Resolves a representation. An error is returned, because graphql-js reports it at the path of its own item. */
function resolveOrReturnError(representation: unknown, entities: Entities, context: RequestContext): unknown {
  try {
    const { typename, resolve } = readRepresentation(representation, entities);
    const entity = resolve(representation as object, context);
    return entity instanceof Promise
      ? entity.then((loaded) => withTypename(typename, loaded))
      : withTypename(typename, entity);
  } catch (error) {
    return error;
  }
}

function readRepresentation(
  representation: unknown,
  entities: Entities,
): { typename: string; resolve: ReferenceResolver } {
  const reference = (representation ?? {}) as Readonly<Record<string, unknown>>;
  const { __typename: typename } = reference;
  const entity = typeof typename === 'string' ? entities.get(typename) : undefined;
  if (typeof typename !== 'string' || entity === undefined) {
    const expected = `expected the entity type ${alternatives([...entities.keys()])}`;
    throw invalidField('representations', `${typenameProblem(representation)}: ${expected}`);
  }
  const invalid = entity.keys.map((key) => key.find(({ name, type }) => typeof reference[name] !== type));
  if (!invalid.includes(undefined)) {
    throw invalidField('representations', `The ${invalid[0]?.name} of a ${typename} must be a ${invalid[0]?.type}`);
  }
  return { typename, resolve: entity.resolve };
}

function typenameProblem(representation: unknown): string {
  if (!isObject(representation)) return `The representation is ${shown(representation)} and no object`;
  const { __typename: typename } = representation;
  return typename === undefined ? 'The representation has no __typename' : `The __typename is ${shown(typename)}`;
}

/** Returns a value for a message. One of any depth is not converted to text, which would take as much of the stack. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : String(value);
}

function withTypename(typename: string, entity: unknown): object | null {
  if (entity === HIDDEN) return null;
  if (typeof entity !== 'object' || entity === null) throw new AppError('NOT_FOUND', `${typename} not found`);
  return { ...entity, __typename: typename };
}
