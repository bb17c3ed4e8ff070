import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { preparedQuery, single, WRITE } from '../../db/query/prepared-query.ts';
import { integer, json, preparedSql } from '../../db/query/prepared-sql.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import { badgeBackfills as backfills } from '../../db/schema/badge-backfills.ts';
import type { BackfillProgress, BackfillSample, BadgeBackfill, ClaimedBackfill } from './backfill.ts';

const columns = {
  id: backfills.id,
  definitionKey: backfills.definitionKey,
  dryRun: backfills.dryRun,
  usersExamined: backfills.usersExamined,
  badgesAwarded: backfills.badgesAwarded,
  samples: backfills.samples,
  startedAt: backfills.startedAt,
  finishedAt: backfills.finishedAt,
};

type Row = Omit<BadgeBackfill, 'samples'> & { samples: string };

function toBackfill(row: Row): BadgeBackfill {
  return { ...row, samples: JSON.parse(row.samples) as BackfillSample[] };
}

const insertQuery = preparedQuery(
  columns,
  (db) =>
    db
      .insert(backfills)
      .values({
        definitionKey: sql.placeholder('definitionKey'),
        dryRun: sql.placeholder('dryRun'),
        startedAt: sql.placeholder('startedAt'),
      })
      .onConflictDoNothing()
      .returning(columns),
  WRITE,
);

type NewBackfill = Pick<BadgeBackfill, 'definitionKey' | 'dryRun' | 'startedAt'>;

/** Returns undefined while another one of the same kind runs for the definition. */
export async function insertBackfill(db: Db, backfill: NewBackfill): Promise<BadgeBackfill | undefined> {
  const [row] = await insertQuery(db, { ...backfill });
  return row && toBackfill(row);
}

const runningQuery = preparedQuery(columns, (db) =>
  db
    .select(columns)
    .from(backfills)
    .where(
      sql`${backfills.definitionKey} = ${sql.placeholder('definitionKey')}
        and ${backfills.dryRun} = ${sql.placeholder('dryRun')} and ${backfills.finishedAt} is null`,
    ),
);

/** Returns the backfill of the kind that runs for the definition. */
export async function findRunning(
  db: Db,
  kind: Pick<BadgeBackfill, 'definitionKey' | 'dryRun'>,
): Promise<BadgeBackfill | undefined> {
  const [row] = await runningQuery(db, { ...kind });
  return row && toBackfill(row);
}

const findRows = findByIds(columns, backfills);

export async function findBackfills(db: Db, ids: readonly number[]): Promise<(BadgeBackfill | null)[]> {
  return (await findRows(db, ids)).map((row) => row && toBackfill(row));
}

const claimQuery = preparedSql(
  { unfinished: integer, claimed: json<ClaimedBackfill | null>() },
  sql`
    with claimable as (
      select id, heartbeat_at is null as is_first from badge_backfills
      where finished_at is null
        and (heartbeat_at is null or heartbeat_at < now() - make_interval(secs => ${sql.placeholder('leaseSeconds')}::int))
      order by id limit 1 for update skip locked),
    claimed as (
      update badge_backfills b
      set owner = ${sql.placeholder('replicaId')}, heartbeat_at = now(), attempts = attempts + 1
      from claimable where b.id = claimable.id
      returning b.*)
    select (select count(*) from badge_backfills where finished_at is null) as unfinished,
      (select json_build_object('id', id, 'definitionKey', definition_key, 'dryRun', dry_run,
        'isFirstClaim', (select is_first from claimable), 'lastUserId', last_user_id,
        'samples', samples::json, 'attempts', attempts) from claimed) as claimed`,
  WRITE,
);

/** Takes the lease of the oldest unfinished backfill without a live one, and counts all unfinished backfills. */
export async function claimBackfill(
  db: Db,
  lease: { replicaId: string; leaseSeconds: number },
): Promise<{ unfinished: number; claimed: ClaimedBackfill | null }> {
  return single(await claimQuery(db, lease));
}

const idColumn = { id: backfills.id };
const ownership = sql`${backfills.id} = ${sql.placeholder('id')} and ${backfills.owner} = ${sql.placeholder('replicaId')}`;

const discountQuery = preparedQuery(idColumn, (db) =>
  db
    .update(backfills)
    .set({ attempts: sql`greatest(${backfills.attempts} - 1, 0)` })
    .where(ownership)
    .returning(idColumn),
);

/** Does not count the present attempt, so that only failures which a user causes lead to skipping that user. */
export async function discountAttempt(db: Db, attempt: { id: number; replicaId: string }): Promise<void> {
  await discountQuery(db, attempt);
}

const progressQuery = preparedQuery(idColumn, (db) =>
  db
    .update(backfills)
    .set({
      lastUserId: sql`${sql.placeholder('lastUserId')}`,
      usersExamined: sql`${backfills.usersExamined} + ${sql.placeholder('usersExamined')}::int`,
      badgesAwarded: sql`${backfills.badgesAwarded} + ${sql.placeholder('badgesAwarded')}::int`,
      samples: sql`${sql.placeholder('samples')}`,
      heartbeatAt: sql`now()`,
      attempts: sql`0`,
    })
    .where(ownership)
    .returning(idColumn),
);

/** Saves progress and renews the lease; returns false when another replica has taken it. */
export async function saveProgress(db: Db, replicaId: string, progress: BackfillProgress): Promise<boolean> {
  const samples = JSON.stringify(progress.samples);
  return (await progressQuery(db, { ...progress, samples, replicaId })).length > 0;
}

const endQuery = preparedQuery(idColumn, (db) =>
  db
    .update(backfills)
    .set({ finishedAt: sql`${sql.placeholder('finishedAt')}`, owner: sql`null`, heartbeatAt: sql`null` })
    .where(ownership)
    .returning(idColumn),
);

/** Gives the lease up: of a finished backfill, or with null of one that another replica continues. */
export async function releaseBackfill(
  db: Db,
  release: { id: number; replicaId: string; finishedAt: string | null },
): Promise<void> {
  await endQuery(db, release);
}

const usersColumns = { id: authUsers.id };
const usersQuery = preparedQuery(usersColumns, (db) =>
  db
    .select(usersColumns)
    .from(authUsers)
    .where(sql`${authUsers.id} > ${sql.placeholder('after')}`)
    .orderBy(authUsers.id)
    .limit(sql.placeholder('limit')),
);

/** Returns the next users in the order of their ids. */
export async function listUserIds(db: Db, page: { after: string; limit: number }): Promise<string[]> {
  return (await usersQuery(db, page)).map(({ id }) => id);
}
