import type { Migrated } from '../copy/migrate-database.ts';
import type { Count, Outcome } from '../copy/migration-summary.ts';
import type { Inspection, OldDatabase } from '../inspect/inspect.ts';
import type { Migration } from '../state/migration-state.ts';
import { BAD, type Detail } from '../verify/compare-rows.ts';
import { type Findings, isSound, type PeopleFindings, type TableFindings } from '../verify/verify-migration.ts';
import { duration, grouped } from './progress-reporter.ts';

const ERAS = {
  A: 'integer owner_id, users with ids',
  B: 'uuid user_id, users with credentials',
  C: 'half-migrated: integer auth_user_id',
} as const;

export function describeInspection(found: Inspection): string[] {
  switch (found.state) {
    case 'empty':
      return ['There are no tables of the first version here. For a new database, run `npm run db:migrate`.'];
    case 'current':
      return ['This database is at the present schema already: there is nothing to migrate.'];
    case 'unknown':
      return [
        "This is no shape of the first version's database:",
        ...found.problems.map((problem) => `  - ${problem}`),
      ];
    case 'under way':
      return [
        `A migration of era ${found.era} is under way: it began at ${found.startedAt} and is at the step ${found.step}.`,
        'Next: `npm run legacy -- migrate` goes on, `npm run legacy -- rollback` undoes it.',
      ];
    case 'migrated':
      return [
        `This database was migrated from era ${found.era} (finished at ${found.finishedAt}); the old tables are in the schema legacy.`,
        'Next: `npm run legacy -- verify`, then `finalize` or `rollback`.',
      ];
    case 'first version':
      return describeOld(found);
  }
}

function describeOld(found: OldDatabase): string[] {
  const rows = Object.entries(found.rows).map(
    ([table, count]) => `${table} ${grouped(count)} rows, ${megabytes(found.bytes[table] ?? 0)}`,
  );
  const unchecked = Object.entries(found.ownersChecked).filter(([, isChecked]) => !isChecked);
  return [
    `A database of the first version, era ${found.era} (${ERAS[found.era]}).`,
    ...section('Tables', rows),
    ...section('People', [
      grouped(found.owners),
      ...unchecked.map(([table]) => `some owners in ${table} cannot be looked up any more: they are taken to exist`),
    ]),
    ...section('Orphans, which go to legacy.orphans', counts(found.orphans)),
    ...section('Values that will be replaced, the original noted', counts(found.changes)),
    ...section('Values to know of', counts(found.remarks)),
    ...section('Columns that have no place in the new tables and stay in legacy', found.extraColumns),
    ...section('What uses the old tables, and will use them in legacy', found.dependents),
    ...section('What else is in public, and is left alone', found.otherRelations),
    ...section(
      'Connected now',
      found.sessions.map(({ application, sessions }) => `${application}: ${sessions}`),
    ),
    `Time: about ${duration(found.seconds.migrate)} for migrate, ${duration(found.seconds.verify)} for verify.`,
    `Room: the new tables take about three times as much (${megabytes(3 * total(found.bytes))}), and WAL as much again.`,
    'Next: back it up, then `npm run legacy -- migrate` (docs/CUTOVER.md).',
  ];
}

export function describeMigrated(migrated: Migrated): string[] {
  if (migrated.kind === 'nothing to do') {
    return migrated.because === 'current'
      ? ['This database is at the present schema already: there is nothing to migrate.']
      : ['This database has been migrated already. Next: `npm run legacy -- verify`.'];
  }
  return [
    ...describeOutcome(migrated.outcome),
    ...(migrated.kind === 'dry run'
      ? [
          ...describeFindings(migrated.findings, { strict: true }),
          'This was a dry run: everything is as it was before.',
        ]
      : ['Next: `npm run legacy -- verify`, then start the service.']),
  ];
}

function describeOutcome({ migration, read, present, changes, orphans, sizes, dependents }: Outcome): string[] {
  const { shape, moved } = migration;
  const hasUsers = moved.some(({ name }) => name === 'users');
  return [
    `Migrated from era ${shape.era}.`,
    ...section('Rows', [
      `people: ${grouped(present.auth_users ?? 0)} in auth_users`,
      ...['badges', 'learning_goals'].map(
        (table) => `${table}: ${grouped(read[table] ?? 0)} read, ${grouped(present[table] ?? 0)} in the new table`,
      ),
    ]),
    ...section('Orphans, in legacy.orphans', counts(orphans)),
    ...section('Values that were replaced, in legacy.value_notes and legacy.status_notes', counts(changes)),
    ...section('Columns that have no place in the new tables and stay in legacy', shape.extraColumns),
    ...section('What uses the old tables, now in legacy', dependents),
    ...section('What else was in public, and was left alone', migration.bystanders),
    ...(hasUsers
      ? ["Names, bios, e-mail and credentials are the auth-service's business: they stay in legacy.users, uncopied."]
      : []),
    `The old tables are in the schema legacy (${megabytes(total(sizes))}).`,
  ];
}

export function describeFindings(findings: Findings, { strict }: { strict: boolean }): string[] {
  const places = findings.tables.some(({ rows }) => rows['deleted since'])
    ? 'in the new tables, among the orphans, or deleted by the service since'
    : 'in the new tables or among the orphans';
  const verdict = isSound(findings, { strict })
    ? `Verified: every old row is ${places}, exactly once.`
    : 'NOT VERIFIED: see the differences above.';
  return [
    ...findings.tables.flatMap(describeTable),
    ...findings.people.flatMap(describePeople),
    ...(findings.newPeople > 0 ? [`auth_users: ${grouped(findings.newPeople)} new since`] : []),
    verdict,
  ];
}

function describeTable({ table, rows, checksums, owners, newRows, nextId, differences }: TableFindings): string[] {
  const isSame = checksums.old === checksums.new;
  const since = [
    ...(newRows > 0 ? [`${grouped(newRows)} new`] : []),
    ...(['changed since', 'deleted since'] as const)
      .filter((verdict) => rows[verdict])
      .map((verdict) => `${grouped(rows[verdict] ?? 0)} ${verdict.replace(' since', '')}`),
  ];
  return [
    `${table}: ${grouped(rows.same ?? 0)} rows as they must be, ${grouped(rows.orphan ?? 0)} orphans`,
    `  checksum ${checksums.old} ${isSame ? 'on both sides' : `of the old rows, ${checksums.new} of the new ones`}`,
    `  ${grouped(owners.all)} owners, ${owners.different === 0 ? 'each with as many rows as before' : `${grouped(owners.different)} with another number of rows`}`,
    ...(nextId.isNew ? [] : [`  the next new row would be numbered ${nextId.id}, as an old one was`]),
    ...(since.length > 0 ? [`  written since by the service: ${since.join(', ')}`] : []),
    ...BAD.filter((verdict) => rows[verdict]).map((verdict) => `  ${grouped(rows[verdict] ?? 0)} ${verdict}`),
    ...differences.map((detail) => `    ${describeDifference(table, detail)}`),
  ];
}

function describePeople({ table, missing, firstMissing }: PeopleFindings): string[] {
  if (missing === 0) return [`${table}: all of them are known`];
  return [`${table}: ${grouped(missing)} are not known any more, such as ${firstMissing.join(', ')}`];
}

function describeDifference(table: string, { id, verdict, want, have }: Detail): string {
  if (verdict !== 'different' || !want || !have) return `${table} ${id}: ${verdict}`;
  const columns = Object.keys(want).filter((column) => want[column] !== have[column]);
  const told = columns.map((column) => `${column} is ${quoted(have[column])}, must be ${quoted(want[column])}`);
  return `${table} ${id}: ${told.join('; ')}`;
}

export function describeRollback({ moved, shape }: Migration, { dryRun }: { dryRun: boolean }): string[] {
  const names = moved.map(({ schema, name }) => `${schema}.${name}`).join(', ');
  if (dryRun)
    return [`Rolling back would put these back: ${names}. This was a dry run: everything is as it was before.`];
  return [`Rolled back: this is a database of era ${shape.era} again, with ${names} as they were.`];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${printable(line)}`)];
}

function counts(all: readonly Count[]): string[] {
  return all.map(({ what, reason, rows }) => `${what}: ${grouped(rows)} (${reason})`);
}

/** What people have typed goes to a terminal, which would obey its control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd');
}

function quoted(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function total(bytes: Record<string, number>): number {
  return Object.values(bytes).reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return `${grouped(Math.ceil(bytes / 1_000_000))} MB`;
}
