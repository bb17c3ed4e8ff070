import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { AppError, badInput } from '../errors.ts';

type ReferenceResolver = (reference: object, context: unknown) => unknown;

/**
 * The resolver of `_entities`. Unlike @apollo/subgraph's own, a representation that is not one of ours costs its own
 * item alone: null there, an error at its path, and the others answer.
 */
export function entitiesResolver(schema: GraphQLSchema, maxEntities: number): GraphQLFieldResolver<unknown, unknown> {
  const resolvers = referenceResolvers(schema);
  return (_source, { representations }: { representations: readonly unknown[] }, context) => {
    if (representations.length > maxEntities) {
      throw badInput('representations', `At most ${maxEntities} representations are answered at once`);
    }
    return representations.map((representation) => resolveOrError(representation, resolvers, context));
  };
}

function referenceResolvers(schema: GraphQLSchema): Map<string, ReferenceResolver> {
  const resolvers = new Map<string, ReferenceResolver>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: ReferenceResolver } } };
    const resolve = apollo?.subgraph?.resolveReference;
    if (resolve !== undefined) resolvers.set(type.name, resolve);
  }
  return resolvers;
}

/** An error that is returned, not thrown, becomes the error of its own item. */
function resolveOrError(
  representation: unknown,
  resolvers: ReadonlyMap<string, ReferenceResolver>,
  context: unknown,
): unknown {
  try {
    const { typename, resolve } = readRepresentation(representation, resolvers);
    const entity = resolve(representation as object, context);
    return entity instanceof Promise ? entity.then((found) => named(typename, found)) : named(typename, entity);
  } catch (error) {
    return error;
  }
}

function readRepresentation(
  representation: unknown,
  resolvers: ReadonlyMap<string, ReferenceResolver>,
): { typename: string; resolve: ReferenceResolver } {
  const { __typename: typename, id } = (representation ?? {}) as { __typename?: unknown; id?: unknown };
  const resolve = typeof typename === 'string' ? resolvers.get(typename) : undefined;
  if (typeof typename !== 'string' || resolve === undefined) {
    throw badInput('representations', 'The representation is of no entity type of this subgraph');
  }
  if (typeof id !== 'string') throw badInput('representations', `The ${typename}'s id must be a string`);
  return { typename, resolve };
}

function named(typename: string, entity: unknown): object {
  if (typeof entity !== 'object' || entity === null) throw new AppError('NOT_FOUND', `No ${typename} has this id`);
  return { ...entity, __typename: typename };
}
