import { badgeBody, badgeInput, describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { trackerOf } from './tracker.ts';

const BADGES = `query($id: ID!) { learner(id: $id) { badges { id status } badgesConnection { totalCount } } }`;
const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

describe('awardBadge', () => {
  it('awards a badge with the words of the definition, also to a user without a row', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    const userId = `new-${crypto.randomUUID()}`;
    const { badge, user } = await tracker.award({ userId, key, dateAchieved: '2026-03-01T09:30:00+01:00' });
    expect(user).toEqual({ id: userId });
    expect(badge).toEqual({
      id: badge.id,
      name: 'Reader',
      source: 'ISSUER',
      status: 'ACTIVE',
      dateAchieved: '2026-03-01T08:30:00Z',
      definition: { key },
      evidence: null,
    });
    expect(await db.sql`select badge_count from auth_users where id = ${userId}`).toMatchObject([{ badge_count: 1 }]);
  });

  it('answers the badge that is there for the same award key, also at the same time', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    const input = { userId: `u-${crypto.randomUUID()}`, key, awardKey: '2026-W10' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => tracker.award(input)));
    expect(new Set(answers.map(({ badge }) => badge.id)).size).toBe(1);
    const other = await tracker.award({ ...input, awardKey: '2026-W11' });
    expect(other.badge.id).not.toBe(answers[0].badge.id);
    expect(await db.sql`select 1 from badges where definition_key = ${key}`).toHaveLength(2);
  });

  it('answers the badge that is there after its definition was locked', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    const input = { userId: `u-${crypto.randomUUID()}`, key };
    const first = await tracker.award(input);
    await tracker.update({ key, state: 'LOCKED' });
    expect(await tracker.award(input)).toEqual(first);
  });

  it('is never rejected by MAX_BADGES_PER_USER, and neither is the award of a rule', async ({
    serve,
    auth,
    db,
    createUser,
  }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '0' });
    const tracker = await trackerOf(service, auth);
    const byHand = await tracker.define(null);
    const byRule = await tracker.define({ count: { verb: 'limit', gte: 1 } });
    const { id, token } = await createUser();
    await tracker.award({ userId: id, key: byHand });
    expect((await tracker.record(id, { verb: 'limit' })).badges).toMatchObject([{ definition: { key: byRule } }]);
    const { errors } = await service.graphql(CREATE, { input: badgeInput() }, { token });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_REACHED' } }]);
    const badges = await db.sql`select definition_key as key from badges where auth_user_id = ${id} order by id`;
    expect([...badges]).toEqual([{ key: byHand }, { key: byRule }]);
  });

  it('completes badge rules of other definitions in its transaction', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const first = await tracker.define(null);
    const second = await tracker.define({ badge: { key: first } });
    const third = await tracker.define({ all: [{ badge: { key: second } }, { count: { verb: 'read', gte: 1 } }] });
    const userId = `u-${crypto.randomUUID()}`;
    await tracker.record(userId, { verb: 'read', occurredAt: '2026-03-02T00:00:00Z' });
    await tracker.award({ userId, key: first, dateAchieved: '2026-03-01T00:00:00Z' });
    const rows = await db.sql`
      select definition_key, source, date_achieved::text from badges where auth_user_id = ${userId} order by id`;
    expect(rows).toEqual([
      { definition_key: first, source: 'issuer', date_achieved: '2026-03-01 00:00:00+00' },
      { definition_key: second, source: 'rule', date_achieved: '2026-03-01 00:00:00+00' },
      { definition_key: third, source: 'rule', date_achieved: '2026-03-02 00:00:00+00' },
    ]);
  });

  it.for([
    ['an unknown definition', { key: 'unknown' }, 'NOT_FOUND'],
    ['a malformed definition key', { key: 'No Key' }, 'BAD_USER_INPUT'],
    ['a malformed user id', { userId: 'me' }, 'BAD_USER_INPUT'],
    ['an award key of 101 characters', { awardKey: 'k'.repeat(101) }, 'BAD_USER_INPUT'],
    ['an award key with a line feed', { awardKey: 'a\nb' }, 'BAD_USER_INPUT'],
    ['a date before 1970', { dateAchieved: '1969-12-31T23:59:59Z' }, 'BAD_USER_INPUT'],
    ['a date in the future', { dateAchieved: '2999-01-01T00:00:00Z' }, 'BAD_USER_INPUT'],
  ] as const)('rejects %s and changes nothing', async ([, given, code], { service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    const before = await db.snapshot();
    const { errors } = await tracker.tryAward({ userId: 'ada', key, ...given });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['DRAFT', 'LOCKED', 'ARCHIVED'])('rejects a definition that is %s', async (state, { service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null, { state: state === 'DRAFT' ? 'DRAFT' : 'ACTIVE' });
    if (state !== 'DRAFT') await tracker.update({ key, state });
    const before = await db.snapshot();
    const { errors } = await tracker.tryAward({ userId: 'ada', key });
    expect(errors?.[0].extensions.code).toBe('CONFLICT');
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects a draft like an unknown definition without the scope badges:manage', async ({ service, auth, db }) => {
    const key = await (await trackerOf(service, auth)).define(null, { state: 'DRAFT' });
    const awarder = await trackerOf(service, auth, { scope: 'badges:award' });
    const before = await db.snapshot();
    const [draft, unknown] = [key, 'unknown'].map((one) => awarder.tryAward({ userId: 'ada', key: one }));
    expect((await draft)?.errors?.[0].extensions.code).toBe('NOT_FOUND');
    expect((await draft)?.errors?.[0].message).toBe((await unknown)?.errors?.[0].message);
    expect(await db.snapshot()).toEqual(before);
  });

  it.for([
    [undefined, 'UNAUTHENTICATED'],
    ['badges:manage', 'FORBIDDEN'],
  ] as const)('rejects the scope %s with %s', async ([scope, code], { service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    const { badge } = await tracker.award({ userId: 'grace', key });
    const token = scope === undefined ? undefined : await auth.token('ada', { scope });
    const before = await db.snapshot();
    const mutations = [
      `awardBadge(input: { userId: "ada", key: "${key}" }) { badge { id } }`,
      `revokeBadge(input: { id: "${badge.id}" }) { badge { id } }`,
      `reinstateBadge(input: { id: "${badge.id}" }) { badge { id } }`,
    ];
    for (const mutation of mutations) {
      const { errors } = await service.graphql(`mutation { ${mutation} }`, {}, token === undefined ? {} : { token });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('revokeBadge', () => {
  it('keeps the row, and removes the badge from lists, counts and statistics', async ({
    service,
    auth,
    db,
    createUser,
  }) => {
    const tracker = await trackerOf(service, auth);
    const { id } = await createUser();
    const { badge } = await tracker.award({ userId: id, key: await tracker.define(null) });
    const revoked = await tracker.revoke({ id: badge.id, reason: 'Cheated' });
    expect(revoked).toEqual({ badge: { id: badge.id, status: 'REVOKED' }, user: { id } });
    expect(await tracker.query(BADGES, { id })).toEqual({
      learner: { badges: [], badgesConnection: { totalCount: 0 } },
    });
    expect((await service.rest(`/users/${id}/badges`)).body).toEqual([]);
    expect((await service.rest(`/users/${id}`)).body).toMatchObject({ statistics: { total_badges: 0 }, badges: [] });
    expect(await db.sql`select status, revoked_reason from badges where id = ${badge.id}`).toEqual([
      { status: 'revoked', revoked_reason: 'Cheated' },
    ]);
  });

  it('changes nothing the second time', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const { badge } = await tracker.award({ userId: 'ada', key: await tracker.define(null) });
    const first = await tracker.revoke({ id: badge.id, reason: 'Cheated' });
    const before = await db.snapshot();
    expect(await tracker.revoke({ id: badge.id, reason: 'Other' })).toEqual(first);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is the same in all fields of its response, and so is its end', async ({ service, auth }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 1 } });
    const { badge } = await tracker.award({ userId: `u-${crypto.randomUUID()}`, key });
    const change = (name: 'revoke' | 'reinstate') =>
      tracker.query(
        `mutation($id: ID!) { result: ${name}Badge(input: { id: $id }) {
          badge { status } user { badgeProgress { definition { key } badge { status } } } } }`,
        { id: badge.id },
      );
    const progressOf = ({ result }: Json) =>
      result.user.badgeProgress.find((one: Json) => one.definition.key === key).badge;
    const revoked = await change('revoke');
    expect([revoked.result.badge, progressOf(revoked)]).toEqual([{ status: 'REVOKED' }, null]);
    const reinstated = await change('reinstate');
    expect([reinstated.result.badge, progressOf(reinstated)]).toEqual([{ status: 'ACTIVE' }, { status: 'ACTIVE' }]);
  });

  it('is not undone by a rule or by a hand award', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define({ count: { verb: 'practice', gte: 1 } });
    const userId = `u-${crypto.randomUUID()}`;
    const { badges } = await tracker.record(userId);
    await tracker.revoke({ id: badges.find((one: { definition: { key: string } }) => one.definition.key === key).id });
    await tracker.record(userId);
    const { errors } = await tracker.tryAward({ userId, key });
    expect(errors?.[0].extensions.code).toBe('CONFLICT');
    const rows = await db.sql`select status from badges where auth_user_id = ${userId} and definition_key = ${key}`;
    expect(rows).toEqual([{ status: 'revoked' }]);
  });

  it('revokes and reinstates a badge that its user has created', async ({ service, auth, createUser }) => {
    const tracker = await trackerOf(service, auth);
    const { id, token } = await createUser();
    const { body } = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await tracker.revoke({ id: String(body.id) });
    expect((await service.rest(`/users/${id}/badges`)).body).toEqual([]);
    await tracker.reinstate({ id: String(body.id) });
    expect((await service.rest(`/users/${id}/badges`)).body).toEqual([body]);
  });

  it('rejects an unknown badge, a malformed id and a blank reason', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const { badge } = await tracker.award({ userId: 'ada', key: await tracker.define(null) });
    const before = await db.snapshot();
    const codes = [
      await tracker.tryRevoke({ id: '999999999' }),
      await tracker.tryReinstate({ id: '999999999' }),
      await tracker.tryRevoke({ id: 'x' }),
      await tracker.tryRevoke({ id: badge.id, reason: ' ' }),
      await tracker.tryRevoke({ id: badge.id, reason: 'r'.repeat(501) }),
    ].map(({ errors }) => errors?.[0].extensions.code);
    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT']);
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('reinstateBadge', () => {
  it('restores the row with its counts, and completes badge rules', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const first = await tracker.define(null);
    const userId = `u-${crypto.randomUUID()}`;
    const { badge } = await tracker.award({ userId, key: first });
    await tracker.revoke({ id: badge.id });
    const second = await tracker.define({ badge: { key: first } });
    const reinstated = await tracker.reinstate({ id: badge.id });
    expect(reinstated.badge).toEqual({ id: badge.id, status: 'ACTIVE' });
    const rows = await db.sql`
      select definition_key, status, revoked_at from badges where auth_user_id = ${userId} order by id`;
    expect(rows).toEqual([first, second].map((key) => ({ definition_key: key, status: 'active', revoked_at: null })));
    expect(await db.sql`select badge_count from auth_users where id = ${userId}`).toEqual([{ badge_count: 2 }]);
    const before = await db.snapshot();
    expect((await tracker.reinstate({ id: badge.id })).badge.status).toBe('ACTIVE');
    expect(await db.snapshot()).toEqual(before);
  });

  it('leaves one badge and its count right among concurrent changes', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const userId = `u-${crypto.randomUUID()}`;
    const { badge } = await tracker.award({ userId, key: await tracker.define(null) });
    const changes = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? tracker.revoke({ id: badge.id }) : tracker.reinstate({ id: badge.id }),
    );
    await Promise.all(changes);
    await tracker.reinstate({ id: badge.id });
    expect(await db.sql`select badge_count from auth_users where id = ${userId}`).toEqual([{ badge_count: 1 }]);
  });
});
