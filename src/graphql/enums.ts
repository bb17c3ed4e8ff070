import { type DocumentNode, Kind } from 'graphql';

/** Returns the value of an enum in code, REST and SQL, by convention: `in-progress` for `IN_PROGRESS`. */
function internalEnumValue(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Returns the internal values of every enum of the schema, by the enum's name. */
export function enumValues(schema: DocumentNode): Record<string, Record<string, string>> {
  const enums: Record<string, Record<string, string>> = {};
  for (const definition of schema.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) continue;
    const names = definition.values?.map(({ name }) => name.value) ?? [];
    enums[definition.name.value] = Object.fromEntries(names.map((name) => [name, internalEnumValue(name)]));
  }
  return enums;
}
