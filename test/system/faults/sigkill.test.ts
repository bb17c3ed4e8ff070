import { setTimeout as delay } from 'node:timers/promises';
import { withLongLockTimeout } from '../../support/database.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import { createHttpClient, type HttpClient } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';
import { countWaiting } from '../../support/waiting.ts';
import { WriteRecord, Writer } from './writer.ts';

const KILLS = 10;
const WRITES_BETWEEN = 100;
const USERS = 6;
const WRITERS = 12;
/** Low, so that some goals of every writer are rejected. */
const GOALS = 10;
const LIMITS = { MAX_BADGES_PER_USER: '100000', MAX_GOALS_PER_USER: String(GOALS) };

const nameOf = (row: Json): string => row.name ?? row.title;

/** Reads all badges and goals of the users over REST. */
async function readAll(service: HttpClient, users: readonly { id: string }[]): Promise<Json[]> {
  const rows: Json[] = [];
  for (const { id } of users) {
    const badges = await service.rest(`/users/${id}/badges`);
    const goals = await service.rest(`/users/${id}/goals`);
    expect(goals.body.length).toBeLessThanOrEqual(GOALS);
    rows.push(...badges.body, ...goals.body);
  }
  return rows;
}

describe('SIGKILL of the service under writes', () => {
  it('ten times loses no acknowledged write, repeats none and leaves none partial', {
    timeout: 120_000,
  }, async ({ serveProcess, db, createUser }) => {
    const users = await Promise.all(Array.from({ length: USERS }, () => createUser()));
    let service = await serveProcess(LIMITS);
    const { url } = service;
    const client = createHttpClient(url);
    const record = new WriteRecord();
    const { acknowledged, rejected, unknown, deleted, repeats } = record;
    let isOver = false;
    const writers = Array.from({ length: WRITERS }, (_, number) =>
      new Writer(client, users[number % USERS] ?? { id: '', token: '' }, record).write(number, () => isOver),
    );
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = acknowledged.size + WRITES_BETWEEN;
      await expect.poll(() => acknowledged.size, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
      await delay(Math.random() * 50);
      service.kill('SIGKILL');
      expect(await service.exit).toEqual({ code: null, signal: 'SIGKILL' });
      expect(service.stderr).toEqual([]);
      service = await serveProcess({ ...LIMITS, PORT: new URL(url).port });
    }
    isOver = true;
    await Promise.all(writers);
    expect(record.unexpected).toEqual([]);
    expect(repeats.sent).toBeGreaterThan(0);

    const rows = await readAll(client, users);
    const stored = new Map(rows.map((row) => [nameOf(row), row]));
    expect(stored.size).toBe(rows.length);
    expect([...acknowledged.keys()].filter((name) => !stored.has(name) && !deleted.has(name))).toEqual([]);
    expect([...deleted, ...rejected].filter((name) => stored.has(name))).toEqual([]);
    const known = rows.filter((row) => acknowledged.has(nameOf(row)));
    expect(known).toEqual(known.map((row) => acknowledged.get(nameOf(row))?.body));
    const others = rows.filter((row) => !acknowledged.has(nameOf(row)));
    expect(others.map(nameOf).filter((name) => !unknown.has(name))).toEqual([]);

    const { badges, learning_goals: goals } = await db.rowCounts();
    expect((badges ?? 0) + (goals ?? 0)).toBe(rows.length);
    const keyed = [...acknowledged.values()].filter(({ key }) => key !== undefined);
    const answers = await db.sql`select auth_user_id, route, key, body from idempotency_keys`;
    expect(answers.map((row) => [row.auth_user_id, row.route, row.key, row.body].join(' ')).sort()).toEqual(
      keyed.map(({ list, key, text, userId }) => [userId, `POST /:auth_user_id/${list}`, key, text].join(' ')).sort(),
    );
    const wrongCounters = await db.sql`
      select u.id from auth_users u
      where u.badge_count <> (select count(*) from badges b where b.auth_user_id = u.id)
        or u.goal_count <> (select count(*) from learning_goals g where g.auth_user_id = u.id)`;
    expect([...wrongCounters]).toEqual([]);

    client.disconnect();
  });

  it('releases idempotency keys and row locks of the killed process', async ({ serveProcess, db, createUser }) => {
    const { id, token } = await createUser();
    const first = await serveProcess({ DATABASE_URL: withLongLockTimeout(db.url) });
    await first.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const post = { token, body: badgeBody(), headers: { 'idempotency-key': 'k-1' } };
    await db.sql.begin(async (holder) => {
      await holder`lock table badges in access exclusive mode`;
      const lost = first.rest(`/users/${id}/badges`, post).catch(() => undefined);
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      first.kill('SIGKILL');
      expect(await lost).toBeUndefined();
    });
    const second = await serveProcess({ PORT: new URL(first.url).port });
    await expect
      .poll(async () => (await second.rest(`/users/${id}/badges`, post)).status, { timeout: 10_000 })
      .toBe(200);
    expect(await db.sql`select from badges where auth_user_id = ${id}`).toHaveLength(2);
  });
});
