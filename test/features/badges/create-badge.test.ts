import { badgeBody, badgeInput, describe, expect, it } from '../../support/fixtures.ts';

const CREATE = `mutation($input: CreateBadgeInput!) {
  createBadge(input: $input) { badge { id name description iconUrl dateAchieved user { id } } }
}`;
const LIMIT_OF_THREE = { MAX_BADGES_PER_USER: '3' };

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

describe('POST /users/{auth_user_id}/badges', () => {
  it('answers 200 with the badge, byte for byte as the first version did', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { status, headers, text } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const [row] = await db.sql`
      select id, to_json(date_achieved at time zone 'UTC') #>> '{}' || 'Z' as date
      from badges where auth_user_id = ${ada.id}`;
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(text).toBe(
      `{"id":${row?.id},"name":"First steps","description":"Finished the first lesson",` +
        `"icon_url":"/icons/first-steps.svg","date_achieved":"${row?.date}","auth_user_id":"${ada.id}"}`,
    );
  });

  it('says where the new badge is', async ({ service, createUser }) => {
    const ada = await createUser();
    const { headers, body } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(headers.location).toBe(`/users/${ada.id}/badges/${body.id}`);
  });

  it('dates the badge by the service’s clock, in UTC', async ({ serve, auth, createUser }) => {
    const ada = await createUser();
    const now = new Date('2026-03-01T09:30:00.250Z');
    const service = await serve({}, { now: () => now });
    const seconds = now.getTime() / 1000;
    const token = await auth.token(ada.id, { iat: seconds, exp: seconds + 60 });
    const { body } = await service.rest(badgesOf(ada), { token, body: badgeBody() });
    expect(body.date_achieved).toBe('2026-03-01T09:30:00.25Z');
  });

  it('stores the badge as the person’s own, and the person as a reference', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody({ name: 'Pioneer' }) });
    expect(await db.sql`select name, source from badges where auth_user_id = ${ada.id}`).toEqual([
      { name: 'Pioneer', source: 'self' },
    ]);
    expect(await db.sql`select id from auth_users where id = ${ada.id}`).toHaveLength(1);
  });

  it('gives the same badge twice to who asks twice', async ({ service, createUser }) => {
    const ada = await createUser();
    const act = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const [first, second] = [await act(), await act()];
    expect(second.body.id).toBeGreaterThan(first.body.id);
  });

  it('does not ask the auth-service who the person is: the token says so', async ({ service, auth, createUser }) => {
    const ada = await createUser();
    auth.calls.clear();
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(auth.callsTo('graphql')).toEqual([]);
  });
});

describe('createBadge', () => {
  it('gives the caller a badge', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { data, errors } = await service.graphql(CREATE, { input: badgeInput() }, { token: ada.token });
    const [row] = await db.sql`select id, date_achieved from badges where auth_user_id = ${ada.id}`;
    expect(errors).toBeUndefined();
    expect(data.createBadge.badge).toEqual({
      ...badgeInput(),
      id: String(row?.id),
      dateAchieved: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      user: { id: ada.id },
    });
    expect(new Date(data.createBadge.badge.dateAchieved)).toEqual(row?.date_achieved);
  });

  it('takes the caller’s own userId, and null for it', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const userId of [ada.id, null]) {
      const { data } = await service.graphql(CREATE, { input: { ...badgeInput(), userId } }, { token: ada.token });
      expect(data.createBadge.badge.user.id).toBe(ada.id);
    }
  });
});

describe('the limit', () => {
  it('is refused byte for byte as the first version did', async ({ serve, db, createUser }) => {
    const service = await serve(LIMIT_OF_THREE);
    const ada = await createUser();
    const act = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    for (let i = 0; i < 3; i++) expect((await act()).status).toBe(200);
    const before = await db.snapshot();
    const { status, headers, text } = await act();
    expect(status).toBe(400);
    expect(text).toBe(
      `{"detail":"Maximum number of badges (3) reached","code":"LIMIT_REACHED","request_id":"${headers['x-request-id']}"}`,
    );
    expect(await db.snapshot()).toEqual(before);
  });

  it('is LIMIT_REACHED in GraphQL', async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '0' });
    const { token } = await createUser();
    const before = await db.snapshot();
    const { data, errors } = await service.graphql(CREATE, { input: badgeInput() }, { token });
    expect(data).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Maximum number of badges (0) reached',
        path: ['createBadge'],
        extensions: { code: 'LIMIT_REACHED' },
      }),
    ]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is exact when twelve calls race to be a person’s very first', async ({ serve, db, createUser }) => {
    const service = await serve(LIMIT_OF_THREE);
    const ada = await createUser();
    const act = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const answers = await Promise.all(Array.from({ length: 12 }, act));
    const refused = answers.filter(({ status }) => status === 400);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(refused.map(({ body }) => body.detail)).toEqual(Array(9).fill('Maximum number of badges (3) reached'));
    expect(await db.sql`select from badges where auth_user_id = ${ada.id}`).toHaveLength(3);
  });

  it('is exact when REST on one replica races GraphQL on another', async ({ serve, db, createUser }) => {
    const [one, other] = [await serve(LIMIT_OF_THREE), await serve(LIMIT_OF_THREE)];
    const ada = await createUser();
    await one.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const created = await Promise.all(
      Array.from({ length: 6 }, () => [
        one.rest(badgesOf(ada), { token: ada.token, body: badgeBody() }).then(({ status }) => status === 200),
        other.graphql(CREATE, { input: badgeInput() }, { token: ada.token }).then(({ data }) => data !== null),
      ]).flat(),
    );
    expect(created.filter(Boolean)).toHaveLength(2);
    expect(await db.sql`select from badges where auth_user_id = ${ada.id}`).toHaveLength(3);
  });

  it('is each person’s own', async ({ serve, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '1' });
    for (const { token, ...owner } of [await createUser(), await createUser()]) {
      expect((await service.rest(badgesOf(owner), { token, body: badgeBody() })).status).toBe(200);
    }
  });
});

describe('nobody gives a badge', () => {
  it('without a token', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const rest = await service.rest(badgesOf(ada), { body: badgeBody() });
    expect(rest).toMatchObject({ status: 401, body: { detail: 'Not authenticated', code: 'UNAUTHENTICATED' } });
    const { data, errors } = await service.graphql(CREATE, { input: badgeInput({ userId: ada.id }) });
    expect({ data, code: errors?.[0].extensions.code }).toEqual({ data: null, code: 'UNAUTHENTICATED' });
    expect(await db.snapshot()).toEqual(before);
  });

  it('with a token that is no good', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const token = await auth.token(ada.id, { exp: 1 });
    const before = await db.snapshot();
    const rest = await service.rest(badgesOf(ada), { token, body: badgeBody() });
    expect(rest).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
    const graphql = await service.graphql(CREATE, { input: badgeInput() }, { token });
    expect([graphql.status, graphql.errors?.[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(await db.snapshot()).toEqual(before);
  });

  it('to somebody else, known or unknown', async ({ service, db, createUser }) => {
    const [eve, ada] = [await createUser(), await createUser()];
    const detail = 'Not authorized to create a badge for this user';
    const before = await db.snapshot();
    for (const userId of [ada.id, 'nobody', 'me', eve.id.toUpperCase()]) {
      const rest = await service.rest(`/users/${userId}/badges`, { token: eve.token, body: badgeBody() });
      expect(rest).toMatchObject({ status: 403, body: { detail, code: 'FORBIDDEN' } });
      const { errors } = await service.graphql(CREATE, { input: badgeInput({ userId }) }, { token: eve.token });
      expect(errors?.[0]).toMatchObject({ message: detail, extensions: { code: 'FORBIDDEN' } });
    }
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('of several faults the answer names the first of', () => {
  const broken = badgeBody({ name: '' });

  it('401, before what is wrong with the body', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const body of [broken, '{"name":', 'x'.repeat(100_000)]) {
      expect((await service.rest(badgesOf(ada), { body })).status).toBe(401);
    }
  });

  it('403, before what is wrong with the body', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const body of [broken, '{"name":']) {
      expect((await service.rest(badgesOf(ada), { token: eve.token, body })).status).toBe(403);
    }
  });

  it('422, before the limit', async ({ serve, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '0' });
    const ada = await createUser();
    for (const body of [broken, badgeBody({ icon_url: 'javascript:alert(1)' })]) {
      expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(422);
    }
  });
});
