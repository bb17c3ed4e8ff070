import type { TestDatabase } from '../../support/database.ts';
import { badgeBody, describe, expect, goalBody, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { badgeNames, insertBadges } from '../badges/rows.ts';
import { goalTitles, insertGoals } from '../goals/rows.ts';

/** The statistics of a user without activities. */
const NO_ACTIVITIES = { current_streak: 0, longest_streak: 0, active_days: 0 };

describe('GET /users/{auth_user_id}', () => {
  it('returns a profile without a token, byte for byte as in v1 but for the statistics of streaks', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const badge = await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    const goal = await service.rest(`/users/${ada.id}/goals`, { token: ada.token, body: goalBody() });
    const { status, headers, text } = await service.rest(`/users/${ada.id}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(text).toBe(
      `{"id":"${ada.id}","username":"${ada.username}","display_name":"Ada Lovelace","avatar_url":"${ada.avatarUrl}",` +
        '"statistics":{"total_badges":1,"total_goals":1,"level":1,"current_streak":0,"longest_streak":0,"active_days":0},' +
        `"badges":[${badge.text}],"learning_goals":[${goal.text}]}`,
    );
  });

  it('returns the profile of a user without badges and goals, and adds no row', async ({ service, db, createUser }) => {
    const ada = await createUser({ displayName: null, avatarUrl: null });
    const before = await db.snapshot();
    const { status, body } = await service.rest(`/users/${ada.id}`);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        id: ada.id,
        username: ada.username,
        display_name: null,
        avatar_url: null,
        statistics: { total_badges: 0, total_goals: 0, level: 1, ...NO_ACTIVITIES },
        badges: [],
        learning_goals: [],
      },
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('contains no e-mail address, with or without a token', async ({ service, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    expect((await service.rest('/users/me', { token: ada.token })).body.email).toBe(ada.email);
    for (const token of [undefined, eve.token, ada.token, 'nonsense']) {
      const { status, text } = await service.rest(`/users/${ada.id}`, token === undefined ? {} : { token });
      expect([status, text.includes('email'), text.includes(String(ada.email))]).toEqual([200, false, false]);
    }
  });

  it('does not forward the token of the viewer to the auth-service', async ({ service, auth, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    auth.calls.clear();
    await service.rest(`/users/${ada.id}`, { token: eve.token });
    expect(auth.callsTo('graphql').map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(auth.calls[0]?.body.query).not.toContain('email');
  });

  it('contains every badge and goal of long lists, newest first', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 1100);
    await insertGoals(db, ada.id, 600);
    const { body } = await service.rest(`/users/${ada.id}`);
    expect(body.badges.map(({ name }: Json) => name)).toEqual(badgeNames(1100));
    expect(body.learning_goals.map(({ title }: Json) => title)).toEqual(goalTitles(600));
    expect(body.statistics).toEqual({ total_badges: 1100, total_goals: 600, level: 10, ...NO_ACTIVITIES });
  });

  it.for([
    [0, 1],
    [4, 1],
    [5, 2],
    [9, 2],
    [10, 3],
    [44, 9],
    [45, 10],
    [46, 10],
    [100, 10],
  ])('shows %i badges as level %i, also in GraphQL', async ([count, level], { service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertBadges(db, id, count as number);
    const { body } = await service.rest(`/users/${id}`);
    expect(body.statistics).toEqual({ total_badges: count, total_goals: 0, level, ...NO_ACTIVITIES });
    const { data } = await service.graphql('{ viewer { statistics { totalBadges totalGoals level } } }', {}, { token });
    expect(data.viewer.statistics).toEqual({ totalBadges: count, totalGoals: 0, level });
  });

  it('accepts a trailing slash, answers HEAD and lists its methods in Allow', async ({ service, createUser }) => {
    const ada = await createUser();
    const { text } = await service.rest(`/users/${ada.id}`);
    expect(await service.rest(`/users/${ada.id}/`)).toMatchObject({ status: 200, text });
    expect(await service.rest(`/users/${ada.id}`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    const options = await service.rest(`/users/${ada.id}`, { method: 'OPTIONS' });
    expect(options).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
    const rejected = await service.rest(`/users/${ada.id}`, { method: 'DELETE', token: ada.token });
    expect(rejected).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });
});

describe('GET /users/me', () => {
  it('returns the profile of the viewer, followed by the e-mail address', async ({ service, createUser }) => {
    const ada = await createUser();
    const { text } = await service.rest(`/users/${ada.id}`);
    const own = await service.rest('/users/me', { token: ada.token });
    expect([own.status, own.text]).toEqual([200, text.replace(/\}$/, `,"email":"${ada.email}"}`)]);
    expect((await service.rest('/users/me/', { token: ada.token })).text).toBe(own.text);
  });

  it('returns null for an e-mail address that the auth-service does not have', async ({ service, createUser }) => {
    const ada = await createUser({ email: null });
    expect((await service.rest('/users/me', { token: ada.token })).body.email).toBeNull();
  });

  it('calls the auth-service with the token of the viewer', async ({ service, auth, createUser }) => {
    const ada = await createUser();
    auth.calls.clear();
    await service.rest('/users/me', { token: ada.token });
    expect(auth.callsTo('graphql').map(({ headers }) => headers.authorization)).toEqual([`Bearer ${ada.token}`]);
  });

  it('calls the auth-service with the token of the viewer, also when AUTH_SERVICE_TOKEN is set', async ({
    serve,
    auth,
    createUser,
  }) => {
    const service = await serve({ AUTH_SERVICE_TOKEN: 'the-token-of-the-service' });
    const ada = await createUser();
    auth.calls.clear();
    await service.rest(`/users/${ada.id}`);
    await service.rest('/users/me', { token: ada.token });
    expect(auth.callsTo('graphql').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer the-token-of-the-service',
      `Bearer ${ada.token}`,
    ]);
  });

  it('returns 401 without a token and with an expired token', async ({ service, auth, createUser }) => {
    const ada = await createUser();
    const anonymous = await service.rest('/users/me');
    expect(anonymous).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
    const expired = await service.rest('/users/me', { token: await auth.token(ada.id, { exp: 1 }) });
    expect(expired).toMatchObject({ status: 401, body: { detail: 'Could not validate credentials' } });
  });

  it('allows GET and HEAD only', async ({ service, createUser }) => {
    const { token } = await createUser();
    const rejected = await service.rest('/users/me', { method: 'PUT', token, body: {} });
    expect(rejected).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });
});

describe('the ETag of a profile', () => {
  it('returns 304 to a client that has the current profile', async ({ service, createUser }) => {
    const ada = await createUser();
    for (const [path, token] of [[`/users/${ada.id}`], ['/users/me', ada.token]] as const) {
      const get = (ifNoneMatch?: string) =>
        service.rest(path, { ...(token && { token }), headers: { 'if-none-match': ifNoneMatch } });
      const { headers, text } = await get();
      const etag = String(headers.etag);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const response = await get(known);
        expect([response.status, response.text, response.headers.etag]).toEqual([304, '', etag]);
      }
      expect(await get('"other"')).toMatchObject({ status: 200, text, headers: { etag } });
    }
  });

  it('changes with all data that the profile contains', async ({ serve, auth, createUser }) => {
    const ada = await createUser();
    const etags = new Set<unknown>();
    const collectEtags = async (service: Awaited<ReturnType<typeof serve>>) => {
      etags.add((await service.rest(`/users/${ada.id}`)).headers.etag);
      etags.add((await service.rest('/users/me', { token: ada.token })).headers.etag);
    };
    const service = await serve();
    await collectEtags(service);
    await collectEtags(service);
    expect(etags.size).toBe(2);
    await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    await collectEtags(service);
    const { body } = await service.rest(`/users/${ada.id}/goals`, { token: ada.token, body: goalBody() });
    await collectEtags(service);
    const change = { method: 'PUT', token: ada.token, body: { streak_count: 1 } };
    await service.rest(`/users/${ada.id}/goals/${body.id}`, change);
    await collectEtags(service);
    auth.add({ ...ada, displayName: 'Countess of Lovelace' });
    await collectEtags(await serve());
    expect(etags.size).toBe(10);
  });
});

describe('404 User not found', () => {
  const notFound = { status: 404, body: { detail: 'User not found', code: 'NOT_FOUND' } };

  it('is returned for an id that the auth-service does not know', async ({ service, db }) => {
    const before = await db.snapshot();
    expect(await service.rest('/users/unknown-user')).toMatchObject(notFound);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is returned for a user who is deleted at the auth-service and still has badges', async ({ service, db }) => {
    await insertBadges(db, 'deleted-user', 1);
    expect(await service.rest('/users/deleted-user')).toMatchObject(notFound);
    expect((await service.rest('/users/deleted-user/badges')).body).toHaveLength(1);
  });

  it('is returned to a viewer who is deleted at the auth-service', async ({ service, auth }) => {
    expect(await service.rest('/users/me', { token: await auth.token('deleted-viewer') })).toMatchObject(notFound);
  });
});

describe('without the auth-service', () => {
  it('profiles return 503 with Retry-After, and the other routes work', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const ada = await createUser();
    const created = await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    await auth.down();
    for (const [path, token] of [[`/users/${ada.id}`], ['/users/me', ada.token]] as const) {
      const { status, body, headers } = await service.rest(path, token === undefined ? {} : { token });
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { detail: 'The auth-service is temporarily unavailable', code: 'AUTH_SERVICE_UNAVAILABLE' },
      });
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect((await service.rest(`/users/${ada.id}/badges`)).text).toBe(`[${created.text}]`);
    expect((await service.rest(`/users/${ada.id}/goals`)).text).toBe('[]');
    const goal = await service.rest(`/users/${ada.id}/goals`, { token: ada.token, body: goalBody() });
    expect(goal.status).toBe(200);
  });

  it('a cached profile is still returned', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const ada = await createUser();
    const { text } = await service.rest(`/users/${ada.id}`);
    await auth.down();
    expect(await service.rest(`/users/${ada.id}`)).toMatchObject({ status: 200, text });
  });

  it.for(['html', 'wrong-id', 'graphql-errors', 'truncated'] as const)(
    'profiles return 503 and not 404 when the auth-service sends an invalid response: %s',
    async (fault, { serve, auth, createUser }) => {
      const service = await serve();
      const ada = await createUser();
      auth.fail('graphql', fault);
      expect((await service.rest(`/users/${ada.id}`)).status).toBe(503);
      expect((await service.rest('/users/me', { token: ada.token })).status).toBe(503);
    },
  );
});

/** Inserts badges of about 3 KB each. */
async function insertLargeBadges({ sql }: TestDatabase, { userId, count }: { userId: string; count: number }) {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select ${userId}, 'x', repeat('€', 500), repeat('€', 500), now() from generate_series(1, ${count}::int)`;
}

describe('a profile of more than 1 MB', () => {
  it('waits for buffer space and is 503 without it, but not for HEAD or a matching If-None-Match', async ({
    serve,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const service = await serve();
    await insertLargeBadges(db, { userId: id, count: 500 });
    const first = await service.rest(`/users/${id}`);
    expect([first.status, first.text.length > 500_000]).toEqual([200, true]);
    const release = await service.app.http.unreadResponses.reserve(32_000_000, { isClosed: () => false });
    const known = { 'if-none-match': String(first.headers.etag) };
    expect((await service.rest(`/users/${id}`, { method: 'HEAD' })).status).toBe(200);
    expect((await service.rest(`/users/${id}`, { headers: known })).status).toBe(304);
    const rejected = await service.rest(`/users/${id}`);
    expect(rejected).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
    release?.();
    expect((await service.rest(`/users/${id}`)).text).toBe(first.text);
  });

  it('of several pages waits before it reads them, and releases its buffer space', async ({
    serve,
    db,
    createUser,
  }) => {
    const { id } = await createUser();
    const service = await serve();
    await insertLargeBadges(db, { userId: id, count: 1200 });
    const { unreadResponses } = service.app.http;
    const rowsOf = async () => {
      const { status, body } = await service.rest(`/users/${id}`);
      return [status, body.badges?.length];
    };
    for (let i = 0; i < 12; i++) expect(await rowsOf()).toEqual([200, 1200]);
    const release = await unreadResponses.reserve(32_000_000, { isClosed: () => false });
    service.statements.clear();
    expect((await service.rest(`/users/${id}`)).status).toBe(503);
    expect((await service.rest('/metrics')).text).toContain('requests_rejected_total{reason="unread_responses"} 1');
    expect(service.statements.filter((text) => /"icon_url".* from "badges"/.test(text))).toHaveLength(1);
    release?.();
    expect(await rowsOf()).toEqual([200, 1200]);
  });
});
