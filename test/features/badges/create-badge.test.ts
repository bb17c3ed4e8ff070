import { badgeBody, badgeInput, describe, expect, it } from '../../support/fixtures.ts';

const CREATE = `mutation($input: CreateBadgeInput!) {
  createBadge(input: $input) { badge { id name description iconUrl dateAchieved user { id } } }
}`;
const LIMIT_OF_THREE = { MAX_BADGES_PER_USER: '3' };

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

describe('POST /users/{auth_user_id}/badges', () => {
  it('returns 200 with the badge, byte for byte as in v1', async ({ service, db, createUser }) => {
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

  it('returns the path of the new badge in Location', async ({ service, createUser }) => {
    const ada = await createUser();
    const { headers, body } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(headers.location).toBe(`/users/${ada.id}/badges/${body.id}`);
  });

  it('dates the badge by the clock of the service, in UTC', async ({ serve, auth, createUser }) => {
    const ada = await createUser();
    const now = new Date('2026-03-01T09:30:00.250Z');
    const service = await serve({}, { now: () => now });
    const seconds = now.getTime() / 1000;
    const token = await auth.token(ada.id, { iat: seconds, exp: seconds + 60 });
    const { body } = await service.rest(badgesOf(ada), { token, body: badgeBody() });
    expect(body.date_achieved).toBe('2026-03-01T09:30:00.25Z');
  });

  it('stores the badge with the source "self" and adds the id of the user to auth_users', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody({ name: 'Pioneer' }) });
    expect(await db.sql`select name, source from badges where auth_user_id = ${ada.id}`).toEqual([
      { name: 'Pioneer', source: 'self' },
    ]);
    expect(await db.sql`select id from auth_users where id = ${ada.id}`).toHaveLength(1);
  });

  it('creates a second badge when the request is sent twice without an Idempotency-Key', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const create = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const [first, second] = [await create(), await create()];
    expect(second.body.id).toBeGreaterThan(first.body.id);
  });

  it('takes the user from the token and does not call the auth-service', async ({ service, auth, createUser }) => {
    const ada = await createUser();
    auth.calls.clear();
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(auth.callsTo('graphql')).toEqual([]);
  });
});

describe('createBadge', () => {
  it('creates a badge for the viewer', async ({ service, db, createUser }) => {
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

  it('accepts the id of the viewer and null as userId', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const userId of [ada.id, null]) {
      const { data } = await service.graphql(CREATE, { input: { ...badgeInput(), userId } }, { token: ada.token });
      expect(data.createBadge.badge.user.id).toBe(ada.id);
    }
  });
});

describe('MAX_BADGES_PER_USER', () => {
  it('rejects a badge over the limit with 400, byte for byte as in v1', async ({ serve, db, createUser }) => {
    const service = await serve(LIMIT_OF_THREE);
    const ada = await createUser();
    const create = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    for (let i = 0; i < 3; i++) expect((await create()).status).toBe(200);
    const before = await db.snapshot();
    const { status, headers, text } = await create();
    expect(status).toBe(400);
    expect(text).toBe(
      `{"detail":"Maximum number of badges (3) reached","code":"LIMIT_REACHED","request_id":"${headers['x-request-id']}"}`,
    );
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects a badge over the limit with LIMIT_REACHED in GraphQL', async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '0' });
    const { token } = await createUser();
    const before = await db.snapshot();
    const { data, errors } = await service.graphql(CREATE, { input: badgeInput() }, { token });
    expect(data).toEqual({ createBadge: null });
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Maximum number of badges (0) reached',
        path: ['createBadge'],
        extensions: { code: 'LIMIT_REACHED', requestId: expect.any(String) },
      }),
    ]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is exact when a new user sends twelve requests at the same time', async ({ serve, db, createUser }) => {
    const service = await serve(LIMIT_OF_THREE);
    const ada = await createUser();
    const create = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const responses = await Promise.all(Array.from({ length: 12 }, create));
    const rejected = responses.filter(({ status }) => status === 400);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(rejected.map(({ body }) => body.detail)).toEqual(Array(9).fill('Maximum number of badges (3) reached'));
    expect(await db.sql`select from badges where auth_user_id = ${ada.id}`).toHaveLength(3);
  });

  it('is exact when REST requests on one replica race GraphQL requests on another', async ({
    serve,
    db,
    createUser,
  }) => {
    const [one, other] = [await serve(LIMIT_OF_THREE), await serve(LIMIT_OF_THREE)];
    const ada = await createUser();
    await one.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const created = await Promise.all(
      Array.from({ length: 6 }, () => [
        one.rest(badgesOf(ada), { token: ada.token, body: badgeBody() }).then(({ status }) => status === 200),
        other
          .graphql(CREATE, { input: badgeInput() }, { token: ada.token })
          .then(({ data }) => data.createBadge !== null),
      ]).flat(),
    );
    expect(created.filter(Boolean)).toHaveLength(2);
    expect(await db.sql`select from badges where auth_user_id = ${ada.id}`).toHaveLength(3);
  });

  it('applies to each user separately', async ({ serve, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '1' });
    for (const { token, ...user } of [await createUser(), await createUser()]) {
      expect((await service.rest(badgesOf(user), { token, body: badgeBody() })).status).toBe(200);
    }
  });
});

describe('the authorization of badge creation', () => {
  it('rejects a request without a token', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const rest = await service.rest(badgesOf(ada), { body: badgeBody() });
    expect(rest).toMatchObject({ status: 401, body: { detail: 'Not authenticated', code: 'UNAUTHENTICATED' } });
    const { data, errors } = await service.graphql(CREATE, { input: badgeInput({ userId: ada.id }) });
    expect({ data, code: errors?.[0].extensions.code }).toEqual({
      data: { createBadge: null },
      code: 'UNAUTHENTICATED',
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects a request with an expired token', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    const token = await auth.token(ada.id, { exp: 1 });
    const before = await db.snapshot();
    const rest = await service.rest(badgesOf(ada), { token, body: badgeBody() });
    expect(rest).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
    const graphql = await service.graphql(CREATE, { input: badgeInput() }, { token });
    expect([graphql.status, graphql.errors?.[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects a badge for another user, known or unknown, with 403', async ({ service, db, createUser }) => {
    const [eve, ada] = [await createUser(), await createUser()];
    const detail = 'Not authorized to create a badge for this user';
    const before = await db.snapshot();
    for (const userId of [ada.id, 'unknown-user', eve.id.toUpperCase()]) {
      const rest = await service.rest(`/users/${userId}/badges`, { token: eve.token, body: badgeBody() });
      expect(rest).toMatchObject({ status: 403, body: { detail, code: 'FORBIDDEN' } });
      const { errors } = await service.graphql(CREATE, { input: badgeInput({ userId }) }, { token: eve.token });
      expect(errors?.[0]).toMatchObject({ message: detail, extensions: { code: 'FORBIDDEN' } });
    }
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('badge creation', () => {
  const invalid = badgeBody({ name: '' });

  it('returns 401 before it validates the body', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const body of [invalid, '{"name":', 'x'.repeat(100_000)]) {
      expect((await service.rest(badgesOf(ada), { body })).status).toBe(401);
    }
  });

  it('returns 403 to another user before it validates the body', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const body of [invalid, '{"name":']) {
      expect((await service.rest(badgesOf(ada), { token: eve.token, body })).status).toBe(403);
    }
  });

  it('returns 422 before it checks the limit', async ({ serve, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '0' });
    const ada = await createUser();
    for (const body of [invalid, badgeBody({ icon_url: 'javascript:alert(1)' })]) {
      expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(422);
    }
  });
});
