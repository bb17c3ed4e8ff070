import { vi } from 'vitest';
import { createFailureTrigger } from '../../db/failure-trigger.ts';
import { describe, expect, it } from '../../support/fixtures.ts';

/** Their badges take 5 ms each, so that the replica is killed before the last one. */
const USERS = 300;
const START = `mutation { startBadgeBackfill(input: { key: "reader" }) { backfill { id } } }`;
const DEFINE = `mutation { createBadgeDefinition(input: { key: "reader", name: "sleep 0.005", description: "Reads",
  iconUrl: "/reader.svg", state: ACTIVE, rule: { count: { verb: "read", gte: 1 } } }) { definition { key } } }`;
const RECORD = `mutation($input: RecordActivitiesInput!) { recordActivities(input: $input) { results { status } } }`;

describe('a backfill', () => {
  it('continues after its replica was killed, and awards and counts each badge once', async ({
    serveProcess,
    auth,
    db,
  }) => {
    const token = await auth.token('manager', { scope: 'badges:manage activity:write activity:import' });
    await createFailureTrigger(db.sql);
    const first = await serveProcess();
    const activities = Array.from({ length: USERS }, (_, index) => ({
      userId: `u-${index}`,
      eventId: 'e',
      verb: 'read',
      occurredAt: '2026-03-01T10:00:00Z',
    }));
    for (let start = 0; start < USERS; start += 50) {
      const input = { activities: activities.slice(start, start + 50) };
      expect((await first.graphql(RECORD, { input }, { token })).errors).toBeUndefined();
    }
    await first.graphql(DEFINE, {}, { token });
    await first.graphql(START, {}, { token });
    const awarded = async () => (await db.sql`select badges_awarded as count from badge_backfills`)[0]?.count ?? 0;
    await vi.waitUntil(async () => (await awarded()) >= 20, { timeout: 20_000, interval: 5 });
    first.kill('SIGKILL');
    await first.exit;
    expect(await awarded()).toBeLessThan(USERS);

    await serveProcess();
    const isFinished = async () =>
      (await db.sql`select 1 from badge_backfills where finished_at is not null`).length === 1;
    await vi.waitUntil(isFinished, { timeout: 60_000, interval: 100 });
    expect(await db.sql`select users_examined, badges_awarded from badge_backfills`).toEqual([
      { users_examined: USERS, badges_awarded: USERS },
    ]);
    expect(await db.sql`select count(*)::int, count(distinct auth_user_id)::int as users from badges`).toEqual([
      { count: USERS, users: USERS },
    ]);
  }, 120_000);
});
