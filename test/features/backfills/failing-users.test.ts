import type { Sql } from 'postgres';
import { vi } from 'vitest';
import type { Service } from '../../support/app.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { emptyDatabase } from '../../support/migrations.ts';
import { scrape, sumOf } from '../../telemetry/exposition.ts';
import { trackerOf } from '../awards/tracker.ts';

const START = 'mutation($input: StartBadgeBackfillInput!) { startBadgeBackfill(input: $input) { backfill { id } } }';
const WAIT = { timeout: 60_000, interval: 50 };

/** `failing` is a database that inserts no badge of a user whose id ends in `-fails` or `-is-slow`. */
const it = base.extend('failing', { scope: 'file' }, async ({ db: { sql } }) => {
  await sql`create function time_out() returns trigger language plpgsql as $$
    begin raise 'injected timeout' using errcode = '57014'; end $$`;
  await sql`create trigger time_out before insert on badges for each row when (new.auth_user_id like '%-is-slow') execute function time_out()`;
  await sql`create function fail() returns trigger language plpgsql as $$ begin raise 'injected failure'; end $$`;
  await sql`create trigger fail before insert on badges for each row when (new.auth_user_id like '%-fails') execute function fail()`;
  return sql;
});

/** Returns how many failures of a task the service has counted. */
const failuresOf = async (service: Service, task: string) =>
  sumOf(await scrape(service), 'user_service_background_failures_total', { task });

/** Functions of the only backfill that runs. */
function runningBackfill(sql: Sql) {
  const row = async () => (await sql`select * from badge_backfills order by id desc limit 1`)[0];
  return {
    row,
    /** Ends the lease after an attempt has failed. */
    release: (attempts: number) => sql`
      update badge_backfills set attempts = ${attempts}, heartbeat_at = null where finished_at is null`,
    hasExamined: (userId: string) => vi.waitUntil(async () => (await row())?.last_user_id === userId, WAIT),
    hasFailed: (attempts: number) => vi.waitUntil(async () => (await row())?.attempts === attempts, WAIT),
    hasFinished: () => vi.waitUntil(async () => (await row())?.finished_at !== null, WAIT),
  };
}

describe('a backfill', () => {
  it('skips each of several users whose examination always fails, awards the badges of the others, and counts and logs the error without the user', async ({
    failing: sql,
    service,
    auth,
  }) => {
    const tracker = await trackerOf(service, auth);
    service.logs.clear();
    expect(await failuresOf(service, 'backfill_user')).toBe(0);
    for (const id of ['a-fails', 'b-fails', 'c']) await tracker.record(id, { verb: 'read' });
    const key = await tracker.define({ count: { verb: 'read', gte: 1 } });
    const { release, row, hasExamined, hasFailed, hasFinished } = runningBackfill(sql);
    await tracker.query(START, { input: { key } });
    await hasFailed(1);
    await release(5);
    await hasExamined('a-fails');
    expect(await row()).toMatchObject({ attempts: 0, users_examined: 1, badges_awarded: 0, finished_at: null });
    await release(5);
    await hasFinished();
    expect(await row()).toMatchObject({ badges_awarded: 1 });
    expect(await sql`select auth_user_id as id from badges where definition_key = ${key}`).toEqual([{ id: 'c' }]);
    const skipped = service.logs.filter(({ msg }) => msg === 'badge backfill skips a user whose examination fails');
    const line = { level: 'error', backfill: expect.any(Number), err: { type: 'PostgresError', code: 'P0001' } };
    expect(skipped).toMatchObject([line, line]);
    expect(await failuresOf(service, 'backfill_user')).toBe(2);
    expect(JSON.stringify(service.logs)).not.toMatch(/[ab]-fails/);
  }, 60_000);

  it('keeps its progress up to a user whose examination fails, from the second attempt on', async ({
    failing: sql,
    service,
    auth,
  }) => {
    const tracker = await trackerOf(service, auth);
    for (const id of ['d', 'e-fails']) await tracker.record(id, { verb: id === 'd' ? 'sing' : 'dance' });
    const key = await tracker.define({ count: { verb: 'dance', gte: 1 } });
    const { release, row, hasExamined, hasFailed } = runningBackfill(sql);
    await tracker.query(START, { input: { key } });
    await hasFailed(1);
    await release(1);
    await hasExamined('d');
    expect(await row()).toMatchObject({ attempts: 0, finished_at: null });
  }, 60_000);

  it('counts an attempt that ends by a statement timeout, so that a user whose activities cause it is skipped', async ({
    failing: sql,
    service,
    auth,
  }) => {
    await sql`update badge_backfills set finished_at = now() where finished_at is null`;
    const tracker = await trackerOf(service, auth);
    for (const id of ['0-is-slow', 'g']) await tracker.record(id, { verb: 'climb' });
    const key = await tracker.define({ count: { verb: 'climb', gte: 1 } });
    const { release, row, hasFailed, hasFinished } = runningBackfill(sql);
    await tracker.query(START, { input: { key } });
    await release(1);
    await hasFailed(2);
    await release(5);
    await hasFinished();
    expect(await row()).toMatchObject({ badges_awarded: 1 });
  }, 90_000);

  it('waits as long as a lock, logs and counts that from the second attempt on, and skips no user for it', async ({
    db: { sql },
    service,
    auth,
  }) => {
    await sql`update badge_backfills set finished_at = now() where finished_at is null`;
    const tracker = await trackerOf(service, auth);
    await tracker.record('locked', { verb: 'wait' });
    const key = await tracker.define({ count: { verb: 'wait', gte: 1 } });
    const { release, row, hasFailed, hasFinished } = runningBackfill(sql);
    const counted = await failuresOf(service, 'backfill');
    const failures = () =>
      service.logs.filter(({ msg, err }) => msg === 'badge backfill failed' && err.code === '55P03');
    await sql.begin(async (tx) => {
      await tx`select from auth_users where id = 'locked' for update`;
      await tracker.query(START, { input: { key } });
      await hasFailed(1);
      await hasFailed(0);
      await release(0);
      await expect.poll(failures, { timeout: 60_000 }).toMatchObject([{ level: 'warn' }]);
    });
    expect(await failuresOf(service, 'backfill')).toBe(counted + failures().length);
    await release(0);
    await hasFinished();
    expect(await row()).toMatchObject({ badges_awarded: 1 });
  }, 90_000);
});

describe('the search for a backfill', () => {
  it('logs and counts no failure while the database is down', async ({ serve }) => {
    const service = await serve({ DATABASE_URL: 'postgres://127.0.0.1:1/users' });
    const searches = async () =>
      sumOf(await scrape(service), 'db_client_operation_duration_seconds_count', { db_operation_name: 'WITH' });
    await expect.poll(searches, { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(3);
    expect(service.logs.filter(({ msg }) => msg === 'badge backfill failed')).toEqual([]);
    for (const task of ['backfill_search', 'backfill']) expect(await failuresOf(service, task)).toBe(0);
  }, 90_000);

  it('counts each failure for another reason, and logs the first of several', async ({ serve, onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    const service = await serve({ DATABASE_URL: empty.url });
    await expect.poll(() => failuresOf(service, 'backfill_search'), { timeout: 60_000 }).toBeGreaterThan(1);
    const lines = service.logs.filter(({ msg }) => msg === 'search for badge backfills failed');
    expect(lines).toMatchObject([{ level: 'warn', err: { code: '42P01' } }]);
  }, 90_000);
});
