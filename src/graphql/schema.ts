import { readdirSync, readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql';
import { AppError } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { entitiesResolver } from './entities.ts';
import { enumValues, nameEnumValues } from './enums.ts';
import { scalarResolvers } from './scalars.ts';

const SDL_FOLDER = new URL('../../schema/', import.meta.url);
type ResolverMap = NonNullable<Parameters<typeof buildSubgraphSchema>[0] extends (infer Module)[] ? Module : never>;

/** Returns the SDL: all slices of `schema/`, in the order of their names. */
export function readSdl(): string {
  return readdirSync(SDL_FOLDER)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => readFileSync(new URL(file, SDL_FOLDER), 'utf8'))
    .join('\n');
}

interface SchemaOptions {
  maxEntities: number;
  /** The maximum lengths of texts, in bytes of JSON, by type and field. Those of other texts are unknown. */
  textLengths?: Readonly<Record<string, number>>;
  /** `schema/` by default. */
  typeDefs?: DocumentNode;
}

/**
 * Builds the executable subgraph.
 * @param resolvers the resolver maps of the features
 */
export function buildSchema(resolvers: readonly object[], options: SchemaOptions): GraphQLSchema {
  const { maxEntities, textLengths = {}, typeDefs = parse(readSdl()) } = options;
  // NOTE: the array form; @apollo/subgraph 2.15 throws on the object form
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: mergeResolvers(typeDefs, resolvers) }]);
  const { _entities: entities, _service: service } = schema.getQueryType()?.getFields() ?? {};
  if (entities === undefined || service === undefined) throw new Error('the schema is no subgraph');
  entities.resolve = entitiesResolver(schema, maxEntities);
  service.resolve = memoizeResult(service.resolve);
  prepareMutations(schema);
  nameEnumValues(schema);
  setTextLengths(schema, textLengths);
  return schema;
}

/** Stores the lengths as extensions of the fields, where the demand control reads them. */
function setTextLengths(schema: GraphQLSchema, lengths: Readonly<Record<string, number>>): void {
  for (const [coordinate, maxBytes] of Object.entries(lengths)) {
    const [typeName = '', fieldName = ''] = coordinate.split('.');
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (field === undefined) throw new Error(`the schema has no field ${coordinate}`);
    field.extensions = { ...field.extensions, maxBytes };
  }
}

/** Returns a resolver with the result of the first call: @apollo/subgraph prints the SDL at each. */
function memoizeResult(resolve: GraphQLFieldResolver<unknown, unknown> = defaultFieldResolver) {
  let result: unknown;
  return (...call: Parameters<typeof resolve>) => {
    result ??= resolve(...call);
    return result;
  };
}

/**
 * Makes mutations forget what earlier ones of the request have loaded, because each may change it. None starts once the
 * response has been sent, which says that the request timed out.
 */
function prepareMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = (...call) => {
      const context: RequestContext = call[2];
      if (context.isClosed()) throw new AppError('BAD_REQUEST', 'The request is already complete');
      context.loaders.clear();
      return resolve(...call);
    };
  }
}

/** Merges by type, since a feature adds fields to the types of others. No two features define the same field. */
function mergeResolvers(typeDefs: DocumentNode, resolvers: readonly object[]): ResolverMap['resolvers'] {
  const merged: Record<string, object> = { ...scalarResolvers, ...enumValues(typeDefs) };
  for (const types of resolvers) {
    for (const [type, fields] of Object.entries(types)) merged[type] = { ...merged[type], ...fields };
  }
  return merged as ResolverMap['resolvers'];
}
