import { badgeBody, describe, expect, goalBody, it } from '../support/fixtures.ts';

describe('the URIs in Link and Location', () => {
  it('are valid for each character of an id, and lead to the user', async ({ service, createUser }) => {
    const id = `a|b:c@d+e~f.g_h-${crypto.randomUUID()}`;
    const { token } = await createUser({ id });
    const path = `/users/${encodeURIComponent(id)}`;
    for (const [collection, body] of [
      ['badges', badgeBody()],
      ['goals', goalBody()],
    ] as const) {
      const created = await service.rest(`${path}/${collection}`, { token, body });
      await service.rest(`${path}/${collection}`, { token, body });
      const location = String(created.headers.location);
      expect(location).toBe(`/users/${id.replace('|', '%7C')}/${collection}/${created.body.id}`);

      const page = await service.rest(`${path}/${collection}?limit=1`);
      const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link)) ?? [];
      expect(next).toMatch(/^[\w.~:@+%/?&=-]+$/);
      expect(next.startsWith(`/users/${id.replace('|', '%7C')}/${collection}?`)).toBe(true);
      expect((await service.rest(next)).body).toEqual([expect.objectContaining({ id: created.body.id })]);
    }
  });

  it('keep the usual ids as they are', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { headers, body } = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expect(headers.location).toBe(`/users/${id}/badges/${body.id}`);
  });
});

describe('HEAD of a list', () => {
  it('reads no more than the first page', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${id}, 'x', 'x', '/x', now() from generate_series(1, 1600)`;
    for (const [path, queries] of [
      [`/users/${id}/badges`, 1],
      ['/users/ada/badges', 1],
    ] as const) {
      service.statements.clear();
      const { status, text } = await service.rest(path, { method: 'HEAD' });
      expect([status, text]).toEqual([200, '']);
      await service.rest('/health/live');
      expect(service.statements).toHaveLength(queries);
    }
    expect((await service.rest(`/users/${id}/badges`)).body).toHaveLength(1601);
  });
});
