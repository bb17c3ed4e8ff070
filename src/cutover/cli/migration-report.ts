import type { MigrationResult } from '../copy/migrate-database.ts';
import type { MigrationSummary } from '../copy/migration-summary.ts';
import type { Migration } from '../state/migration-state.ts';
import { OWNED_TABLES } from '../v1/layout.ts';
import { formatBytes, formatCounts, formatNumber, formatSection, sumValues } from './format.ts';
import { formatVerification } from './verification-report.ts';

const DRY_RUN = 'This was a dry run: all changes were rolled back.';

export function formatMigration(result: MigrationResult): string[] {
  switch (result.kind) {
    case 'nothing to do':
      return result.reason === 'current'
        ? ['The database already has the current schema. There is nothing to migrate.']
        : ['The database has already been migrated. Next: `npm run legacy -- verify`.'];
    case 'dry run':
      return [...formatSummary(result.summary), ...formatVerification(result.verification, { strict: true }), DRY_RUN];
    case 'migrated':
      return [...formatSummary(result.summary), 'Next: `npm run legacy -- verify`, then start the service.'];
  }
}

function formatSummary(summary: MigrationSummary): string[] {
  const { migration, rowsRead, rowsPresent, replacements, orphans, bytes, dependents } = summary;
  const { layout, otherRelations } = migration;
  return [
    `Migrated from era ${layout.era}.`,
    ...formatSection('Rows', [
      `auth_users: ${formatNumber(rowsPresent.auth_users ?? 0)} in the new table`,
      ...OWNED_TABLES.map(
        (table) =>
          `${table}: ${formatNumber(rowsRead[table] ?? 0)} read, ${formatNumber(rowsPresent[table] ?? 0)} in the new table`,
      ),
    ]),
    ...formatSection('Orphans, in legacy.orphans', formatCounts(orphans)),
    ...formatSection(
      'Replaced values, with the originals in legacy.value_notes and legacy.status_notes',
      formatCounts(replacements),
    ),
    ...formatSection('Columns that were not copied and stay in the schema legacy', layout.extraColumns),
    ...formatSection('Objects that depend on the v1 tables, now in legacy; they see no later rows', dependents),
    ...formatSection('Other relations in public, not moved', otherRelations),
    ...(layout.userTables.includes('users')
      ? ['Names, bios, email addresses and credentials belong to the auth-service: they stay in legacy.users.']
      : []),
    `The v1 tables are in the schema legacy (${formatBytes(sumValues(bytes))}).`,
  ];
}

export function formatRollback({ movedObjects, layout }: Migration, { dryRun }: { dryRun: boolean }): string[] {
  const names = movedObjects.map(({ schema, name }) => `${schema}.${name}`).join(', ');
  if (dryRun) return [`A rollback would restore ${names}. ${DRY_RUN}`];
  return [`Rolled back: the database is a v1 database of era ${layout.era} again. Restored: ${names}.`];
}
