import { setTimeout } from 'node:timers/promises';
import { vi } from 'vitest';
import { withLongLockTimeout } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { whileLocked } from '../../support/locked-user.ts';
import { countWaiting } from '../../support/waiting.ts';
import { type Tracker, trackerOf } from '../awards/tracker.ts';

const FIELDS = `id dryRun usersExamined badgesAwarded finishedAt definition { key }
  samples { user { id } awardKey dateAchieved }`;
const START = `mutation($input: StartBadgeBackfillInput!) { startBadgeBackfill(input: $input) { backfill { ${FIELDS} } } }`;
const VIEW = `query($id: ID!) { badgeBackfill(id: $id) { ${FIELDS} } }`;

async function backfill(tracker: Tracker, input: object) {
  const { startBadgeBackfill } = await tracker.query(START, { input });
  const { id } = startBadgeBackfill.backfill;
  const view = async () => (await tracker.query(VIEW, { id })).badgeBackfill;
  await vi.waitUntil(async () => (await view()).finishedAt !== null, { timeout: 30_000, interval: 50 });
  return view();
}

const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}-${crypto.randomUUID()}`);

describe('startBadgeBackfill', () => {
  it('awards past badges by their deciding activities, once', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const [ada = '', grace = '', eve = ''] = users(3);
    for (const day of ['01', '02', '03']) await tracker.record(ada, { occurredAt: `2026-03-${day}T10:00:00Z` });
    await tracker.record(grace, { occurredAt: '2026-03-02T10:00:00Z' });
    await tracker.record(grace, { occurredAt: '2026-03-01T10:00:00Z' });
    await tracker.record(eve, { occurredAt: '2026-03-02T10:00:00Z' });
    const key = await tracker.define({ count: { verb: 'practice', gte: 2 } });
    const result = await backfill(tracker, { key });
    expect(result).toMatchObject({ dryRun: false, badgesAwarded: 2, definition: { key } });
    const samples = [ada, grace]
      .sort()
      .map((id) => ({ user: { id }, awardKey: '', dateAchieved: '2026-03-02T10:00:00Z' }));
    expect(result.samples).toEqual(samples);
    expect(await db.sql`select count(*)::int from badges where definition_key = ${key}`).toEqual([{ count: 2 }]);
    expect(await backfill(tracker, { key })).toMatchObject({ badgesAwarded: 0, samples: [] });
  });

  it('awards the badges of activities that were being saved when the definition became active', async ({
    serve,
    auth,
    db,
  }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const tracker = await trackerOf(service, auth);
    const [id = ''] = users(1);
    let key = '';
    const recorded = await whileLocked(db.sql, id, {
      start: () => tracker.record(id, { verb: 'draw' }),
      until: async () => {
        await vi.waitUntil(async () => (await countWaiting(db.sql)) > 0, { timeout: 10_000 });
        key = await tracker.define({ count: { verb: 'draw', gte: 1 } });
        await tracker.query(START, { input: { key } });
        await setTimeout(500);
      },
    });
    expect(recorded.badges).toEqual([]);
    const awarded = () => db.sql`select from badges where definition_key = ${key}`;
    await expect.poll(awarded, { timeout: 20_000 }).toHaveLength(1);
  });

  it('counts in a dry run the badges that the real one awards, and writes its own record only', async ({
    service,
    auth,
    db,
  }) => {
    const tracker = await trackerOf(service, auth);
    const ids = users(12);
    for (const id of ids) await tracker.record(id, { verb: 'read' });
    const key = await tracker.define({ count: { verb: 'read', gte: 1 } });
    const { badge_backfills: _, ...before } = await db.snapshot();
    const dry = await backfill(tracker, { key, dryRun: true });
    const { badge_backfills: __, ...after } = await db.snapshot();
    expect(after).toEqual(before);
    expect(dry).toMatchObject({ dryRun: true, badgesAwarded: 12 });
    expect(dry.samples).toHaveLength(10);
    expect(await backfill(tracker, { key })).toMatchObject({ badgesAwarded: 12, samples: dry.samples });
  });

  it('awards every past week, month and run of repeating badges', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const [id = ''] = users(1);
    for (const date of ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-12', '2026-02-10', '2026-02-11']) {
      await tracker.record(id, { verb: 'sing', occurredAt: `${date}T10:00:00Z` });
    }
    const rule = { count: { verb: 'sing', gte: 2 } };
    const keysOf = async (repeat: string, given: object = rule) => {
      const key = await tracker.define(given, { repeat });
      await backfill(tracker, { key });
      const rows = await db.sql`
        select award_key, date_achieved::date::text as on from badges
        where auth_user_id = ${id} and definition_key = ${key} order by award_key`;
      return rows.map(({ award_key: awardKey, on }) => [awardKey, on]);
    };
    expect(await keysOf('WEEKLY')).toEqual([
      ['2026-W01', '2026-01-02'],
      ['2026-W07', '2026-02-11'],
    ]);
    expect(await keysOf('MONTHLY')).toEqual([
      ['2026-01', '2026-01-02'],
      ['2026-02', '2026-02-11'],
    ]);
    expect(await keysOf('PER_STREAK')).toEqual([
      ['run:2026-01-01', '2026-01-02'],
      ['run:2026-02-10', '2026-02-11'],
    ]);
    expect(await keysOf('PER_STREAK', { streak: { gte: 3 } })).toEqual([['run:2026-01-01', '2026-01-03']]);
  });

  it('leaves revoked badges as they are', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const [id = ''] = users(1);
    const key = await tracker.define({ count: { verb: 'dance', gte: 1 } });
    const { badges } = await tracker.record(id, { verb: 'dance' });
    await tracker.revoke({ id: badges[0].id });
    expect(await backfill(tracker, { key })).toMatchObject({ badgesAwarded: 0 });
  });

  it('returns the running backfill when it is started again, also at the same time', async ({ serve, auth, db }) => {
    const service = await serve();
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'paint', gte: 1 } });
    await db.sql`insert into badge_backfills (definition_key, dry_run, started_at, owner, heartbeat_at)
      values (${key}, false, now(), 'other', now() + interval '1 hour')`;
    const starts = await Promise.all(Array.from({ length: 8 }, () => tracker.query(START, { input: { key } })));
    expect(new Set(starts.map(({ startBadgeBackfill }) => startBadgeBackfill.backfill.id)).size).toBe(1);
    expect(await db.sql`select 1 from badge_backfills where definition_key = ${key}`).toHaveLength(1);
  });

  it('ends when the definition is no longer active', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const [id = ''] = users(1);
    await tracker.record(id, { verb: 'cook' });
    const key = await tracker.define({ count: { verb: 'cook', gte: 1 } });
    await tracker.update({ key, state: 'LOCKED' });
    const [row] = await db.sql`
      insert into badge_backfills (definition_key, dry_run, started_at) values (${key}, false, now()) returning id`;
    const other = await tracker.define({ count: { verb: 'bake', gte: 1 } });
    await backfill(tracker, { key: other });
    const view = async () => (await tracker.query(VIEW, { id: row?.id })).badgeBackfill;
    await vi.waitUntil(async () => (await view()).finishedAt !== null, { timeout: 10_000 });
    expect(await view()).toMatchObject({ badgesAwarded: 0, usersExamined: 0 });
  });

  it('is shown to managers only, and rejects other definitions', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'swim', gte: 1 } });
    const { id } = await backfill(tracker, { key, dryRun: true });
    const token = await auth.token('ada', { scope: 'badges:award activity:read' });
    for (const options of [{}, { token }]) {
      expect((await service.graphql(VIEW, { id }, options)).data).toEqual({ badgeBackfill: null });
    }
    const byHand = await tracker.define(null);
    const locked = await tracker.define({ count: { verb: 'swim', gte: 1 } });
    await tracker.update({ key: locked, state: 'LOCKED' });
    const before = await db.snapshot();
    const codeOf = async (input: object, options: object) =>
      (await service.graphql(START, { input }, options)).errors?.[0].extensions.code;
    const manager = { token: tracker.token };
    expect(await codeOf({ key }, {})).toBe('UNAUTHENTICATED');
    expect(await codeOf({ key }, { token })).toBe('FORBIDDEN');
    expect(await codeOf({ key: 'unknown' }, manager)).toBe('NOT_FOUND');
    expect(await codeOf({ key: 'No Key' }, manager)).toBe('BAD_USER_INPUT');
    expect(await codeOf({ key: byHand }, manager)).toBe('BAD_USER_INPUT');
    expect(await codeOf({ key: locked }, manager)).toBe('CONFLICT');
    expect(await db.snapshot()).toEqual(before);
  });
});
