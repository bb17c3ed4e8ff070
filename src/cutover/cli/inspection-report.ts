import type { Inspection, V1Inspection } from '../inspect/inspect.ts';
import { formatBytes, formatCounts, formatDuration, formatNumber, formatSection, sumValues } from './format.ts';

const ERAS = {
  A: 'integer owner_id, users with profiles',
  B: 'uuid user_id, users with credentials',
  C: 'integer auth_user_id, partly migrated',
} as const;

export function formatInspection(inspection: Inspection): string[] {
  switch (inspection.state) {
    case 'empty':
      return ['The database has no v1 tables. To set up a new database, run `npm run db:migrate`.'];
    case 'current':
      return ['The database already has the current schema. There is nothing to migrate.'];
    case 'unknown':
      return [
        'The database does not match any known v1 layout:',
        ...inspection.problems.map((problem) => `  - ${problem}`),
      ];
    case 'in progress':
      return [
        `A migration of era ${inspection.era} is in progress (step ${inspection.step}, started at ${inspection.startedAt}).`,
        'Next: `npm run legacy -- migrate` to resume it, or `npm run legacy -- rollback` to undo it.',
      ];
    case 'migrated':
      return [
        `The database was migrated from era ${inspection.era} (finished at ${inspection.finishedAt}).`,
        'The v1 tables are in the schema legacy.',
        'Next: `npm run legacy -- verify`, then `finalize` or `rollback`.',
      ];
    case 'v1':
      return formatV1(inspection);
  }
}

function formatV1(v1: V1Inspection): string[] {
  const tables = Object.entries(v1.rows).map(
    ([table, rows]) => `${table}: ${formatNumber(rows)} rows, ${formatBytes(v1.bytes[table] ?? 0)}`,
  );
  const unchecked = Object.entries(v1.ownersChecked).filter(([, isChecked]) => !isChecked);
  return [
    `The database is a v1 database of era ${v1.era} (${ERAS[v1.era]}).`,
    ...formatSection('Tables', tables),
    ...formatSection('Users', [
      formatNumber(v1.users),
      ...unchecked.map(([table]) => `some owners of ${table} cannot be looked up and are assumed to exist`),
    ]),
    ...formatSection('Orphans, to be stored in legacy.orphans', formatCounts(v1.orphans)),
    ...formatSection('Values to be replaced, with the originals recorded', formatCounts(v1.replacements)),
    ...formatSection('Warnings', formatCounts(v1.warnings)),
    ...formatSection('Columns that are not copied and stay in the schema legacy', v1.extraColumns),
    ...formatSection(
      'Objects that depend on the v1 tables; they follow these to legacy and see no later rows',
      v1.dependents,
    ),
    ...formatSection('Other relations in public, not moved', v1.otherRelations),
    ...formatSection(
      'Connected now',
      v1.sessions.map(({ application, sessions }) => `${application}: ${sessions}`),
    ),
    `Estimated time: ${formatDuration(v1.seconds.migrate)} for migrate, ${formatDuration(v1.seconds.verify)} for verify.`,
    `Estimated disk space: ${formatBytes(3 * sumValues(v1.bytes))} for the new tables, and the same again for WAL.`,
    'Next: back up the database, then `npm run legacy -- migrate` (docs/CUTOVER.md).',
  ];
}
