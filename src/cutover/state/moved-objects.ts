import type { Sql } from '../../db/admin-connection.ts';

/** A table or sequence that was moved from `schema` to `legacy`. Stored as JSON in `legacy.migration.moved`. */
export interface MovedObject {
  kind: 'table' | 'sequence';
  schema: string;
  name: string;
}

export function movedTableNames(objects: readonly MovedObject[]): string[] {
  return objects.filter(({ kind }) => kind === 'table').map(({ name }) => name);
}

/** Moves an object from its original schema to `legacy`. */
export async function moveToLegacy(tx: Sql, { kind, schema, name }: MovedObject): Promise<void> {
  await tx`alter ${tx.unsafe(kind)} ${tx(schema)}.${tx(name)} set schema legacy`;
}

/** Moves an object from `legacy` back to its original schema. */
export async function moveBack(tx: Sql, { kind, schema, name }: MovedObject): Promise<void> {
  await tx`alter ${tx.unsafe(kind)} legacy.${tx(name)} set schema ${tx(schema)}`;
}
