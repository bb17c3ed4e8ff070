import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { AppError, invalidField } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';

type ReferenceResolver = (reference: object, context: RequestContext) => unknown;

/**
 * Returns the resolver of `_entities`. With @apollo/subgraph's own, one invalid representation fails the whole batch;
 * here it fails its own item: null, with an error at its path.
 * @param maxEntities the maximum number of representations of an operation, in all its `_entities` together
 */
export function entitiesResolver(
  schema: GraphQLSchema,
  maxEntities: number,
): GraphQLFieldResolver<unknown, RequestContext> {
  const resolvers = referenceResolvers(schema);
  return (_source, { representations }: { representations: readonly unknown[] }, context) => {
    if (Math.max(representations.length, context.demand?.entities ?? 0) > maxEntities) {
      throw invalidField('representations', `representations must have at most ${maxEntities} items`);
    }
    return representations.map((representation) => resolveOrReturnError(representation, resolvers, context));
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

/** graphql-js reports an error that is returned at the path of its own item. */
function resolveOrReturnError(
  representation: unknown,
  resolvers: ReadonlyMap<string, ReferenceResolver>,
  context: RequestContext,
): unknown {
  try {
    const { typename, resolve } = readRepresentation(representation, resolvers);
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
  resolvers: ReadonlyMap<string, ReferenceResolver>,
): { typename: string; resolve: ReferenceResolver } {
  const { __typename: typename, id } = (representation ?? {}) as { __typename?: unknown; id?: unknown };
  const resolve = typeof typename === 'string' ? resolvers.get(typename) : undefined;
  if (typeof typename !== 'string' || resolve === undefined) {
    throw invalidField('representations', 'The representation names no entity type of this subgraph');
  }
  if (typeof id !== 'string') throw invalidField('representations', `The id of a ${typename} must be a string`);
  return { typename, resolve };
}

function withTypename(typename: string, entity: unknown): object {
  if (typeof entity !== 'object' || entity === null) throw new AppError('NOT_FOUND', `${typename} not found`);
  return { ...entity, __typename: typename };
}
