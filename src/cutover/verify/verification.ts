import type { OwnedTable, UserTable } from '../v1/layout.ts';

/** Results that the service itself causes after the migration. */
export const SERVICE_CHANGES = ['changed by the service', 'deleted by the service'] as const;
/** Results that mean that a row was lost or altered. */
export const MISMATCHES = [
  'missing',
  'deleted manually',
  'different',
  'unexpected',
  'duplicate',
  'not an orphan',
  'missing from the orphans',
  'altered orphan',
  'orphan without v1 row',
] as const;
/** The result of comparing a v1 row with the current tables. */
export type RowResult = 'match' | 'orphan' | (typeof SERVICE_CHANGES)[number] | (typeof MISMATCHES)[number];

export interface RowDifference {
  id: string;
  result: RowResult;
  expected: Record<string, unknown> | null;
  actual: Record<string, unknown> | null;
}

export interface OwnedTableVerification {
  table: OwnedTable;
  /** Row count of each result. */
  rows: Partial<Record<RowResult, number>>;
  /** Checksums of all columns of the rows that the service has not changed. */
  checksums: { expected: string; actual: string };
  /** The number of owners of copied rows, and of those whose row count differs. */
  owners: { total: number; different: number };
  /** Rows created after the migration. */
  newRows: number;
  /** The next id of the sequence, and whether v1 cannot have assigned it. */
  nextId: { id: string; isNew: boolean };
  /** The first mismatches. */
  differences: RowDifference[];
}

export interface UserTableVerification {
  table: UserTable;
  missing: number;
  /** The first missing ids. */
  missingIds: string[];
}

/** Data that v1 does not have. */
export interface TrackedData {
  /** The number of users with changes of tracked data, such as activities. */
  users: number;
  /** The number of badge definitions. */
  definitions: number;
  /** The number of rows in all other tables that v1 does not have. */
  others: number;
}

export interface Verification {
  tables: OwnedTableVerification[];
  userTables: UserTableVerification[];
  /** Users added after the migration. */
  newUsers: number;
  /** Tracked data, which the service has written after the migration. */
  tracked: TrackedData;
  /** The number of wrong values in each counter of `auth_users`. */
  counters: Record<string, number>;
}

export function isMismatch(result: RowResult): boolean {
  return MISMATCHES.some((mismatch) => mismatch === result);
}

/** Returns whether no row was lost or altered. With `strict`, writes by the service also count as differences. */
export function isVerified(verification: Verification, { strict }: { strict: boolean }): boolean {
  const { tables, userTables, counters } = verification;
  const areRowsIntact = tables.every(
    ({ rows, checksums, owners, nextId }) =>
      !MISMATCHES.some((mismatch) => rows[mismatch]) &&
      checksums.expected === checksums.actual &&
      owners.different === 0 &&
      nextId.isNew,
  );
  const areCountersRight = Object.values(counters).every((wrong) => wrong === 0);
  const areUsersPresent = userTables.every(({ missing }) => missing === 0);
  return areRowsIntact && areCountersRight && areUsersPresent && !(strict && hasWrites(verification));
}

function hasWrites({ tables, newUsers, tracked }: Verification): boolean {
  const counts = [newUsers, ...Object.values(tracked)];
  return [...counts, ...tables.map((table) => table.newRows + countServiceChanges(table))].some((count) => count > 0);
}

/** Counts the copied rows that the service has changed or deleted. */
export function countServiceChanges({ rows }: OwnedTableVerification): number {
  return SERVICE_CHANGES.reduce((sum, result) => sum + (rows[result] ?? 0), 0);
}
