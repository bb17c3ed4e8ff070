/** Returns the name in GraphQL of a value in code, REST and SQL, by convention: `IN_PROGRESS` for `in-progress`. */
export function enumName(value: string): string {
  return value.toUpperCase().replaceAll('-', '_');
}

/** Returns the value in code, REST and SQL of a name in GraphQL: `in-progress` for `IN_PROGRESS`. */
export function enumValue(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
