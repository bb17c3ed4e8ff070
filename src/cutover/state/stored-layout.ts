import type { Era, IdType, OwnedTable, UserTable, V1Layout } from '../v1/layout.ts';

/** The JSON of `legacy.migration.shape`. A migration in progress depends on its keys, so they must not change. */
interface StoredLayout {
  era: Era;
  keyType: IdType;
  owners: Record<OwnedTable, string[]>;
  hasZone: boolean;
  people: UserTable[];
  extraColumns: string[];
}

export function serializeLayout(layout: V1Layout): StoredLayout {
  return {
    era: layout.era,
    keyType: layout.userIdType,
    owners: layout.ownerColumns,
    hasZone: layout.hasTimeZone,
    people: layout.userTables,
    extraColumns: layout.extraColumns,
  };
}

export function parseLayout(stored: StoredLayout): V1Layout {
  return {
    era: stored.era,
    userIdType: stored.keyType,
    ownerColumns: stored.owners,
    hasTimeZone: stored.hasZone,
    userTables: stored.people,
    extraColumns: stored.extraColumns,
  };
}
