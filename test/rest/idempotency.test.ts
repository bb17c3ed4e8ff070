import { type TestDatabase, withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import { countWaiting } from '../support/waiting.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

/** Returns a function that creates a badge of `user` with an Idempotency-Key. */
const badgePoster =
  (service: HttpClient, user: SignedIn) =>
  (key: string | string[], body: unknown = badgeBody()) =>
    service.rest(badgesOf(user), { token: user.token, body, headers: { 'idempotency-key': key } });

const namesOf = async (db: TestDatabase, { id }: { id: string }) =>
  (await db.sql`select name from badges where auth_user_id = ${id} order by id`).map(({ name }) => name);

describe('a repeated POST with the same Idempotency-Key', () => {
  it.for(['badges', 'goals'])(
    'gets the first response and changes nothing: %s',
    async (list, { service, db, createUser }) => {
      const { id, token } = await createUser();
      const body = list === 'badges' ? badgeBody() : goalBody();
      const post = () => service.rest(`/users/${id}/${list}`, { token, body, headers: { 'idempotency-key': 'k-1' } });
      const first = await post();
      expect(first.status).toBe(200);
      expect(first.headers['idempotent-replayed']).toBeUndefined();
      const before = await db.snapshot();
      for (const again of [await post(), await post()]) {
        expect([again.status, again.text]).toEqual([200, first.text]);
        expect(again.headers).toMatchObject({ location: first.headers.location, 'idempotent-replayed': 'true' });
        expect(again.headers.etag).toBe(first.headers.etag);
        expect(again.headers['content-type']).toBe(first.headers['content-type']);
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('is the same request with -0, which JSON stores as 0', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const body = '{"title":"Read","streak_count":-0}';
    const post = () => service.rest(`/users/${id}/goals`, { token, body, headers: { 'idempotency-key': 'k-1' } });
    const [first, again] = [await post(), await post()];
    expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([200, first.text, 'true']);
  });

  it('is the same request with other white space, and a new request without the key', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const post = badgePoster(service, ada);
    await post('k-1', JSON.stringify(badgeBody()));
    expect((await post('k-1', JSON.stringify(badgeBody(), null, 2))).headers['idempotent-replayed']).toBe('true');
    expect(await namesOf(db, ada)).toHaveLength(1);
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(await namesOf(db, ada)).toHaveLength(2);
  });

  it('gets the first response from every replica', async ({ serve, service, createUser }) => {
    const ada = await createUser();
    const first = await badgePoster(service, ada)('k-1');
    const again = await badgePoster(await serve(), ada)('k-1');
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
  });

  it('gets the first response at the limit, and after the created goal is deleted', async ({ serve, createUser }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '1' });
    const { id, token } = await createUser();
    const post = () =>
      service.rest(`/users/${id}/goals`, { token, body: goalBody(), headers: { 'idempotency-key': 'k-1' } });
    const first = await post();
    expect((await post()).text).toBe(first.text);
    await service.rest(String(first.headers.location), { method: 'DELETE', token });
    expect((await post()).text).toBe(first.text);
    expect((await service.rest(`/users/${id}/goals`)).body).toEqual([]);
  });
});

describe('concurrent POSTs', () => {
  it('with one key create one badge: each gets the same response or 409', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const post = badgePoster(service, ada);
    const responses = await Promise.all(Array.from({ length: 20 }, () => post('k-1')));
    const done = responses.filter(({ status }) => status === 200);
    const conflicts = responses.filter(({ status }) => status === 409);
    expect(done.length + conflicts.length).toBe(20);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(done.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(await namesOf(db, ada)).toHaveLength(1);
    expect((await post('k-1')).text).toBe(done[0]?.text);
  });

  it('with different keys create one badge each', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const post = badgePoster(service, ada);
    const responses = await Promise.all(Array.from({ length: 20 }, (_, i) => post(`k-${i}`)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await namesOf(db, ada)).toHaveLength(20);
  });

  it('with one key get 409 while the first is in flight, and its response afterwards', async ({
    serve,
    db,
    createUser,
  }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const ada = await createUser();
    const post = badgePoster(service, ada);
    // Adds the user's row, which the transaction below locks.
    await post('k-0');
    let first: ReturnType<typeof post> | undefined;
    await db.sql.begin(async (holder) => {
      await holder`select from auth_users where id = ${ada.id} for update`;
      first = post('k-1');
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      for (const body of [badgeBody(), badgeBody({ name: 'Another' })]) {
        const second = await post('k-1', body);
        expect(second).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_IN_FLIGHT' } });
      }
    });
    const response = await first;
    expect(response?.status).toBe(200);
    expect(await post('k-1')).toMatchObject({ text: response?.text, headers: { 'idempotent-replayed': 'true' } });
    expect(await namesOf(db, ada)).toHaveLength(2);
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to one user', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const user of [ada, eve]) {
      const { status, headers } = await badgePoster(service, user)('k-1', badgeBody({ name: user.username }));
      expect([status, headers['idempotent-replayed']]).toEqual([200, undefined]);
      expect(await namesOf(db, user)).toEqual([user.username]);
    }
  });

  it('belongs to one route', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const headers = { 'idempotency-key': 'k-1' };
    const badge = await service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers });
    const goal = await service.rest(`/users/${id}/goals`, { token, body: goalBody(), headers });
    expect([badge.status, goal.status, goal.body.title]).toEqual([200, 200, goalBody().title]);
  });

  it('is case-sensitive', async ({ service, db, createUser }) => {
    const ada = await createUser();
    for (const key of ['a', 'A']) await badgePoster(service, ada)(key, badgeBody({ name: key }));
    expect(await namesOf(db, ada)).toEqual(['a', 'A']);
  });

  it('can have 255 characters and every printable ASCII character', async ({ service, createUser }) => {
    const post = badgePoster(service, await createUser());
    const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('');
    for (const key of ['x', 'x'.repeat(255), printable]) {
      const [first, again] = [await post(key), await post(key)];
      expect([first.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    }
  });

  it('expires after 24 hours, and not before', async ({ serve, auth, db, createUser }) => {
    const start = Date.now();
    const HOUR = 3_600_000;
    let now = new Date(start);
    const service = await serve({}, { now: () => now });
    const ada = await createUser();
    const postAt = async (at: number, name: string) => {
      now = new Date(at);
      const iat = Math.floor(at / 1000);
      const token = await auth.token(ada.id, { iat, exp: iat + 60 });
      return badgePoster(service, { ...ada, token })('k-1', badgeBody({ name }));
    };
    const first = await postAt(start, 'First');
    expect((await postAt(start + 24 * HOUR, 'First')).text).toBe(first.text);
    const second = await postAt(start + 24 * HOUR + 1, 'Second');
    expect([second.status, second.headers['idempotent-replayed']]).toEqual([200, undefined]);
    expect((await postAt(start + 47 * HOUR, 'Second')).text).toBe(second.text);
    expect((await postAt(start + 47 * HOUR, 'First')).status).toBe(422);
    expect(await namesOf(db, ada)).toEqual(['First', 'Second']);
  });

  it('is not used up by a rejected request', async ({ serve, service, db, createUser }) => {
    const ada = await createUser();
    const full = await serve({ MAX_BADGES_PER_USER: '0' });
    const before = await db.snapshot();
    const rejected = [
      await badgePoster(service, ada)('k-1', badgeBody({ name: '' })),
      await badgePoster(service, ada)('k-1', badgeBody({ name: '\u0000' })),
      await badgePoster(full, ada)('k-1'),
      await service.rest(badgesOf(ada), { body: badgeBody(), headers: { 'idempotency-key': 'k-1' } }),
    ];
    expect(rejected.map(({ status }) => status)).toEqual([422, 422, 400, 401]);
    expect(await db.snapshot()).toEqual(before);
    const { status, headers } = await badgePoster(service, ada)('k-1');
    expect([status, headers['idempotent-replayed']]).toEqual([200, undefined]);
  });

  it('does not give another user access to the response', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    await badgePoster(service, ada)('k-1');
    const before = await db.snapshot();
    const rejected = await badgePoster(service, { ...ada, token: eve.token })('k-1');
    expect(rejected.status).toBe(403);
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets 422 with another body', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await badgePoster(service, ada)('k-1');
    const before = await db.snapshot();
    const reused = await badgePoster(service, ada)('k-1', badgeBody({ name: 'Another' }));
    expect(reused).toMatchObject({
      status: 422,
      body: { detail: 'This Idempotency-Key was used for a different request', code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it.for<[label: string, key: string | string[]]>([
    ['is empty', ''],
    ['has 256 characters', 'x'.repeat(256)],
    ['is not ASCII', 'cl\u00e9'],
    ['contains a space', 'a b'],
    ['contains a tab', 'a\tb'],
    ['is sent twice', ['a', 'b']],
  ])('gets 400 when it %s', async ([, key], { service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const response = await badgePoster(service, ada)(key);
    const detail = 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces';
    expect(response).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', detail } });
    expect(await db.snapshot()).toEqual(before);
  });
});
