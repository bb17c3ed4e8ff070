import type { Service } from '../../support/app.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { badgeNames, insertBadges } from './rows.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;
const namesOf = (body: Json) => body.map(({ name }: Json) => name);
const nextOf = (link: string | string[] | undefined) => /^<([^>]+)>; rel="next"$/.exec(String(link))?.[1];

/** Returns every page from `path` on, and calls `between` after each. */
async function readPages(service: Service, path: string, between: () => Promise<unknown> = async () => undefined) {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, body, headers } = await service.rest(next);
    expect(status).toBe(200);
    pages.push(namesOf(body));
    next = nextOf(headers.link);
    await between();
  }
  return pages;
}

describe('GET /users/{auth_user_id}/badges', () => {
  it('returns a bare array of badges, byte for byte as in v1', async ({ service, createUser }) => {
    const ada = await createUser();
    const create = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const [older, newer] = [await create(), await create()];
    const { status, headers, text } = await service.rest(badgesOf(ada));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(text).toBe(`[${newer.text},${older.text}]`);
  });

  it('orders badges by date, to the microsecond, and then by id, newest first', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await db.sql`insert into auth_users (id) values (${ada.id})`;
    const rows: [id: number, name: string, at: string][] = [
      [9_000_005, 'second, despite its higher id', '2026-03-01 09:30:00.000001Z'],
      [9_000_001, 'first', '2026-03-01 09:30:00.000002Z'],
      [9_000_003, 'fourth', '2026-03-01 09:30:00Z'],
      [9_000_004, 'third', '2026-03-01 09:30:00Z'],
      [9_000_002, 'fifth', '2026-03-01 10:29:59+01'],
    ];
    for (const [id, name, at] of rows) {
      await db.sql`
        insert into badges (auth_user_id, id, name, description, icon_url, date_achieved)
        values (${ada.id}, ${id}, ${name}, 'Earned', '/icons/badge.svg', ${at}::text::timestamptz)`;
    }
    const { body } = await service.rest(badgesOf(ada));
    expect(namesOf(body)).toEqual(['first', 'second, despite its higher id', 'third', 'fourth', 'fifth']);
    expect(body.map((badge: Json) => badge.date_achieved)).toEqual([
      '2026-03-01T09:30:00.000002Z',
      '2026-03-01T09:30:00.000001Z',
      '2026-03-01T09:30:00Z',
      '2026-03-01T09:30:00Z',
      '2026-03-01T09:29:59Z',
    ]);
  });

  it('returns an empty list for an unknown user, without a lookup and without adding a row', async ({
    service,
    auth,
    db,
  }) => {
    const before = await db.snapshot();
    auth.calls.clear();
    const { status, text } = await service.rest('/users/unknown-user/badges');
    expect([status, text]).toEqual([200, '[]']);
    expect(auth.calls).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('treats user ids as case-sensitive', async ({ service, createUser }) => {
    const ada = await createUser();
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    expect((await service.rest(badgesOf({ id: ada.id.toUpperCase() }))).text).toBe('[]');
  });

  it('returns the same list without a token, with a valid token and with an invalid token', async ({
    service,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const { text } = await service.rest(badgesOf(ada));
    for (const token of [ada.token, eve.token, 'nonsense']) {
      expect(await service.rest(badgesOf(ada), { token })).toMatchObject({ status: 200, text });
    }
  });

  it.for([499, 500, 501, 1000, 1700])(
    'returns a long list whole, as valid JSON: %i badges',
    async (count, { service, db, createUser }) => {
      const ada = await createUser();
      await insertBadges(db, ada.id, count);
      const { status, body, headers } = await service.rest(badgesOf(ada));
      expect(status).toBe(200);
      expect(headers.link).toBeUndefined();
      expect(namesOf(body)).toEqual(badgeNames(count));
    },
  );

  it('reads a long list from the database in bounded batches', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 1200);
    service.statements.clear();
    await service.rest(badgesOf(ada));
    expect(service.statements).toHaveLength(3);
  });

  it('pages by skip and limit, as in v1', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 1100);
    const names = async (query: string) => namesOf((await service.rest(`${badgesOf(ada)}?${query}`)).body);
    expect(await names('skip=3&limit=2')).toEqual(badgeNames(1097, 1096));
    expect(await names('skip=3')).toEqual(badgeNames(1097));
    expect(await names('skip=0')).toEqual(badgeNames(1100));
    expect(await names('skip=1099&limit=500')).toEqual(['Badge 1']);
    expect(await names('skip=1100')).toEqual([]);
    expect(await names('skip=2147483647&limit=1')).toEqual([]);
  });

  it('ignores unknown query parameters', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 2);
    expect(namesOf((await service.rest(`${badgesOf(ada)}?cache=1&page=7`)).body)).toEqual(badgeNames(2));
  });
});

describe('the pages of a list', () => {
  it.for([1, 2, 3, 500])('of %i contain each badge once', async (limit, { service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 11);
    const pages = await readPages(service, `${badgesOf(ada)}?limit=${limit}`);
    expect(pages.flat()).toEqual(badgeNames(11));
    expect(pages).toHaveLength(Math.ceil(11 / limit));
  });

  it('contain the original list when badges are added between requests', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 20);
    const add = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody({ name: 'New' }) });
    const pages = await readPages(service, `${badgesOf(ada)}?limit=3`, add);
    expect(pages.flat()).toEqual(badgeNames(20));
  });

  it('have 500 badges after a cursor without a limit', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 600);
    const { headers } = await service.rest(`${badgesOf(ada)}?limit=1`);
    const after = new URL(`http://x${nextOf(headers.link)}`).searchParams.get('after');
    expect((await readPages(service, `${badgesOf(ada)}?after=${after}`)).map((page) => page.length)).toEqual([500, 99]);
  });

  it('end with a page that has no Link', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 4);
    for (const query of ['limit=4', 'limit=5', 'limit=500']) {
      const { headers, body } = await service.rest(`${badgesOf(ada)}?${query}`);
      expect([body.length, headers.link]).toEqual([4, undefined]);
    }
  });
});

describe('a list request', () => {
  const REJECTED: [query: string, name: string, type: string][] = [
    ['limit=0', 'limit', 'greater_than_equal'],
    ['limit=501', 'limit', 'less_than_equal'],
    ['limit=-1', 'limit', 'greater_than_equal'],
    ['limit=', 'limit', 'int_parsing'],
    ['limit=ten', 'limit', 'int_parsing'],
    ['limit=1.5', 'limit', 'int_parsing'],
    ['limit=1e2', 'limit', 'int_parsing'],
    ['limit=010', 'limit', 'int_parsing'],
    ['limit=1&limit=2', 'limit', 'int_type'],
    ['skip=-1', 'skip', 'greater_than_equal'],
    ['skip=2147483648', 'skip', 'less_than_equal'],
    ['after=', 'after', 'value_error'],
    ['after=nonsense', 'after', 'value_error'],
    ['after=MjAyNi0wMi0zMFQwMDowMDowMFogMQ', 'after', 'value_error'],
    [`after=${'x'.repeat(201)}`, 'after', 'string_too_long'],
    ['after=a&after=b', 'after', 'string_type'],
  ];

  it.for(REJECTED)('is rejected with 422 for the query %s', async ([query, name, type], { service }) => {
    for (const list of ['badges', 'goals']) {
      const { status, body } = await service.rest(`/users/ada/${list}?${query}`);
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [{ loc: ['query', name], msg: expect.any(String), type }],
      });
    }
  });

  it('is rejected with 422 for an invalid user id', async ({ service }) => {
    for (const id of ['me', '%20', '-x', '%2e%2e', 'a%00b', 'a%0d%0ab', 'x'.repeat(129), '%C3%A9']) {
      expect(await service.rest(`/users/${id}/badges`)).toMatchObject({
        status: 422,
        body: { detail: [{ loc: ['path', 'auth_user_id'] }], code: 'BAD_USER_INPUT' },
      });
    }
  });
});

describe('the path of the list', () => {
  it('accepts a trailing slash for every method', async ({ service, createUser }) => {
    const ada = await createUser();
    const created = await service.rest(`${badgesOf(ada)}/`, { token: ada.token, body: badgeBody() });
    expect([created.status, created.headers.location]).toEqual([200, `${badgesOf(ada)}/${created.body.id}`]);
    expect((await service.rest(`${badgesOf(ada)}/`)).text).toBe(`[${created.text}]`);
    expect((await service.rest(`${badgesOf(ada)}/?limit=1`)).text).toBe(`[${created.text}]`);
  });

  it('answers HEAD as GET, without a body', async ({ service, db, createUser }) => {
    const ada = await createUser();
    for (const count of [1, 1200]) {
      await insertBadges(db, ada.id, count);
      const { headers } = await service.rest(badgesOf(ada));
      const head = await service.rest(badgesOf(ada), { method: 'HEAD' });
      expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', headers['content-type']]);
    }
    expect((await service.rest(`${badgesOf(ada)}?limit=1`, { method: 'HEAD' })).headers.link).toMatch(/rel="next"$/);
  });

  it('lists its methods in Allow for OPTIONS and for each unsupported method', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const options = await service.rest(badgesOf(ada), { method: 'OPTIONS' });
    expect([options.status, options.text]).toEqual([204, '']);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const rejected = await service.rest(badgesOf(ada), { method, token: ada.token, body: badgeBody() });
      expect(rejected).toMatchObject({
        status: 405,
        body: { detail: 'Method Not Allowed', code: 'METHOD_NOT_ALLOWED' },
      });
      expect(rejected.headers.allow?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
      expect(rejected.headers.allow).toBe(options.headers.allow);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});
