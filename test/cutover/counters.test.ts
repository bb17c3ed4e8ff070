import { vi } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { undoLaterMigrations } from './support/version-2.ts';

/** Counts the sessions of the cut-over that wait for a lock. */
async function countWaitingForLocks({ sql }: TestDatabase): Promise<number> {
  const waiting = await sql`
    select from pg_stat_activity
    where datname = current_database() and application_name like 'user-service legacy%' and wait_event_type = 'Lock'`;
  return waiting.length;
}

describe('the counters of a migrated database', () => {
  it('are the numbers of rows, and verify reports wrong ones', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate');
    const wrong = await db.sql`
      select id from auth_users u
      where badge_count is distinct from (select count(*) from badges where auth_user_id = u.id)
        or goal_count is distinct from (select count(*) from learning_goals where auth_user_id = u.id)`;
    expect([...wrong]).toEqual([]);
    await runSuccessfully(db, 'verify');
    await db.sql`update auth_users set goal_count = goal_count + 1 where id = (select min(id) from auth_users)`;
    const { code, stdout } = await runCutover(db, 'verify');
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('1 wrong values of goal_count') });
  });

  it('leave out revoked badges, as those of the service do', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate');
    await db.sql`
      with revoked as (
        update badges set status = 'revoked', revoked_at = now(), revoked_reason = 'a mistake'
        where id = (select min(id) from badges) returning auth_user_id)
      update auth_users set badge_count = badge_count - 1 from revoked where id = revoked.auth_user_id`;
    await runSuccessfully(db, 'verify');
  });

  it('are set while other transactions write, and only the rows of their users are locked', async ({
    createMigrated,
  }) => {
    const db = await createMigrated();
    const before = await db.sql`select id, badge_count, goal_count from auth_users order by id`;
    await db.sql`update auth_users set badge_count = null, goal_count = 99`;
    await db.sql`update legacy.migration set step = 'analyze', finished_at = null`;
    const writer = await db.sql.reserve();
    await writer`begin`;
    await writer`select from auth_users where id = '7' for update`;
    const migrating = runCutover(db, 'migrate');
    await vi.waitUntil(async () => (await countWaitingForLocks(db)) > 0, { timeout: 15_000, interval: 1 });
    await db.sql.begin(async (tx) => {
      await tx`set local lock_timeout = '500ms'`;
      await tx`update auth_users set first_seen_at = first_seen_at where id = '1'`;
    });
    await writer`commit`;
    writer.release();
    expect(await migrating).toMatchObject({ code: 0 });
    expect(await db.sql`select id, badge_count, goal_count from auth_users order by id`).toEqual(before);
    await runSuccessfully(db, 'verify --strict');
  });

  it('are set when a migration of version 2.0.0 is resumed', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate');
    await undoLaterMigrations(db);
    await runSuccessfully(db, 'verify');
    await db.sql`update legacy.migration set step = 'analyze', finished_at = null`;
    await runSuccessfully(db, 'migrate');
    const [unknown] = await db.sql`select count(*)::int as count from auth_users where badge_count is null`;
    expect(unknown?.count).toBe(0);
  });
});
