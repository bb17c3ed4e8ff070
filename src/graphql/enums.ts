import { type DocumentNode, GraphQLError, type GraphQLSchema, isEnumType, isIntrospectionType, Kind } from 'graphql';
import { alternatives } from '../lib/alternatives.ts';
import { enumValue } from '../lib/enum-name.ts';

/** Returns the internal values of every enum of the schema, by the enum's name. */
export function enumValues(schema: DocumentNode): Record<string, Record<string, string>> {
  const enums: Record<string, Record<string, string>> = {};
  for (const definition of schema.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) continue;
    const names = definition.values?.map(({ name }) => name.value) ?? [];
    enums[definition.name.value] = Object.fromEntries(names.map((name) => [name, enumValue(name)]));
  }
  return enums;
}

/** Lets the errors about a value that an enum does not have name the values that it has. */
export function nameEnumValues(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type) || isIntrospectionType(type)) continue;
    const names = alternatives(type.getValues().map(({ name }) => name));
    const [parseValue, parseLiteral] = [type.parseValue.bind(type), type.parseLiteral.bind(type)];
    type.parseValue = (value) => withExpectation(names, () => parseValue(value, true));
    type.parseLiteral = (node, variables) => withExpectation(names, () => parseLiteral(node, variables, true));
  }
}

function withExpectation<Value>(names: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(`${error.message} Expected ${names}.`, { nodes: error.nodes ?? null });
  }
}
