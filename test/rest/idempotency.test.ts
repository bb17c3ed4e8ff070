import type { TestDatabase } from '../support/database.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

/** A POST of badges by `owner` with a key. */
const poster =
  (service: HttpClient, owner: SignedIn) =>
  (key: string | string[], body: unknown = badgeBody()) =>
    service.rest(badgesOf(owner), { token: owner.token, body, headers: { 'idempotency-key': key } });

const namesOf = async (db: TestDatabase, { id }: { id: string }) =>
  (await db.sql`select name from badges where auth_user_id = ${id} order by id`).map(({ name }) => name);

describe('a repeated POST with the same Idempotency-Key', () => {
  it.for(['badges', 'goals'])(
    'gets the first answer again, and nothing is done twice: %s',
    async (list, { service, db, createUser }) => {
      const { id, token } = await createUser();
      const body = list === 'badges' ? badgeBody() : goalBody();
      const act = () => service.rest(`/users/${id}/${list}`, { token, body, headers: { 'idempotency-key': 'k-1' } });
      const first = await act();
      expect(first.status).toBe(200);
      expect(first.headers['idempotent-replayed']).toBeUndefined();
      const before = await db.snapshot();
      for (const again of [await act(), await act()]) {
        expect([again.status, again.text]).toEqual([200, first.text]);
        expect(again.headers).toMatchObject({ location: first.headers.location, 'idempotent-replayed': 'true' });
        expect(again.headers.etag).toBe(first.headers.etag);
        expect(again.headers['content-type']).toBe(first.headers['content-type']);
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('is the same request whatever the white space, but not without the key', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const post = poster(service, ada);
    await post('k-1', JSON.stringify(badgeBody()));
    expect((await post('k-1', JSON.stringify(badgeBody(), null, 2))).headers['idempotent-replayed']).toBe('true');
    expect(await namesOf(db, ada)).toHaveLength(1);
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect(await namesOf(db, ada)).toHaveLength(2);
  });

  it('is answered by every replica', async ({ serve, service, createUser }) => {
    const ada = await createUser();
    const first = await poster(service, ada)('k-1');
    const again = await poster(await serve(), ada)('k-1');
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
  });

  it('is answered at the limit too, and when what it made is gone', async ({ serve, createUser }) => {
    const service = await serve({ MAX_GOALS_PER_USER: '1' });
    const { id, token } = await createUser();
    const act = () =>
      service.rest(`/users/${id}/goals`, { token, body: goalBody(), headers: { 'idempotency-key': 'k-1' } });
    const first = await act();
    expect((await act()).text).toBe(first.text);
    await service.rest(String(first.headers.location), { method: 'DELETE', token });
    expect((await act()).text).toBe(first.text);
    expect((await service.rest(`/users/${id}/goals`)).body).toEqual([]);
  });
});

describe('at the same time', () => {
  it('twenty with one key do it once: each is told the same, or to come again', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const post = poster(service, ada);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('k-1')));
    const done = answers.filter(({ status }) => status === 200);
    const told = answers.filter(({ status }) => status === 409);
    expect(done.length + told.length).toBe(20);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(done.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(await namesOf(db, ada)).toHaveLength(1);
    expect((await post('k-1')).text).toBe(done[0]?.text);
  });

  it('twenty with keys of their own do it twenty times', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const post = poster(service, ada);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(`k-${i}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await namesOf(db, ada)).toHaveLength(20);
  });

  it('the second is 409 while the first is in flight, and then gets its answer', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const post = poster(service, ada);
    await post('warm');
    const waiting = async () => {
      const [row] = await db.sql`select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return row?.count > 0;
    };
    let first: ReturnType<typeof post> | undefined;
    await db.sql.begin(async (holder) => {
      await holder`select from auth_users where id = ${ada.id} for update`;
      first = post('k-1');
      while (!(await waiting()));
      for (const body of [badgeBody(), badgeBody({ name: 'Another' })]) {
        const second = await post('k-1', body);
        expect(second).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_IN_FLIGHT' } });
      }
    });
    const answer = await first;
    expect(answer?.status).toBe(200);
    expect(await post('k-1')).toMatchObject({ text: answer?.text, headers: { 'idempotent-replayed': 'true' } });
    expect(await namesOf(db, ada)).toHaveLength(2);
  });
});

describe('a key', () => {
  it('is each person’s own', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const owner of [ada, eve]) {
      const { status, headers } = await poster(service, owner)('k-1', badgeBody({ name: owner.username }));
      expect([status, headers['idempotent-replayed']]).toEqual([200, undefined]);
      expect(await namesOf(db, owner)).toEqual([owner.username]);
    }
  });

  it('serves once on each route', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const headers = { 'idempotency-key': 'k-1' };
    const badge = await service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers });
    const goal = await service.rest(`/users/${id}/goals`, { token, body: goalBody(), headers });
    expect([badge.status, goal.status, goal.body.title]).toEqual([200, 200, goalBody().title]);
  });

  it('tells a from A', async ({ service, db, createUser }) => {
    const ada = await createUser();
    for (const key of ['a', 'A']) await poster(service, ada)(key, badgeBody({ name: key }));
    expect(await namesOf(db, ada)).toEqual(['a', 'A']);
  });

  it('may have 255 characters, of all that are printed', async ({ service, createUser }) => {
    const post = poster(service, await createUser());
    const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('');
    for (const key of ['x', 'x'.repeat(255), printable]) {
      const [first, again] = [await post(key), await post(key)];
      expect([first.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    }
  });

  it('is forgotten after 24 hours, and not before', async ({ serve, auth, db, createUser }) => {
    const start = Date.now();
    const HOUR = 3_600_000;
    let now = new Date(start);
    const service = await serve({}, { now: () => now });
    const ada = await createUser();
    const postAt = async (at: number, name: string) => {
      now = new Date(at);
      const iat = Math.floor(at / 1000);
      const token = await auth.token(ada.id, { iat, exp: iat + 60 });
      return poster(service, { ...ada, token })('k-1', badgeBody({ name }));
    };
    const first = await postAt(start, 'First');
    expect((await postAt(start + 24 * HOUR, 'First')).text).toBe(first.text);
    const second = await postAt(start + 24 * HOUR + 1, 'Second');
    expect([second.status, second.headers['idempotent-replayed']]).toEqual([200, undefined]);
    expect((await postAt(start + 47 * HOUR, 'Second')).text).toBe(second.text);
    expect((await postAt(start + 47 * HOUR, 'First')).status).toBe(422);
    expect(await namesOf(db, ada)).toEqual(['First', 'Second']);
  });

  it('is not spent on a request that is refused', async ({ serve, service, db, createUser }) => {
    const ada = await createUser();
    const full = await serve({ MAX_BADGES_PER_USER: '0' });
    const before = await db.snapshot();
    const refused = [
      await poster(service, ada)('k-1', badgeBody({ name: '' })),
      await poster(service, ada)('k-1', badgeBody({ name: '\u0000' })),
      await poster(full, ada)('k-1'),
      await service.rest(badgesOf(ada), { body: badgeBody(), headers: { 'idempotency-key': 'k-1' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 400, 401]);
    expect(await db.snapshot()).toEqual(before);
    const { status, headers } = await poster(service, ada)('k-1');
    expect([status, headers['idempotent-replayed']]).toEqual([200, undefined]);
  });

  it('is nobody’s way to somebody else’s answer', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    await poster(service, ada)('k-1');
    const before = await db.snapshot();
    const stolen = await poster(service, { ...ada, token: eve.token })('k-1');
    expect(stolen.status).toBe(403);
    expect(await db.snapshot()).toEqual(before);
  });

  it('that was used for another body is 422', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await poster(service, ada)('k-1');
    const before = await db.snapshot();
    const reused = await poster(service, ada)('k-1', badgeBody({ name: 'Another' }));
    expect(reused).toMatchObject({
      status: 422,
      body: { detail: 'This Idempotency-Key was used for a different request', code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it.for<[what: string, key: string | string[]]>([
    ['is empty', ''],
    ['has 256 characters', 'x'.repeat(256)],
    ['is not of ASCII', 'cl\u00e9'],
    ['has a space', 'a b'],
    ['has a tab', 'a\tb'],
    ['comes twice', ['a', 'b']],
  ])('is refused with 400 when it %s', async ([, key], { service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const answer = await poster(service, ada)(key);
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(await db.snapshot()).toEqual(before);
  });
});
