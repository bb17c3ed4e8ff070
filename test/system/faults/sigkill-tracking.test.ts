import { setTimeout as delay } from 'node:timers/promises';
import { READ_STREAKS, recomputeStreaks, shownStreaks, sumsOf } from '../../features/streaks/recomputed-streaks.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { createHttpClient, type HttpClient } from '../../support/http-client.ts';

const KILLS = 3;
const RECORDINGS_BETWEEN = 80;
const USERS = 4;
const WRITERS = 12;
/** The badge comes with this many activities. */
const GTE = 25;

/** Dates of the activities, and of the excused dates. */
const DATES = 40;
const DAY_MS = 86_400_000;

const RECORD =
  'mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activity { id } badges { id } } }';
const VOID = 'mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }';
const EXCUSE = 'mutation($input: ExcuseDatesInput!) { excuseDates(input: $input) { excusedDates { id } } }';
const CREATE_GOAL = 'mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
const DEFINE =
  'mutation($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }';

/** The acknowledged changes of all writers. They write until `isOver`. */
interface Writes {
  events: string[];
  voids: string[];
  ranges: string[];
  isOver: boolean;
}

interface Writer {
  client: HttpClient;
  /** `goals` are the ids of a daily and of a weekly goal. */
  user: { id: string; token: string; goals: string[] };
  number: number;
}

/**
 * Records activities of many dates, for each goal and for none, voids every fourth one, and excuses a date after every
 * eighth.
 */
async function write({ client, user, number }: Writer, writes: Writes): Promise<void> {
  const send = async (query: string, input: object) => {
    const response = await client.graphql(query, { input }, { token: user.token }).catch(() => undefined);
    if (response?.data == null || response.errors !== undefined) await delay(20);
    return response?.errors === undefined ? response?.data : undefined;
  };
  for (let count = 0; !writes.isOver; count++) {
    const eventId = `${user.id}-${number}-${count}`;
    const at = new Date(Date.now() - ((number * 11 + count * 17) % DATES) * DAY_MS).toISOString();
    const goalId = user.goals[count % (user.goals.length + 1)];
    const activity = { eventId, verb: 'practice', quantity: 1 + (count % 3), occurredAt: at, goalId };
    const id = (await send(RECORD, activity))?.recordActivity.activity.id;
    if (id === undefined) continue;
    writes.events.push(eventId);
    if (count % 4 === 0 && (await send(VOID, { id })) !== undefined) writes.voids.push(id);
    if (count % 8 !== 0) continue;
    const date = new Date(Date.now() - ((number * 7 + count * 5) % DATES) * DAY_MS).toISOString().slice(0, 10);
    const excused = await send(EXCUSE, { userId: user.id, from: date, to: date, reason: 'Outage' });
    if (excused !== undefined) writes.ranges.push(excused.excuseDates.excusedDates.id);
  }
}

describe('SIGKILL of the service under changes of tracked data', () => {
  it('loses no acknowledged change, and leaves sums, streaks and awards that agree with the activities', {
    timeout: 240_000,
  }, async ({ serveProcess, auth, db, createUser }) => {
    const scope = 'activity:import streaks:write badges:manage';
    let service = await serveProcess();
    const { url } = service;
    const client = createHttpClient(url);
    const createGoal = async (token: string, timesPerWeek?: number): Promise<string> =>
      (await client.graphql(CREATE_GOAL, { input: { title: 'Goal', timesPerWeek } }, { token })).data.createGoal.goal
        .id;
    const users = await Promise.all(
      Array.from({ length: USERS }, async () => {
        const { id } = await createUser();
        const token = await auth.token(id, { scope });
        return { id, token, goals: [await createGoal(token), await createGoal(token, 3)] };
      }),
    );
    const rule = { count: { verb: 'practice', gte: GTE } };
    const input = { key: 'keen', name: 'Keen', description: 'Practice', iconUrl: '/keen.svg', state: 'ACTIVE', rule };
    expect((await client.graphql(DEFINE, { input }, { token: users[0]?.token ?? '' })).errors).toBeUndefined();

    const writes: Writes = { events: [], voids: [], ranges: [], isOver: false };
    const writers = Array.from({ length: WRITERS }, (_, number) =>
      write({ client, user: users[number % USERS] as Writer['user'], number }, writes),
    );
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = writes.events.length + RECORDINGS_BETWEEN;
      await expect.poll(() => writes.events.length, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
      service.kill('SIGKILL');
      await service.exit;
      service = await serveProcess({ PORT: new URL(url).port });
    }
    writes.isOver = true;
    await Promise.all(writers);

    const idsOf = async (rows: Promise<readonly { id: string }[]>) => (await rows).map(({ id }) => String(id));
    const { sql } = db;
    expect(await idsOf(sql`select event_id as id from activities`)).toEqual(expect.arrayContaining(writes.events));
    expect(await idsOf(sql`select id from activities where voided_at is not null`)).toEqual(
      expect.arrayContaining(writes.voids),
    );
    expect(await idsOf(sql`select id from excused_dates`)).toEqual(expect.arrayContaining(writes.ranges));
    for (const { id, token } of users) {
      const { data } = await client.graphql(READ_STREAKS, {}, { token });
      expect(shownStreaks(data)).toEqual(await recomputeStreaks(db, id, new Date()));
      const { kept, computed } = await sumsOf(db, id);
      expect(kept).toEqual(computed);
    }
    const awards = await sql`
      select u.badge_count, json_array_length(e.activity_ids::json) as activities, (
        select count(*)::int from json_array_elements_text(e.activity_ids::json) as decisive(id)
        join activities a on a.auth_user_id = b.auth_user_id and a.id = decisive.id::bigint) as existing
      from badges b
      join badge_evidence e using (auth_user_id, definition_key, award_key)
      join auth_users u on u.id = b.auth_user_id`;
    expect([...awards]).toEqual(Array(USERS).fill({ badge_count: 1, activities: GTE, existing: GTE }));
    client.disconnect();
  });
});
