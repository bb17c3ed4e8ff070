import { inject } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it as base, runCutover, runSuccessfully, sample, spawnCutover } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { type PausePoint, pauseAtDropSchema, pauseAtRow } from './support/pause-point.ts';

/** A point in each step and between steps, and the step that is stored when the command is killed there. */
const POINTS: [point: string, table: string, when: string, step: string | undefined][] = [
  ['before the move of the v1 tables is committed', 'legacy.migration', "new.step = 'people'", undefined],
  ['while users are copied', 'public.auth_users', "new.id = '7'", 'people'],
  ['between users and badges', 'legacy.migration', "new.step = 'badges'", 'people'],
  ['while badges are copied', 'public.badges', 'new.id = 5', 'badges'],
  ['between badges and goals', 'legacy.migration', "new.step = 'learning_goals'", 'badges'],
  ['while original statuses are recorded', 'legacy.status_notes', 'true', 'learning_goals'],
  ['between goals and planner statistics', 'legacy.migration', "new.step = 'analyze'", 'learning_goals'],
  ['before the last step is stored', 'legacy.migration', "new.step = 'done'", 'analyze'],
];

/** Returns a dump without the pause trigger, and without the times of the migration. */
async function dumpMigrated({ sql }: TestDatabase): Promise<string[]> {
  const [times] = await sql`select started_at::text as started, finished_at::text as finished from legacy.migration`;
  return (await dump(sql))
    .filter((line) => !line.includes('a_test_pause'))
    .map((line) => line.replaceAll(times?.started, 'STARTED').replaceAll(times?.finished, 'FINISHED'));
}

/** `uninterrupted` is the dump of a database that one uninterrupted command has migrated. */
const it = base.extend('uninterrupted', { scope: 'file' }, async ({}) => {
  const db = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  try {
    await db.sql.unsafe(sample('a'));
    await runSuccessfully(db, 'migrate --batch-size 2');
    return await dumpMigrated(db);
  } finally {
    await db.drop();
  }
});

async function killAt(
  { db, pause }: { db: TestDatabase; pause: PausePoint },
  line = 'migrate --batch-size 2',
): Promise<void> {
  const killed = spawnCutover(db, line);
  await pause.reached();
  killed.kill();
  expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  await pause.release();
  await pause.disconnected();
}

describe('a migration that is killed', () => {
  it.for(POINTS)(
    '%s resumes and ends with the same result',
    async ([, table, when, step], { createDatabase, uninterrupted }) => {
      const db = await createDatabase(sample('a'));
      const pause = await pauseAtRow(db, table, when);
      await killAt({ db, pause });
      if (step !== undefined) expect(await runSuccessfully(db, 'inspect')).toContain(`is in progress (step ${step},`);

      await runSuccessfully(db, 'migrate --batch-size 2');
      expect(await dumpMigrated(db)).toEqual(uninterrupted);
      await runSuccessfully(db, 'verify --strict');
    },
  );

  it.for(POINTS.slice(1))('%s can be rolled back', async ([, table, when], { createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const before = await dump(db.sql);
    await killAt({ db, pause: await pauseAtRow(db, table, when) });
    expect(await dump(db.sql)).not.toEqual(before);
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('before the move of the v1 tables is committed changes nothing', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const before = await dump(db.sql);
    await killAt({ db, pause: await pauseAtRow(db, 'legacy.migration', 'true') });
    expect(await dump(db.sql)).toEqual(before);
  });
});

describe('a command that is killed before it commits', () => {
  it.for([
    ['rollback', 'rollback'],
    ['rollback --discard-new', 'rollback'],
    ['finalize --yes', 'finalize --yes'],
  ] as const)('changes nothing and can be repeated: %s', async ([line, again], { createMigrated, migratedOnce }) => {
    const db = await createMigrated();
    const migrated = await dump(db.sql);
    await killAt({ db, pause: await pauseAtDropSchema(db) }, line);
    expect(await dump(db.sql)).toEqual(migrated);
    await runSuccessfully(db, 'verify --strict');
    await runSuccessfully(db, again);
    if (again === 'rollback') expect(await dump(db.sql)).toEqual(migratedOnce.v1);
    else expect(await runSuccessfully(db, 'inspect')).toContain('already has the current schema');
  });
});

describe('a migration that loses its connection', () => {
  it('exits with 1, reports the cause and can be resumed', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const pause = await pauseAtRow(db, 'public.badges', 'new.id = 5');
    const running = spawnCutover(db, 'migrate --batch-size 2');
    await pause.reached();
    await db.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'user-service legacy%'`;
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the connection was lost') });
    await pause.release();
    await runSuccessfully(db, 'migrate --batch-size 2');
    await runSuccessfully(db, 'verify --strict');
  });
});

describe('while a migration runs', () => {
  it('every other command that writes is rejected at once, and the migration succeeds', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const pause = await pauseAtRow(db, 'public.badges', 'new.id = 5');
    const running = spawnCutover(db, 'migrate --batch-size 2');
    await pause.reached();
    for (const [line, message] of [
      ['migrate', 'is running on this'],
      ['migrate --dry-run', 'is running on this'],
      ['rollback', 'is running on this'],
      ['finalize --yes', 'is not complete'],
    ] as const) {
      const { code, stderr } = await runCutover(db, line);
      expect({ line, code, stderr }).toEqual({ line, code: 1, stderr: expect.stringContaining(message) });
    }
    await pause.release();
    expect((await running.ended).code).toBe(0);
    await runSuccessfully(db, 'verify --strict');
  });

  it('no table is locked between batches, and v1 rows and copied rows can be read', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const pause = await pauseAtRow(db, 'legacy.migration', "new.step = 'learning_goals'");
    const running = spawnCutover(db, 'migrate --batch-size 2');
    await pause.reached();
    const locks = await db.sql`
      select c.relname from pg_locks l join pg_class c on c.oid = l.relation join pg_stat_activity a on a.pid = l.pid
      where a.datname = current_database() and a.application_name like 'user-service legacy%'
        and c.relname in ('badges', 'learning_goals', 'users')`;
    expect(locks).toHaveLength(0);
    expect(await db.sql`select id from badges`).toHaveLength(3);
    await pause.release();
    expect((await running.ended).code).toBe(0);
  });
});

describe('a command that ends', () => {
  it.for(['migrate', 'rollback', 'finalize', 'finalize --yes'])(
    'has released the advisory lock, so the next command is accepted: %s',
    async (line, { createDatabase, createMigrated }) => {
      const db = line === 'migrate' ? await createDatabase(sample('a')) : await createMigrated();
      await runCutover(db, line);
      const locks = await db.sql`
        select from pg_locks join pg_database d on d.oid = database
        where locktype = 'advisory' and d.datname = current_database()`;
      expect(locks).toHaveLength(0);
    },
  );
});
