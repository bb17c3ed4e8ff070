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
import { HIDDEN } from '../lib/hidden.ts';
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
    if (Math.max(representations.length, context.demand?.entities ?? 0) > maxEntities) {
      throw invalidField('representations', `representations must have at most ${maxEntities} items`);
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
    throw invalidField('representations', 'The representation names no entity type of this subgraph');
  }
  const invalid = entity.keys.map((key) => key.find(({ name, type }) => typeof reference[name] !== type));
  if (!invalid.includes(undefined)) {
    throw invalidField('representations', `The ${invalid[0]?.name} of a ${typename} must be a ${invalid[0]?.type}`);
  }
  return { typename, resolve: entity.resolve };
}

function withTypename(typename: string, entity: unknown): object | null {
  if (entity === HIDDEN) return null;
  if (typeof entity !== 'object' || entity === null) throw new AppError('NOT_FOUND', `${typename} not found`);
  return { ...entity, __typename: typename };
}
