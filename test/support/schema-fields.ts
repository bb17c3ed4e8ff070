import { readdirSync, readFileSync } from 'node:fs';
import { type FieldDefinitionNode, parse } from 'graphql';

const FOLDER = new URL('../../schema/', import.meta.url);

/** The SDL of all files in `schema/`. */
export const COMMITTED_SDL = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
  .join('\n');

/** Returns the names of the fields that the SDL gives a type in its definition and extensions, sorted. */
export function declaredFields(type: string, sdl = COMMITTED_SDL): string[] {
  const fields = parse(sdl).definitions.flatMap((definition): readonly FieldDefinitionNode[] =>
    (definition.kind === 'ObjectTypeDefinition' || definition.kind === 'ObjectTypeExtension') &&
    definition.name.value === type
      ? (definition.fields ?? [])
      : [],
  );
  return [...new Set(fields.map(({ name }) => name.value))].sort();
}
