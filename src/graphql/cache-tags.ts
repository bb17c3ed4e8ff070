import {
  type DocumentNode,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';
import { keysOf } from './entities.ts';

export interface TaggedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** Response extensions from which Apollo Router and Cosmo Router read the cache tags of a subgraph. */
export interface CacheTags {
  /** Those of the root fields that return an entity by its key. */
  apolloCacheTags?: string[];
  /** Those of each representation, in their order. */
  apolloEntityCacheTags?: string[][];
}

/**
 * Returns a function that returns the tags of a query that has succeeded, such as `User:ada`: the type and the key of each
 * entity that it asks for. They are undefined for a query without such an entity.
 */
export function cacheTagsOf(schema: GraphQLSchema): (query: TaggedOperation) => CacheTags | undefined {
  const keys = keyNames(schema);
  return (query) => {
    const fields = rootFields(query, schema);
    const entities = fields.find(({ name }) => name === '_entities');
    if (entities !== undefined) {
      // NOTE: the tags of several root fields beside `_entities` have no place in the format
      return fields.length > 1 ? undefined : { apolloEntityCacheTags: representationTags(entities, keys) };
    }
    const tags = fields.flatMap(({ type, args }) => {
      const key = args[keys.get(type) ?? ''];
      return key === undefined ? [] : `${type}:${key}`;
    });
    return tags.length === 0 ? undefined : { apolloCacheTags: tags };
  };
}

interface RootField {
  name: string;
  /** The name of its type, without list and non-null. */
  type: string;
  args: Record<string, unknown>;
}

function representationTags({ args }: RootField, keys: ReadonlyMap<string, string>): string[][] {
  const representations = args.representations as readonly Record<string, string>[];
  return representations.map((representation) => {
    const { __typename: type = '' } = representation;
    return [`${type}:${representation[keys.get(type) ?? '']}`];
  });
}

function rootFields({ document, operation, variables }: TaggedOperation, schema: GraphQLSchema): RootField[] {
  const query = schema.getQueryType();
  if (query == null) return [];
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const byName = Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment]));
  const fields = collectFields(schema, byName, coerced, query, operation.selectionSet);
  return [...fields.values()].flatMap(([node]) => {
    const field = query.getFields()[node?.name.value ?? ''];
    if (node === undefined || field === undefined) return [];
    const args = getArgumentValues(field, node, coerced);
    return [{ name: field.name, type: getNamedType(field.type).name, args }];
  });
}

/** Returns the name of the key field of each entity type. */
function keyNames(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const union = schema.getType('_Entity');
  const types = isUnionType(union) ? union.getTypes() : [];
  return new Map(types.map((type) => [type.name, keysOf(type)[0]?.[0]?.name ?? '']));
}
