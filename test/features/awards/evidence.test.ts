import { describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { ofUser, type Tracker, trackerOf } from './tracker.ts';

const EVIDENCE = `evidence { version decidedAt digest replay definition { key version } activities { id voidedAt } }`;
const BADGE = `query($id: ID!) { badge(id: $id) { name definition { key name } ${EVIDENCE} } }`;
const LIST = ofUser(`badges(first: $first) { id ${EVIDENCE} }`, ', $first: Int');

const at = (date: string) => ({ occurredAt: `${date}T10:00:00Z` });
const newUser = () => `u-${crypto.randomUUID()}`;

/** Records activities on the dates, and returns their ids with the badge that they have earned. */
async function earn(tracker: Tracker, userId: string, dates: string[]) {
  const ids: string[] = [];
  let badgeId = '';
  for (const date of dates) {
    const { activity, badges } = await tracker.record(userId, at(date));
    ids.push(activity.id);
    if (badges.length > 0) badgeId = badges[0].id;
  }
  return { ids, badgeId };
}

/** Makes the definition of a test inactive, since activities of later tests would earn its badge. */
const lock = (tracker: Tracker, key: string) => tracker.update({ key, state: 'LOCKED' });

describe('Badge.evidence', () => {
  it('names the version and the activities that decided', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 2 } });
    const userId = newUser();
    const { ids, badgeId } = await earn(tracker, userId, ['2026-03-01', '2026-03-02', '2026-03-03']);
    await tracker.update({ key, name: 'Other', rule: { count: { verb: 'practice', gte: 9 } } });
    const { badge } = await tracker.query(BADGE, { id: badgeId });
    expect(badge).toEqual({
      name: 'Reader',
      definition: { key, name: 'Other' },
      evidence: {
        version: 1,
        decidedAt: '2026-03-02T10:00:00Z',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        replay: 'REPRODUCED',
        definition: { key, version: 2 },
        activities: [
          { id: ids[1], voidedAt: null },
          { id: ids[0], voidedAt: null },
        ],
      },
    });
    await lock(tracker, key);
  });

  it('is that of the newest award after the badge was deleted by hand and earned again', async ({
    service,
    auth,
    db,
  }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 1 } });
    const userId = newUser();
    const first = await earn(tracker, userId, ['2026-03-01']);
    const { badge: deleted } = await tracker.query(BADGE, { id: first.badgeId });
    await db.sql`delete from badges where auth_user_id = ${userId} and id = ${first.badgeId}`;
    await tracker.update({ key, rule: { count: { verb: 'practice', gte: 2 } } });
    const second = await earn(tracker, userId, ['2026-03-02', '2026-03-03']);
    const { badge } = await tracker.query(BADGE, { id: second.badgeId });
    expect(badge.evidence).toMatchObject({ version: 2, decidedAt: '2026-03-02T10:00:00Z', replay: 'REPRODUCED' });
    expect(badge.evidence.activities.map(({ id }: Json) => id)).toEqual([second.ids[0], first.ids[0]]);
    expect(badge.evidence.digest).not.toBe(deleted.evidence.digest);
    expect(await db.sql`select from badge_evidence where auth_user_id = ${userId}`).toHaveLength(1);
    await lock(tracker, key);
  });

  it('names the activities of the streak that alone decided, and none before it', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ streak: { gte: 3 } });
    const userId = newUser();
    await tracker.record(userId, at('2026-01-05'));
    const { ids, badgeId } = await earn(tracker, userId, ['2026-03-01', '2026-03-02', '2026-03-03']);
    const { badge } = await tracker.query(BADGE, { id: badgeId });
    expect(badge.evidence).toMatchObject({ decidedAt: '2026-03-03T10:00:00Z', replay: 'REPRODUCED' });
    expect(badge.evidence.activities.map(({ id }: Json) => id)).toEqual(ids.toReversed());
    await lock(tracker, key);
  });

  it('names only the activities of the condition of any that decided', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const rule = {
      any: [{ streak: { gte: 100 } }, { count: { verb: 'practice', gte: 9 } }, { count: { verb: 'read', gte: 2 } }],
    };
    const key = await tracker.define(rule);
    const userId = newUser();
    await earn(tracker, userId, ['2026-03-01', '2026-03-02']);
    const first = await tracker.record(userId, { verb: 'read', ...at('2026-03-03') });
    const { activity, badges } = await tracker.record(userId, { verb: 'read', ...at('2026-03-04') });
    const { badge } = await tracker.query(BADGE, { id: badges[0].id });
    expect(badge.evidence.activities.map(({ id }: Json) => id)).toEqual([activity.id, first.activity.id]);
    await lock(tracker, key);
  });

  it('is drifted once a deciding activity is void, unless an earlier one replaces it', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 2 } });
    const userId = newUser();
    const { ids, badgeId } = await earn(tracker, userId, ['2026-03-01', '2026-03-02', '2026-03-03']);
    await tracker.void(String(ids[0]));
    const replay = async () => (await tracker.query(BADGE, { id: badgeId })).badge.evidence.replay;
    expect(await replay()).toBe('DRIFTED');
    await tracker.record(userId, at('2026-02-01'));
    expect(await replay()).toBe('REPRODUCED');
    await lock(tracker, key);
  });

  it.for([
    [{ sum: { verb: 'practice', gte: 3 } }, 'ONCE'],
    [{ count: { verb: 'practice', gte: 3, distinct: 'date' } }, 'ONCE'],
    [{ streak: { gte: 3 } }, 'ONCE'],
    [{ all: [{ streak: { gte: 2 } }, { count: { verb: 'practice', gte: 3 } }] }, 'ONCE'],
    [{ count: { verb: 'practice', gte: 3 } }, 'WEEKLY'],
    [{ sum: { verb: 'practice', gte: 3 } }, 'MONTHLY'],
    [{ streak: { gte: 3 } }, 'PER_STREAK'],
  ] as const)('replays %j, %s', async ([rule, repeat], { service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(rule, { repeat });
    const userId = newUser();
    const { ids, badgeId } = await earn(tracker, userId, ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05']);
    const replay = async () => (await tracker.query(BADGE, { id: badgeId })).badge.evidence.replay;
    expect(await replay()).toBe('REPRODUCED');
    await tracker.void(String(ids[3]));
    expect(await replay()).toBe('REPRODUCED');
    await tracker.void(String(ids[1]));
    expect(await replay()).toBe('DRIFTED');
    await lock(tracker, key);
  });

  it('replays a badge rule by the badges that the user has', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const first = await tracker.define(null);
    const second = await tracker.define({ badge: { key: first } });
    const userId = newUser();
    const { badge } = await tracker.award({ userId, key: first });
    const [row] = await db.sql`select id from badges where definition_key = ${second}`;
    const evidence = async () => (await tracker.query(BADGE, { id: row?.id })).badge.evidence;
    expect(await evidence()).toMatchObject({ replay: 'REPRODUCED', activities: [] });
    await tracker.revoke({ id: badge.id });
    expect(await evidence()).toMatchObject({ replay: 'DRIFTED' });
    await tracker.award({ userId, key: first, awardKey: 'later' });
    expect(await evidence()).toMatchObject({ replay: 'DRIFTED' });
  });

  it('replays a goal rule by the goals that were completed before', async ({ service, auth, db, createUser }) => {
    const tracker = await trackerOf(service, auth);
    const { id, token } = await createUser();
    const key = await tracker.define({ goalsCompleted: { gte: 1 } });
    await service.rest(`/users/${id}/goals`, { token, body: { title: 'Swim', status: 'completed' } });
    await tracker.update({ key, state: 'LOCKED' });
    const [row] = await db.sql`select id from badges where definition_key = ${key} and auth_user_id = ${id}`;
    const replay = async () => (await tracker.query(BADGE, { id: row?.id })).badge.evidence.replay;
    expect(await replay()).toBe('REPRODUCED');
    await db.sql`update learning_goals set completed_at = now() + interval '1 minute' where auth_user_id = ${id}`;
    expect(await replay()).toBe('DRIFTED');
  });

  it('is null for others than the owner and managers, without an error', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 1 } });
    const userId = newUser();
    const { badgeId: id } = await earn(tracker, userId, ['2026-03-01']);
    await lock(tracker, key);
    const owner = await auth.token(userId);
    const manager = await auth.token('mia', { scope: 'badges:manage' });
    const reader = await auth.token('eve', { scope: 'activity:read badges:award' });
    const ENTITY = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Badge { evidence { version } } } }`;
    const seen = async (options: object) => {
      const [byId, entity] = [
        await service.graphql(BADGE, { id }, options),
        await service.graphql(ENTITY, { r: [{ __typename: 'Badge', id }] }, options),
      ];
      expect([byId.errors, entity.errors]).toEqual([undefined, undefined]);
      return [byId.data.badge.evidence !== null, entity.data._entities[0].evidence !== null];
    };
    expect(await seen({ token: owner })).toEqual([true, true]);
    expect(await seen({ token: manager })).toEqual([true, true]);
    expect(await seen({ token: reader })).toEqual([false, false]);
    expect(await seen({})).toEqual([false, false]);
    expect((await service.graphql(BADGE, { id }, { token: manager })).data.badge.evidence.activities).toHaveLength(1);
    expect(await db.sql`select 1 from badges where id = ${id}`).toHaveLength(1);
  });

  it('costs the same number of statements for 1 and 50 badges, and is rejected for 51', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'work', gte: 1 } }, { repeat: 'WEEKLY' });
    const userId = newUser();
    const week = (index: number) => new Date(Date.UTC(2024, 0, 1) + index * 7 * 86_400_000).toISOString();
    await tracker.recordMany(
      userId,
      Array.from({ length: 51 }, (_, index) => ({ verb: 'work', occurredAt: week(index) })),
    );
    await lock(tracker, key);
    const statements = async (first: number) => {
      service.statements.clear();
      const [user] = (await tracker.query(LIST, { id: userId, first }))._entities;
      expect(user.badges.map(({ evidence }: { evidence: { replay: string } }) => evidence.replay)).toEqual(
        Array.from({ length: first }, () => 'REPRODUCED'),
      );
      return service.statements.length;
    };
    expect(await statements(50)).toBe(await statements(1));
    const { data, errors } = await service.graphql(LIST, { id: userId, first: 51 }, { token: tracker.token });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(data._entities[0].badges).toHaveLength(51);
  });

  it('names the newest 200 activities of more', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'type', gte: 205 } });
    const userId = newUser();
    const minute = (index: number) => new Date(Date.UTC(2026, 2, 1, 0, index)).toISOString();
    const { results } = await tracker.recordMany(
      userId,
      Array.from({ length: 210 }, (_, index) => ({ verb: 'type', occurredAt: minute(index) })),
    );
    await lock(tracker, key);
    const [user] = (await tracker.query(LIST, { id: userId, first: 1 }))._entities;
    const [{ evidence }] = user.badges;
    const ids = results.slice(5, 205).map(({ activity }: { activity: { id: string } }) => activity.id);
    expect(evidence.activities.map(({ id }: { id: string }) => id)).toEqual(ids.reverse());
    expect(evidence.replay).toBe('REPRODUCED');
  });
});
