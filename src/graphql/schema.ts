import { readdirSync, readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { defaultFieldResolver, type GraphQLSchema, parse } from 'graphql';
import { type Context, createLoaders } from '../context.ts';
import { entitiesResolver } from './entities.ts';
import type { Resolvers } from './generated.ts';
import { scalarResolvers } from './scalars.ts';

const SDL_FOLDER = new URL('../../schema/', import.meta.url);
type ResolverMap = NonNullable<Parameters<typeof buildSubgraphSchema>[0] extends (infer Module)[] ? Module : never>;

/** The contract, all slices of it. */
export function readSdl(): string {
  return readdirSync(SDL_FOLDER)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => readFileSync(new URL(file, SDL_FOLDER), 'utf8'))
    .join('\n');
}

/** The executable subgraph: the SDL with the features' resolvers. */
export function buildSchema(features: readonly Resolvers[], { maxEntities }: { maxEntities: number }): GraphQLSchema {
  // NOTE: the array form; @apollo/subgraph 2.15 throws on the object form
  const schema = buildSubgraphSchema([
    { typeDefs: parse(readSdl()), resolvers: merge([scalarResolvers, ...features]) },
  ]);
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities === undefined) throw new Error('the schema has no entities');
  entities.resolve = entitiesResolver(schema, maxEntities);
  forgetBeforeMutations(schema);
  return schema;
}

/** The mutations of one request run one after another: what was read for the one before may no longer be true. */
function forgetBeforeMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = (...call) => {
      const context: Context = call[2];
      context.loaders = createLoaders(context);
      return resolve(...call);
    };
  }
}

/** Features add fields to one another's types; none defines a field twice. */
function merge(features: readonly object[]): ResolverMap['resolvers'] {
  const merged: Record<string, object> = {};
  for (const feature of features) {
    for (const [type, fields] of Object.entries(feature)) {
      merged[type] = type in scalarResolvers ? fields : { ...merged[type], ...fields };
    }
  }
  return merged as ResolverMap['resolvers'];
}
