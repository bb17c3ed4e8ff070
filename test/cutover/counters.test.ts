import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';

/** Restores the schema of version 2.0.0, which only the first migration has created. */
const UNDO_COUNTERS = [
  'drop function forget_counter() cascade',
  'alter table auth_users drop column badge_count, drop column goal_count, drop column tracking_version',
  `alter table badges drop column status, drop column definition_key, drop column definition_version,
    drop column award_key, drop column revoked_at, drop column revoked_reason`,
  `alter table learning_goals drop column target_quantity, drop column due_on, drop column times_per_week,
    drop column streak_written_at, drop column first_activity_on, drop column streak_base`,
  `drop table activities, activity_days, activity_totals, badge_backfills, badge_definition_revision,
    badge_definition_versions, badge_definitions, badge_evidence, excused_dates, streaks, user_time_zones`,
  'delete from drizzle.__drizzle_migrations where id > (select min(id) from drizzle.__drizzle_migrations)',
];

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

  it('are set when a migration of version 2.0.0 is resumed', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate');
    for (const statement of UNDO_COUNTERS) await db.sql.unsafe(statement);
    await runSuccessfully(db, 'verify');
    await db.sql`update legacy.migration set step = 'analyze', finished_at = null`;
    await runSuccessfully(db, 'migrate');
    const [unknown] = await db.sql`select count(*)::int as count from auth_users where badge_count is null`;
    expect(unknown?.count).toBe(0);
  });
});
