import { TIMEOUTS } from '../../src/db/client.ts';
import { LOCK_TIMEOUT_MS } from '../../src/db/lock-retries.ts';
import { verifyCounters } from '../../src/db/verify-counters.ts';
import { startCommand } from '../support/command.ts';
import { type TestDatabase, withLongLockTimeout } from '../support/database.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';
import { createTripCounter } from '../support/trip-counter.ts';
import { countWaiting } from '../support/waiting.ts';

/** The command verifies every user of the database, so each attempt of a test starts without users. */
const it = base.extend('withoutUsers', { auto: true }, async ({ db }) => {
  await db.sql`truncate auth_users cascade`;
});

/** The last line, when no tracked data are wrong. */
const TRACKED = '0 wrong sums and 0 wrong streaks\n';

const verify = ({ url }: TestDatabase, ...options: string[]) =>
  startCommand(['src/verify.ts', ...options], { DATABASE_URL: url }).ended;

describe('npm run db:verify', () => {
  it('reports wrong counters, and with --repair sets them and the unknown ones', { timeout: 60_000 }, async ({
    service,
    db,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const { id, token } of [ada, eve]) await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expect(await verify(db)).toMatchObject({ code: 0, stdout: `2 users: 0 wrong and 0 unknown counters\n${TRACKED}` });

    await db.sql`update auth_users set badge_count = 5 where id = ${ada.id}`;
    await db.sql`update auth_users set goal_count = null where id = ${eve.id}`;
    const difference = `user ${ada.id}: badge_count is 5, expected 1\n`;
    expect(await verify(db)).toMatchObject({
      code: 1,
      stdout: `${difference}2 users: 1 wrong and 1 unknown counters\n${TRACKED}`,
    });
    expect(await verify(db, '--repair')).toMatchObject({
      code: 0,
      stdout: `${difference}2 users: 1 wrong and 1 unknown counters, all set\n${TRACKED}`,
    });
    expect(await verify(db)).toMatchObject({ code: 0, stdout: `2 users: 0 wrong and 0 unknown counters\n${TRACKED}` });
  });

  it('repairs while another session holds a row: it delays no write of other users for long', {
    timeout: 60_000,
  }, async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const [held, other] = [await createUser({ id: 'zoe' }), await createUser({ id: 'abe' })];
    const create = async () => {
      const { id, token } = other;
      return (await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status;
    };
    await db.sql`insert into auth_users (id, badge_count) values (${held.id}, 7)`;
    await create();
    await db.sql`update auth_users set badge_count = 7 where id = ${other.id}`;
    const waiting = () => countWaiting(db.sql, { application: 'user-service verify' });
    let repair: Promise<Awaited<ReturnType<typeof verify>>> | undefined;
    await db.sql.begin(async (holder) => {
      await holder`select from auth_users where id = ${held.id} for update`;
      repair = verify(db, '--repair');
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
        expect(await create()).toBe(200);
        await expect.poll(waiting, { interval: 5 }).toBe(0);
      }
    });
    // The limit of requests without `withLongLockTimeout`.
    expect(LOCK_TIMEOUT_MS).toBeLessThan(TIMEOUTS.lock_timeout);
    expect(await repair).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`user ${held.id}: badge_count is 7, expected 0`),
      stderr: expect.stringMatching(/^another transaction has locked a row of auth_users; retrying for \d+ s so far\n/),
    });
    expect(await verify(db)).toMatchObject({ code: 0 });
  });

  it('repairs a batch with the same number of round trips for any number of users', async ({ db, onTestFinished }) => {
    const trips = await createTripCounter(db.url);
    onTestFinished(() => trips.close());
    const taken: number[] = [];
    for (const count of [1, 50]) {
      await db.sql`delete from auth_users`;
      await db.sql`
        insert into auth_users (id, badge_count, goal_count) select 'many-' || n, 7, 7 from generate_series(1, ${count}::int) n`;
      trips.take();
      expect(await verifyCounters(trips.url, { repair: true })).toMatchObject({ wrong: 2 * count });
      taken.push(trips.take());
    }
    expect(taken[1]).toBe(taken[0]);
  });

  it('prints its progress: users, their share and the time left', async ({ db }) => {
    await db.sql`insert into auth_users (id) select 'many-' || n from generate_series(1, 150) n`;
    await db.sql`analyze auth_users`;
    const lines: string[] = [];
    await verifyCounters(db.url, { repair: true, print: (line) => lines.push(line) });
    expect(lines[0]).toMatch(/^100 of at most about 150 rows, at most about \d+ s left$/);
  });

  it('rejects unknown options', async ({ db }) => {
    expect(await verify(db, '--fix')).toMatchObject({ code: 1, stderr: expect.stringContaining('usage') });
  });
});
