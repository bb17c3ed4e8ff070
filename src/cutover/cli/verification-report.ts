import {
  isVerified,
  MISMATCHES,
  type OwnedTableVerification,
  type RowDifference,
  SERVICE_CHANGES,
  type TrackedData,
  type UserTableVerification,
  type Verification,
} from '../verify/verification.ts';
import { formatNumber, replaceControlCharacters } from './format.ts';

/** Characters of a value. */
const MAX_VALUE_LENGTH = 80;

export function formatVerification(verification: Verification, { strict }: { strict: boolean }): string[] {
  const hasDeletions = verification.tables.some(({ rows }) => rows['deleted by the service']);
  const places = hasDeletions
    ? 'in the new tables or the orphans, or was deleted by the service'
    : 'in the new tables or the orphans';
  return [
    ...verification.tables.flatMap(formatOwnedTable),
    ...verification.userTables.map(formatUserTable),
    ...(verification.newUsers > 0
      ? [`auth_users: ${formatNumber(verification.newUsers)} new since the migration`]
      : []),
    ...formatTracked(verification.tracked),
    ...Object.entries(verification.counters).flatMap(([counter, wrong]) =>
      wrong > 0 ? [`auth_users: ${formatNumber(wrong)} wrong values of ${counter} (see \`npm run db:verify\`)`] : [],
    ),
    isVerified(verification, { strict })
      ? `Verified: every v1 row is ${places}, exactly once.`
      : 'NOT VERIFIED: see the differences above.',
  ];
}

function formatOwnedTable(verification: OwnedTableVerification): string[] {
  const { table, rows, checksums, owners, newRows, nextId, differences } = verification;
  const areChecksumsEqual = checksums.expected === checksums.actual;
  const writes = [
    ...(newRows > 0 ? [`${formatNumber(newRows)} new`] : []),
    ...SERVICE_CHANGES.filter((result) => rows[result]).map(
      (result) => `${formatNumber(rows[result] ?? 0)} ${result.replace(' by the service', '')}`,
    ),
  ];
  return [
    `${table}: ${formatNumber(rows.match ?? 0)} rows match, ${formatNumber(rows.orphan ?? 0)} orphans`,
    areChecksumsEqual
      ? `  checksum ${checksums.expected} of the v1 rows and the new rows`
      : `  checksum ${checksums.actual}, expected ${checksums.expected}`,
    `  ${formatNumber(owners.total)} owners, ${formatNumber(owners.different)} with a different row count`,
    ...(nextId.isNew ? [] : [`  the next id is ${nextId.id}, which v1 may have assigned`]),
    ...(writes.length > 0 ? [`  written by the service since the migration: ${writes.join(', ')}`] : []),
    ...MISMATCHES.filter((result) => rows[result]).map((result) => `  ${formatNumber(rows[result] ?? 0)} ${result}`),
    ...differences.map((difference) => `    ${table} ${formatDifference(difference)}`),
  ];
}

function formatTracked({ users, definitions, others }: TrackedData): string[] {
  return [
    ...(users > 0 ? [`tracked data of ${formatNumber(users)} users since the migration`] : []),
    ...(definitions > 0 ? [`badge_definitions: ${formatNumber(definitions)} new since the migration`] : []),
    ...(others > 0 ? [`${formatNumber(others)} rows in tables that v1 does not have`] : []),
  ];
}

function formatUserTable({ table, missing, missingIds }: UserTableVerification): string {
  if (missing === 0) return `${table}: all users are in auth_users`;
  return `${table}: ${formatNumber(missing)} users are not in auth_users, for example ${missingIds.join(', ')}`;
}

function formatDifference({ id, result, expected, actual }: RowDifference): string {
  if (result !== 'different' || !expected || !actual) return `${id}: ${result}`;
  const columns = Object.keys(expected).filter((column) => expected[column] !== actual[column]);
  const values = columns.map(
    (column) => `${column} is ${formatValue(actual[column])}, expected ${formatValue(expected[column])}`,
  );
  return `${id}: ${values.join('; ')}`;
}

function formatValue(value: unknown): string {
  const text = replaceControlCharacters(JSON.stringify(value) ?? 'undefined');
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}
