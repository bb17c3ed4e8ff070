import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, sample, startLegacy, succeed } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { type Gate, shutGate, shutGateAtDrop } from './support/pause-point.ts';

/** A place in every step and between any two, and what the bookkeeping says when it is left there. */
const PLACES: [place: string, table: string, when: string, step: string | undefined][] = [
  ['before the old tables are moved aside for good', 'legacy.migration', "new.step = 'people'", undefined],
  ['among the people', 'public.auth_users', "new.id = '7'", 'people'],
  ['between people and badges', 'legacy.migration', "new.step = 'badges'", 'people'],
  ['among the badges', 'public.badges', 'new.id = 5', 'badges'],
  ['between badges and goals', 'legacy.migration', "new.step = 'learning_goals'", 'badges'],
  ['among the notes of goals', 'legacy.status_notes', 'true', 'learning_goals'],
  ['between goals and statistics', 'legacy.migration', "new.step = 'analyze'", 'learning_goals'],
  ['before the end', 'legacy.migration', "new.step = 'done'", 'analyze'],
];

/** Everything that a migration leaves, but for when it ran and the gate. */
async function resultOf({ sql }: TestDatabase): Promise<string[]> {
  const [times] = await sql`select started_at::text as started, finished_at::text as finished from legacy.migration`;
  return (await dump(sql))
    .filter((line) => !line.includes('a_gate'))
    .map((line) => line.replaceAll(times?.started, 'THEN').replaceAll(times?.finished, 'LATER'));
}

async function killAt({ db, gate }: { db: TestDatabase; gate: Gate }, line = 'migrate --batch-size 2'): Promise<void> {
  const killed = startLegacy(db, line);
  await gate.reached();
  killed.kill();
  expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  await gate.open();
  await gate.deserted();
}

describe('a migration that is killed', () => {
  it.for(PLACES)('%s goes on where it was and ends the same', async ([, table, when, step], { databaseOf }) => {
    const [db, whole] = [await databaseOf(sample('a')), await databaseOf(sample('a'))];
    await succeed(whole, 'migrate --batch-size 2');
    const gate = await shutGate(db, table, when);
    await killAt({ db, gate });
    if (step !== undefined) expect(await succeed(db, 'inspect')).toContain(`is at the step ${step}`);

    await succeed(db, 'migrate --batch-size 2');
    expect(await resultOf(db)).toEqual(await resultOf(whole));
    await succeed(db, 'verify --strict');
  });

  it.for(PLACES.slice(1))('%s is undone by rollback', async ([, table, when], { databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const before = await dump(db.sql);
    await killAt({ db, gate: await shutGate(db, table, when) });
    expect(await dump(db.sql)).not.toEqual(before);
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('before the old tables are moved aside for good has changed nothing', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const before = await dump(db.sql);
    await killAt({ db, gate: await shutGate(db, 'legacy.migration', 'true') });
    expect(await dump(db.sql)).toEqual(before);
  });
});

describe('killed in the middle', () => {
  it.for([
    ['rollback', 'rollback'],
    ['rollback --discard-new', 'rollback'],
    ['finalize --yes', 'finalize --yes'],
  ] as const)('%s has changed nothing, and can be run again', async ([line, again], { databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const old = await dump(db.sql);
    await succeed(db, 'migrate');
    const migrated = await dump(db.sql);
    await killAt({ db, gate: await shutGateAtDrop(db) }, line);
    expect(await dump(db.sql)).toEqual(migrated);
    await succeed(db, 'verify --strict');
    await succeed(db, again);
    if (again === 'rollback') expect(await dump(db.sql)).toEqual(old);
    else expect(await succeed(db, 'inspect')).toContain('at the present schema');
  });
});

describe('a migration whose connection is cut', () => {
  it('ends with 1 and says so, and goes on when it is run again', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const gate = await shutGate(db, 'public.badges', 'new.id = 5');
    const cut = startLegacy(db, 'migrate --batch-size 2');
    await gate.reached();
    await db.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'user-service legacy%'`;
    expect(await cut.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the connection to it broke') });
    await gate.open();
    await succeed(db, 'migrate --batch-size 2');
    await succeed(db, 'verify --strict');
  });
});

describe('while a migration runs', () => {
  it('every other command that changes something is refused at once, and it goes on undisturbed', async ({
    databaseOf,
  }) => {
    const db = await databaseOf(sample('a'));
    const gate = await shutGate(db, 'public.badges', 'new.id = 5');
    const running = startLegacy(db, 'migrate --batch-size 2');
    await gate.reached();
    for (const line of ['migrate', 'migrate --dry-run', 'rollback', 'finalize --yes']) {
      const { code, stderr } = await startLegacy(db, line).ended;
      expect({ line, code, stderr }).toEqual({ line, code: 1, stderr: expect.stringContaining('is at work') });
    }
    await gate.open();
    expect((await running.ended).code).toBe(0);
    await succeed(db, 'verify --strict');
  });

  it('between batches nothing is locked, and old rows and new ones can be read', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const gate = await shutGate(db, 'legacy.migration', "new.step = 'learning_goals'");
    const running = startLegacy(db, 'migrate --batch-size 2');
    await gate.reached();
    const locks = await db.sql`
      select c.relname from pg_locks l join pg_class c on c.oid = l.relation join pg_stat_activity a on a.pid = l.pid
      where a.application_name like 'user-service legacy%' and c.relname in ('badges', 'learning_goals', 'users')`;
    expect(locks).toHaveLength(0);
    expect(await db.sql`select id from badges`).toHaveLength(3);
    await gate.open();
    expect((await running.ended).code).toBe(0);
  });
});
