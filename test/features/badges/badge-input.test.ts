import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';

const CREATE =
  'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { name description iconUrl } } }';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;
const asInput = ({ icon_url: iconUrl, ...rest }: Json) => ({ ...rest, iconUrl });
const camelCase = (name: string) => name.replace('icon_url', 'iconUrl');

describe('a badge may have', () => {
  const FIT: [what: string, field: string, value: string][] = [
    ['a name of one character', 'name', 'x'],
    ['a name of 100 characters', 'name', 'x'.repeat(100)],
    ['a name of 100 emoji, each of two UTF-16 units', 'name', '🏅'.repeat(100)],
    ['a name from right to left', 'name', 'שלום'],
    ['a description of 500 emoji', 'description', '🏅'.repeat(500)],
    ['a description of several lines', 'description', 'First:\n\tlearn\nSecond:\n\tdo'],
    ['an icon of 500 characters', 'icon_url', `/${'x'.repeat(499)}`],
    ['an icon on another site', 'icon_url', 'https://images.example.org/a.png?size=2#x'],
    ['an icon without TLS', 'icon_url', 'HTTP://images.example.org/a.png'],
    ['an icon on the site', 'icon_url', '/icons/a%20b.svg'],
  ];

  for (const [what, field, value] of FIT) {
    it(`${what}, and keeps it as it is`, async ({ service, createUser }) => {
      const ada = await createUser();
      const body = badgeBody({ [field]: value });
      const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(rest).toMatchObject({ status: 200, body });
      const graphql = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
      expect(graphql.data?.createBadge.badge).toEqual(asInput(body));
    });
  }

  it('letters and marks apart, and keeps them composed: 100 such letters are 100 characters', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const body = badgeBody({ name: 'e\u0301'.repeat(100) });
    const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
    expect(rest).toMatchObject({ status: 200, body: { name: '\u00e9'.repeat(100) } });
    const graphql = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
    expect(graphql.data?.createBadge.badge.name).toBe('\u00e9'.repeat(100));
  });
});

describe('a badge is refused with', () => {
  const UNFIT: [what: string, field: string, value: string, type: string][] = [
    ['an empty name', 'name', '', 'string_too_short'],
    ['a name of 101 characters', 'name', 'x'.repeat(101), 'string_too_long'],
    ['a name of 101 emoji', 'name', '🏅'.repeat(101), 'string_too_long'],
    ['a name of 51 characters that are two when composed', 'name', '\u0958'.repeat(51), 'string_too_long'],
    ['a name with a NUL', 'name', 'a\u0000b', 'value_error'],
    ['a name of two lines', 'name', 'a\nb', 'value_error'],
    ['a name with a tab', 'name', 'a\tb', 'value_error'],
    ['a name with an escape character', 'name', '\u001b[31mred', 'value_error'],
    ['a name with half of a surrogate pair', 'name', 'x\ud800y', 'value_error'],
    ['an empty description', 'description', '', 'string_too_short'],
    ['a description of 501 emoji', 'description', '🏅'.repeat(501), 'string_too_long'],
    ['a description with a NUL', 'description', '\u0000', 'value_error'],
    ['a description with a carriage return', 'description', 'a\r\nb', 'value_error'],
    ['a description with half of a surrogate pair', 'description', '\udfffx', 'value_error'],
    ['an empty icon', 'icon_url', '', 'string_too_short'],
    ['an icon of 501 characters', 'icon_url', `/${'x'.repeat(500)}`, 'string_too_long'],
    ['an icon that is a script', 'icon_url', 'javascript:alert(1)', 'value_error'],
    ['an icon that is data', 'icon_url', 'data:image/svg+xml,<svg/>', 'value_error'],
    ['an icon of another protocol', 'icon_url', 'ftp://example.org/a.png', 'value_error'],
    ['an icon on whatever protocol', 'icon_url', '//example.org/a.png', 'value_error'],
    ['an icon that browsers take for another site', 'icon_url', '/\\example.org/a.png', 'value_error'],
    ['an icon by a relative path', 'icon_url', 'icons/a.png', 'value_error'],
    ['an icon on no host', 'icon_url', 'https://', 'value_error'],
    ['an icon with a space', 'icon_url', '/icons/a b.png', 'value_error'],
    ['an icon behind a space', 'icon_url', ' https://example.org/a.png', 'value_error'],
    ['an icon with a line break', 'icon_url', '/icons/a\n.png', 'value_error'],
  ];

  for (const [what, field, value, type] of UNFIT) {
    it(`${what}, and nothing is stored`, async ({ service, db, createUser }) => {
      const ada = await createUser();
      const body = badgeBody({ [field]: value });
      const before = await db.snapshot();
      const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(rest).toMatchObject({ status: 422, body: { code: 'BAD_USER_INPUT' } });
      expect(rest.body.detail).toEqual([{ loc: ['body', field], msg: expect.any(String), type }]);
      expect(rest.body.detail[0].msg).not.toContain('iconUrl');
      const { data, errors } = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
      expect(data).toBeNull();
      expect(errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: camelCase(field) });
      expect(await db.snapshot()).toEqual(before);
    });
  }
});

describe('a body is refused', () => {
  it('without any one of its fields', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const field of ['name', 'description', 'icon_url']) {
      const { status, body } = await service.rest(badgesOf(ada), {
        token: ada.token,
        body: badgeBody({ [field]: undefined }),
      });
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [{ loc: ['body', field], msg: `must have required property '${field}'`, type: 'missing' }],
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('with a field of another type: nothing is converted', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const value of [null, 7, true, ['x'], { x: 1 }]) {
      const { status, body } = await service.rest(badgesOf(ada), {
        token: ada.token,
        body: badgeBody({ name: value }),
      });
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [{ loc: ['body', 'name'], msg: 'must be string', type: 'string_type' }],
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('with a field that nobody asked for: it assigns no id, owner, date or source', async ({
    service,
    db,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const before = await db.snapshot();
    const assigned = {
      id: 7,
      auth_user_id: eve.id,
      userId: eve.id,
      date_achieved: '1970-01-01T00:00:00Z',
      source: 'x',
    };
    for (const [field, value] of Object.entries(assigned)) {
      const { status, body } = await service.rest(badgesOf(ada), {
        token: ada.token,
        body: badgeBody({ [field]: value }),
      });
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [{ loc: ['body', field], msg: 'must NOT have additional properties', type: 'extra_forbidden' }],
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('when it is no object', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const body of ['null', '7', '"x"', '[]', '[{}]', 'true', '']) {
      const answer = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'], type: 'object_type' }] } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('with every fault named at once', async ({ service, createUser }) => {
    const ada = await createUser();
    const { body } = await service.rest(badgesOf(ada), { token: ada.token, body: { name: '', extra: 1 } });
    expect(body.detail.map(({ loc, type }: Json) => [...loc, type].join(' ')).sort()).toEqual([
      'body description missing',
      'body extra extra_forbidden',
      'body icon_url missing',
      'body name string_too_short',
    ]);
  });

  it('when it reaches for the prototype', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const poison of ['"__proto__":{"isAdmin":true}', '"constructor":{"prototype":{"isAdmin":true}}']) {
      const body = JSON.stringify(badgeBody()).replace('{', `{${poison},`);
      const { status } = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(status).toBe(400);
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(await db.snapshot()).toEqual(before);
  });
});
