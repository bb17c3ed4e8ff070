import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '../../support/fixtures.ts';
import { createHttpClient } from '../../support/http-client.ts';

const KILLS = 3;
const RECORDINGS_BETWEEN = 80;
const USERS = 4;
const WRITERS = 12;
/** The badge comes with this many activities. */
const GTE = 25;

const RECORD =
  'mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activity { id } badges { id } } }';
const DEFINE =
  'mutation($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }';

describe('SIGKILL of the service under recordings', () => {
  it('loses no acknowledged activity, and leaves sums, streaks and awards that agree with the activities', {
    timeout: 120_000,
  }, async ({ serveProcess, auth, db, createUser }) => {
    const users = await Promise.all(Array.from({ length: USERS }, () => createUser()));
    let service = await serveProcess();
    const { url } = service;
    const client = createHttpClient(url);
    const token = await auth.token('manager', { scope: 'badges:manage' });
    const rule = { count: { verb: 'practice', gte: GTE } };
    const input = { key: 'keen', name: 'Keen', description: 'Practice', iconUrl: '/keen.svg', state: 'ACTIVE', rule };
    expect((await client.graphql(DEFINE, { input }, { token })).errors).toBeUndefined();

    const acknowledged: string[] = [];
    let isOver = false;
    const write = async (writer: number) => {
      const user = users[writer % USERS] as { id: string; token: string };
      for (let count = 0; !isOver; count++) {
        const eventId = `${user.id}-${writer}-${count}`;
        const activity = { eventId, verb: 'practice', quantity: 1 + (count % 3) };
        const response = await client
          .graphql(RECORD, { input: activity }, { token: user.token })
          .catch(() => undefined);
        if (response?.data?.recordActivity?.activity) acknowledged.push(eventId);
        else await delay(20);
      }
    };
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = acknowledged.length + RECORDINGS_BETWEEN;
      await expect.poll(() => acknowledged.length, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
      service.kill('SIGKILL');
      await service.exit;
      service = await serveProcess({ PORT: new URL(url).port });
    }
    isOver = true;
    await Promise.all(writers);

    const stored = await db.sql<{ event_id: string }[]>`select event_id from activities`;
    const ids = new Set(stored.map(({ event_id }) => event_id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    const sums = await db.sql`
      select a.auth_user_id from (
        select auth_user_id, count(*) as count, sum(quantity) as quantity, count(distinct local_date) as days
        from activities group by 1) a
      join activity_totals t on t.auth_user_id = a.auth_user_id and t.series = 'all'
      join (select auth_user_id, sum(count) as count from activity_days where series = 'all' group by 1) d
        on d.auth_user_id = a.auth_user_id
      join streaks s on s.auth_user_id = a.auth_user_id and s.series = 'all'
      where (t.count, t.quantity, t.days, d.count) = (a.count, a.quantity, a.days, a.count)
        and (substr(split_part(s.forecast, chr(10), -1), 12)::json ->> 3)::int = a.days`;
    expect(sums).toHaveLength(USERS);
    const awards = await db.sql`
      select b.auth_user_id, json_array_length(e.activity_ids::json) as activities, u.badge_count
      from badges b
      join badge_evidence e using (auth_user_id, definition_key, award_key)
      join auth_users u on u.id = b.auth_user_id`;
    expect(awards.map(({ activities, badge_count }) => ({ activities, badge_count }))).toEqual(
      Array(USERS).fill({ activities: GTE, badge_count: 1 }),
    );
    client.disconnect();
  });
});
