import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';

/** The maximum lengths of the lists of introspection, by field. */
type Sizes = Readonly<Record<string, number>>;

/**
 * Returns the maximum length of a list of introspection: the longest such list of the schema. For arguments it is the
 * mean: the longest lists of types, fields and arguments together would be more than the whole schema many times over.
 */
export function introspectionListSize(schema: GraphQLSchema, fieldName: string): number {
  return sizesOf(schema)[fieldName] ?? 1;
}

const sizesOf = memoizeByObject((schema: GraphQLSchema): Sizes => {
  const types = Object.values(schema.getTypeMap());
  const directives = schema.getDirectives();
  const fieldLists = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .map((type) => type.getFields());
  const fields = fieldLists.flatMap((list) => Object.values(list));
  const longest = (lengths: number[]) => Math.max(1, ...lengths);
  const mean = (lengths: number[]) => Math.ceil(lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
  return {
    types: types.length,
    directives: directives.length,
    locations: longest(directives.map(({ locations }) => locations.length)),
    args: mean([...fields, ...directives].map(({ args }) => args.length)),
    fields: longest(fieldLists.map((list) => Object.keys(list).length)),
    inputFields: longest(types.filter(isInputObjectType).map((type) => Object.keys(type.getFields()).length)),
    enumValues: longest(types.filter(isEnumType).map((type) => type.getValues().length)),
    interfaces: longest(types.filter(isObjectType).map((type) => type.getInterfaces().length)),
    possibleTypes: longest(types.filter(isUnionType).map((type) => type.getTypes().length)),
  };
});
