import type { Fragment, Session, Sql } from '../../db/maintenance.ts';
import type { Count } from '../copy/migration-summary.ts';
import {
  listDependents,
  listOtherRelations,
  listOtherSessions,
  listSizes,
  type SessionCount,
} from '../postgres/catalog.ts';
import { findMigration, type Step } from '../state/migration-state.ts';
import {
  canCheckOwners,
  isKnownStatus,
  isPersonId,
  judgedRows,
  replacements,
} from '../transform/transformed-values.ts';
import { recognise } from '../v1/detect-layout.ts';
import { type Era, type Old, oldTable, PEOPLE_TABLES, ROW_TABLES, type RowTable, type Shape } from '../v1/layout.ts';
import { listRemarks } from './warnings.ts';

/** Measured on two cores with the default settings of PostgreSQL 18, rounded down; see docs/CUTOVER.md. */
const ROWS_PER_SECOND = { migrate: 20_000, verify: 60_000 };

const STATUSES_SHOWN = 20;

export type Inspection =
  | { state: 'empty' | 'current' }
  | { state: 'unknown'; problems: string[] }
  | { state: 'under way' | 'migrated'; era: Era; step: Step; startedAt: string; finishedAt: string | null }
  | ({ state: 'first version' } & OldDatabase);

export interface OldDatabase {
  era: Era;
  /** Rows of each table. */
  rows: Record<string, number>;
  /** People that will be known, in so far as they can be counted. */
  owners: number;
  /** Whether there is still something to look owners up in, for each table. */
  ownersChecked: Record<RowTable, boolean>;
  orphans: Count[];
  /** Values that will be replaced, with the original noted. */
  changes: Count[];
  /** Values that are carried over, in another form or although today's API would not take them. */
  remarks: Count[];
  bytes: Record<string, number>;
  seconds: { migrate: number; verify: number };
  extraColumns: string[];
  otherRelations: string[];
  dependents: string[];
  sessions: SessionCount[];
}

/** Looks at a database and changes nothing. @throws Refusal when a schema `legacy` is there that is not ours */
export async function inspect(session: Session): Promise<Inspection> {
  return session.begin('isolation level repeatable read, read only', async (tx): Promise<Inspection> => {
    const migration = await findMigration(tx);
    if (migration) {
      const { step, startedAt, finishedAt, shape } = migration;
      return { state: step === 'done' ? 'migrated' : 'under way', era: shape.era, step, startedAt, finishedAt };
    }
    const found = await recognise(tx);
    if (found.kind === 'unknown') return { state: 'unknown', problems: found.problems };
    if (found.kind !== 'old') return { state: found.kind };
    return { state: 'first version', ...(await inspectOld(tx, found.shape)) };
  });
}

async function inspectOld(sql: Sql, shape: Shape): Promise<OldDatabase> {
  const old: Old = { sql, schema: 'public', shape };
  const tables = [...shape.people, ...ROW_TABLES];
  const counted = [];
  for (const table of ROW_TABLES) counted.push(await inspectRows(old, table));
  const rows: Record<string, number> = {};
  for (const table of tables) rows[table] = await countRows(old, table);
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return {
    era: shape.era,
    rows,
    owners: await countPeople(old),
    ownersChecked: {
      badges: canCheckOwners(old, 'badges'),
      learning_goals: canCheckOwners(old, 'learning_goals'),
    },
    orphans: [...(await countUnfitPeople(old)), ...counted.flatMap(({ orphans }) => orphans)],
    changes: counted.flatMap(({ changes }) => changes),
    remarks: counted.flatMap(({ remarks }) => remarks),
    bytes: await listSizes(sql, { schema: 'public', tables }),
    seconds: { migrate: Math.ceil(all / ROWS_PER_SECOND.migrate), verify: Math.ceil(all / ROWS_PER_SECOND.verify) },
    extraColumns: shape.extraColumns,
    otherRelations: await listOtherRelations(sql, [...ROW_TABLES, ...PEOPLE_TABLES]),
    dependents: await listDependents(sql, { schema: 'public', tables }),
    sessions: await listOtherSessions(sql),
  };
}

async function inspectRows(old: Old, table: RowTable): Promise<Pick<OldDatabase, 'orphans' | 'changes' | 'remarks'>> {
  const { sql } = old;
  const rows = judgedRows(old, table);
  const orphans = await sql<Count[]>`
    select ${table} as what, o.orphan_reason as reason, count(*)::int as rows from ${rows}
    where o.orphan_reason is not null group by 2 order by 2`;
  const changes = await sql<Count[]>`
    select ${table} || '.' || n.column_name as what, n.reason, count(*)::int as rows
    from ${rows} cross join ${replacements(old, table)}
    where o.orphan_reason is null and n.reason is not null group by 1, 2 order by 1, 2`;
  const statuses = table === 'badges' ? [] : await countUnknownStatuses(old, rows);
  return { orphans, changes: [...changes, ...statuses], remarks: await listRemarks(old, table) };
}

/** The most frequent ones by themselves, and the others together. */
async function countUnknownStatuses({ sql }: Old, rows: Fragment): Promise<Count[]> {
  return sql<Count[]>`
    with status as (
      select coalesce(left(o.status::text, 40), 'null') as text, count(*) as rows
      from ${rows} where o.orphan_reason is null and not ${isKnownStatus(sql)} group by 1),
    ranked as (select *, row_number() over (order by rows desc, text) <= ${STATUSES_SHOWN}::int as is_shown from status)
    select 'learning_goals.status' as what, case when is_shown then text else 'other texts' end as reason,
      sum(rows)::int as rows
    from ranked group by is_shown, 2 order by is_shown desc, 3 desc, 2`;
}

async function countRows(old: Old, table: (typeof PEOPLE_TABLES)[number] | RowTable): Promise<number> {
  const [row] = await old.sql<{ rows: string }[]>`select count(*)::text as rows from ${oldTable(old, table)}`;
  return Number(row?.rows ?? 0);
}

/** All that the tables of people know, and whoever else is taken to exist. */
async function countPeople(old: Old): Promise<number> {
  const { sql, shape } = old;
  const known = shape.people.map(
    (table) => sql`select p.id::text as id from ${oldTable(old, table)} p where ${isPersonId(old, sql`p.id`)}`,
  );
  const taken = ROW_TABLES.filter((table) => !canCheckOwners(old, table)).map(
    (table) => sql`select o.owner_key::text as id from ${judgedRows(old, table)} where o.orphan_reason is null`,
  );
  const ids = [...known, ...taken].reduce((all, one) => sql`${all} union ${one}`);
  const [row] = await sql<{ people: string }[]>`select count(distinct id)::text as people from (${ids}) ids`;
  return Number(row?.people ?? 0);
}

async function countUnfitPeople(old: Old): Promise<Count[]> {
  const { sql } = old;
  const found: Count[] = [];
  for (const table of old.shape.people) {
    const [row] = await sql<{ rows: number }[]>`
      select count(*)::int as rows from ${oldTable(old, table)} p where not ${isPersonId(old, sql`p.id`)}`;
    if (row && row.rows > 0) found.push({ what: table, reason: 'owner id not allowed', rows: row.rows });
  }
  return found;
}
