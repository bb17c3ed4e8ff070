import { verifyTracking } from '../../../src/features/tracking/verify-tracking.ts';
import { DAY_MS } from '../../../src/lib/local-date.ts';
import type { Service } from '../../support/app.ts';
import type { AuthService } from '../../support/auth-service.ts';
import { startCommand } from '../../support/command.ts';
import type { TestDatabase } from '../../support/database.ts';
import { it as base, describe, expect, goalBody, type SignedIn } from '../../support/fixtures.ts';
import { trackerOf } from '../awards/tracker.ts';

/** The command verifies every user of the database, so each attempt of a test starts without users. */
const it = base.extend('withoutUsers', { auto: true }, async ({ db }) => {
  await db.sql`truncate auth_users cascade`;
});

const verify = ({ url }: TestDatabase, ...options: string[]) =>
  startCommand(['src/verify.ts', ...options], { DATABASE_URL: url }).ended;

const READ = `query($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { ... on User {
  streak { current longest totalDays } goals { title streak { current totalDays } progress { quantity } } } } }`;

/** Creates a user with goals of both units, a deleted one, a time zone, excused dates and a void activity. */
async function createHistory(service: Service, auth: AuthService, user: SignedIn): Promise<void> {
  const { id, token } = user;
  const tracker = await trackerOf(service, auth);
  const goalIds: number[] = [];
  for (const given of [{ target_quantity: 9 }, { times_per_week: 2 }, {}]) {
    goalIds.push((await service.rest(`/users/${id}/goals`, { token, body: goalBody(given) })).body.id);
  }
  for (let day = 1; day <= 20; day++) {
    const occurredAt = `2026-03-${String(day).padStart(2, '0')}T23:30:00Z`;
    const goalId = String(goalIds[day % goalIds.length]);
    await tracker.record(id, { occurredAt, goalId, objectId: `page-${day % 7}`, quantity: day });
  }
  const { activity } = await tracker.record(id, { occurredAt: '2026-03-25T10:00:00Z' });
  const send = async (query: string, input: object): Promise<void> => {
    expect((await service.graphql(query, { input }, { token })).errors).toBeUndefined();
  };
  await send('mutation($input: SetTimeZoneInput!) { setTimeZone(input: $input) { timeZone } }', {
    timeZone: 'Pacific/Auckland',
  });
  const excused = { from: '2099-01-01', to: '2099-01-05' };
  await send('mutation($input: ExcuseDatesInput!) { excuseDates(input: $input) { user { id } } }', excused);
  await service.graphql(
    'mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }',
    { input: { id: activity.id } },
    { token: tracker.token },
  );
  await tracker.record(id);
  await service.rest(`/users/${id}/goals/${goalIds[2]}`, { method: 'DELETE', token });
}

describe('npm run db:verify', () => {
  it('finds no difference after any kind of change', { timeout: 60_000 }, async ({ service, auth, db, createUser }) => {
    await createHistory(service, auth, await createUser());
    expect(await verify(db)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n0 wrong sums and 0 wrong streaks\n$/),
    });
  });

  it('reports wrong sums and streaks, and with --repair replaces them', { timeout: 60_000 }, async ({
    service,
    auth,
    db,
    createUser,
  }) => {
    const user = await createUser();
    await createHistory(service, auth, user);
    await createHistory(service, auth, await createUser());
    const read = async () => (await service.graphql(READ, { id: user.id })).data;
    const before = await read();
    await db.sql`
      update activity_days set count = 5 where auth_user_id = ${user.id} and series = 'all' and local_date = '2026-03-02'`;
    await db.sql`delete from activity_totals where auth_user_id = ${user.id} and series = 'verb:practice'`;
    await db.sql`update streaks set forecast = replace(forecast, '"day",', '"day",1') where auth_user_id = ${user.id}`;
    await db.sql`update streaks set time_zone = 'UTC' where auth_user_id = ${user.id} and series like 'goal:%'`;
    expect(await read()).not.toEqual(before);

    const found = await verify(db);
    const lines = found.stdout.split('\n');
    expect(lines).toContain(
      `user ${user.id}: the sum of all on 2026-03-02 is 5 with a quantity of 2, expected 1 with a quantity of 2`,
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        `^user ${user.id}: the total of verb:practice is 0 .*, expected 21 with .* on 21 dates, 7 objects$`,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(`^user ${user.id}: the streak of all has the current \\d+ on .*, expected 1$`),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        `^user ${user.id}: the streak of goal:\\d+ has the timeZone UTC, expected Pacific/Auckland$`,
      ),
    );
    expect(found).toMatchObject({ code: 1, stdout: expect.stringMatching(/\n2 wrong sums and 3 wrong streaks\n$/) });

    const repaired = await verify(db, '--repair');
    expect(repaired).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n2 wrong sums and 3 wrong streaks, all set\n$/),
    });
    expect(await read()).toEqual(before);
    const tracker = await trackerOf(service, auth);
    await tracker.record(user.id, { eventId: 'later', occurredAt: '2026-03-21T23:30:00Z' });
    expect(await verify(db)).toMatchObject({ code: 0 });
  });

  it('repairs the data of an activity that SQL has inserted for a goal, and a forecast that cannot be read', {
    timeout: 60_000,
  }, async ({ service, auth, db, createUser }) => {
    const { id, token } = await createUser();
    const { body: goal } = await service.rest(`/users/${id}/goals`, { token, body: goalBody({ streak_count: 9 }) });
    const tracker = await trackerOf(service, auth);
    await tracker.record(id, { occurredAt: '2026-03-10T12:00:00Z' });
    await db.sql`update streaks set forecast = '' where auth_user_id = ${id}`;
    await db.sql`
      insert into activities (auth_user_id, event_id, verb, goal_id, quantity, occurred_at, is_occurred_at_default, local_date,
        time_zone, recorded_at)
      values (${id}, 'inserted', 'practice', ${goal.id}, 1, '2026-03-02 12:00Z', false, '2026-03-02', 'UTC', now())`;
    const { code, stdout } = await verify(db);
    expect(code).toBe(1);
    expect(stdout).toContain(`user ${id}: the goal ${goal.id} has activities, but no date of the first one\n`);
    expect(stdout).toContain(`user ${id}: the streak of goal:${goal.id} is missing\n`);
    expect(stdout).toContain(`user ${id}: the streak of all has a forecast that cannot be read\n`);
    expect(await verify(db, '--repair')).toMatchObject({ code: 0 });
    expect(await verify(db)).toMatchObject({ code: 0 });
    const daysOf = async () => (await service.graphql(READ, { id })).data._entities[0].goals[0].streak.totalDays;
    expect(await daysOf()).toBe(1);
    await tracker.record(id, { goalId: String(goal.id) });
    expect(await daysOf()).toBe(2);
    expect(await verify(db)).toMatchObject({ code: 0 });
  });

  it('loses no activity that is recorded during a repair', { timeout: 60_000 }, async ({
    service,
    auth,
    db,
    createUser,
  }) => {
    const users = await Promise.all(Array.from({ length: 5 }, () => createUser()));
    const tracker = await trackerOf(service, auth);
    let isRepaired = false;
    const write = async ({ id }: SignedIn): Promise<number> => {
      for (let n = 0; ; n++) {
        if (isRepaired) return n;
        const occurredAt = new Date(Date.parse('2020-01-01T12:00:00Z') + n * DAY_MS).toISOString();
        await tracker.record(id, { occurredAt });
      }
    };
    const writing = Promise.all(users.map(write));
    try {
      const unchanged = await verifyTracking(db.url, { repair: true });
      expect(unchanged).toEqual({ wrongSums: 0, wrongStreaks: 0, differences: [] });
      for (let round = 0; round < 10; round++) {
        await db.sql`update activity_totals set count = count + 1, days = days + 1 where series = 'all'`;
        expect((await verifyTracking(db.url, { repair: true })).wrongSums).toBeGreaterThan(0);
      }
    } finally {
      isRepaired = true;
      await writing;
    }
    const counts = await writing;
    expect(await verifyTracking(db.url, { repair: false })).toEqual({ wrongSums: 0, wrongStreaks: 0, differences: [] });
    for (const [index, { id }] of users.entries()) {
      const { data } = await service.graphql(READ, { id });
      expect(data._entities[0].streak.totalDays).toBe(counts[index]);
    }
  });
});
