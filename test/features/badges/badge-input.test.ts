import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';

const CREATE =
  'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { name description iconUrl } } }';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;
const asInput = ({ icon_url: iconUrl, ...rest }: Json) => ({ ...rest, iconUrl });
const camelCase = (name: string) => name.replace('icon_url', 'iconUrl');

describe('badge input', () => {
  const VALID: [label: string, field: string, value: string][] = [
    ['a name of 1 code point', 'name', 'x'],
    ['a name of 100 code points', 'name', 'x'.repeat(100)],
    ['a name of 100 emoji, each of two UTF-16 code units', 'name', '🏅'.repeat(100)],
    ['a right-to-left name', 'name', 'שלום'],
    ['a description of 500 emoji', 'description', '🏅'.repeat(500)],
    ['a description with tabs and line feeds', 'description', 'First:\n\tlearn\nSecond:\n\tdo'],
    ['an icon URL of 500 code points', 'icon_url', `/${'x'.repeat(499)}`],
    ['an https icon URL with a query and a fragment', 'icon_url', 'https://images.example.org/a.png?size=2#x'],
    ['an http icon URL whose scheme is in uppercase', 'icon_url', 'HTTP://images.example.org/a.png'],
    ['an absolute path as the icon URL', 'icon_url', '/icons/a%20b.svg'],
  ];

  for (const [label, field, value] of VALID) {
    it(`accepts ${label} and stores it unchanged`, async ({ service, createUser }) => {
      const ada = await createUser();
      const body = badgeBody({ [field]: value });
      const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(rest).toMatchObject({ status: 200, body });
      const graphql = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
      expect(graphql.data?.createBadge.badge).toEqual(asInput(body));
    });
  }

  it('normalizes a name to NFC before it counts code points: 100 decomposed letters are accepted', async ({
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

  const INVALID: [label: string, field: string, value: string, type: string][] = [
    ['an empty name', 'name', '', 'string_too_short'],
    ['a name of 101 code points', 'name', 'x'.repeat(101), 'string_too_long'],
    ['a name of 101 emoji', 'name', '🏅'.repeat(101), 'string_too_long'],
    ['a name of 51 code points that NFC expands to 102', 'name', '\u0958'.repeat(51), 'string_too_long'],
    ['a name with a NUL character', 'name', 'a\u0000b', 'value_error'],
    ['a name with a line feed', 'name', 'a\nb', 'value_error'],
    ['a name with a tab', 'name', 'a\tb', 'value_error'],
    ['a name with an escape character', 'name', '\u001b[31mred', 'value_error'],
    ['a name with an unpaired surrogate', 'name', 'x\ud800y', 'value_error'],
    ['an empty description', 'description', '', 'string_too_short'],
    ['a description of 501 emoji', 'description', '🏅'.repeat(501), 'string_too_long'],
    ['a description with a NUL character', 'description', '\u0000', 'value_error'],
    ['a description with a carriage return', 'description', 'a\r\nb', 'value_error'],
    ['a description with an unpaired surrogate', 'description', '\udfffx', 'value_error'],
    ['an empty icon URL', 'icon_url', '', 'string_too_short'],
    ['an icon URL of 501 code points', 'icon_url', `/${'x'.repeat(500)}`, 'string_too_long'],
    ['a javascript: icon URL', 'icon_url', 'javascript:alert(1)', 'value_error'],
    ['a data: icon URL', 'icon_url', 'data:image/svg+xml,<svg/>', 'value_error'],
    ['an ftp: icon URL', 'icon_url', 'ftp://example.org/a.png', 'value_error'],
    ['a protocol-relative icon URL', 'icon_url', '//example.org/a.png', 'value_error'],
    [
      'an icon URL with a backslash, which browsers resolve to another host',
      'icon_url',
      '/\\example.org/a.png',
      'value_error',
    ],
    ['a relative path as the icon URL', 'icon_url', 'icons/a.png', 'value_error'],
    ['an icon URL without a host', 'icon_url', 'https://', 'value_error'],
    ['an icon URL with a space', 'icon_url', '/icons/a b.png', 'value_error'],
    ['an icon URL with a leading space', 'icon_url', ' https://example.org/a.png', 'value_error'],
    ['an icon URL with a no-break space', 'icon_url', '/icons/a\u00a0b.png', 'value_error'],
    ['an icon URL with a line feed', 'icon_url', '/icons/a\n.png', 'value_error'],
  ];

  for (const [label, field, value, type] of INVALID) {
    it(`rejects ${label} and stores nothing`, async ({ service, db, createUser }) => {
      const ada = await createUser();
      const body = badgeBody({ [field]: value });
      const before = await db.snapshot();
      const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(rest).toMatchObject({ status: 422, body: { code: 'BAD_USER_INPUT' } });
      expect(rest.body.detail).toEqual([{ loc: ['body', field], msg: expect.any(String), type }]);
      expect(rest.body.detail[0].msg).not.toContain('iconUrl');
      const { data, errors } = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
      expect(data).toEqual({ createBadge: null });
      expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: camelCase(field) });
      expect(await db.snapshot()).toEqual(before);
    });
  }
});

describe('the message about an icon', () => {
  const RULE = 'must be an http(s) URL or a path that starts with one slash, without white space and backslashes';

  it.for(['ftp://example.org/a.png', '/icons/a\u00a0b.png', '/icons\\a.png'])(
    'has the whole rule: %s',
    async (value, { service, createUser }) => {
      const ada = await createUser();
      const body = badgeBody({ icon_url: value });
      const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(rest.body.detail.map(({ msg }: Json) => msg)).toEqual([`icon_url ${RULE}`]);
      const { errors } = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
      expect(errors?.map(({ message }) => message)).toEqual([`iconUrl ${RULE}`]);
    },
  );
});

describe('a POST of a badge', () => {
  it('is rejected when a required field is missing', async ({ service, db, createUser }) => {
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

  it('is rejected when the name is not a string: values are not coerced', async ({ service, db, createUser }) => {
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

  it('is rejected when it has an unknown field, so a client cannot set the id, user, date or source', async ({
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

  it('is rejected when its body is not an object', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const body of ['null', '7', '"x"', '[]', '[{}]', 'true', '']) {
      const response = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(response).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'] }] } });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets one response that names every invalid field', async ({ service, createUser }) => {
    const ada = await createUser();
    const { body } = await service.rest(badgesOf(ada), { token: ada.token, body: { name: '', extra: 1 } });
    expect(body.detail.map(({ loc, type }: Json) => [...loc, type].join(' ')).sort()).toEqual([
      'body description missing',
      'body extra extra_forbidden',
      'body icon_url missing',
      'body name string_too_short',
    ]);
  });

  it('gets a detail for each text that is too long, and GraphQL names the first', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const body = { description: 'x'.repeat(501), name: 'x'.repeat(101), icon_url: '/x.svg' };
    const rest = await service.rest(badgesOf(ada), { token: ada.token, body });
    expect(rest).toMatchObject({ status: 422, body: { code: 'BAD_USER_INPUT' } });
    expect(rest.body.detail).toEqual([
      { loc: ['body', 'name'], msg: 'name must have at most 100 characters', type: 'string_too_long' },
      { loc: ['body', 'description'], msg: 'description must have at most 500 characters', type: 'string_too_long' },
    ]);
    const { data, errors } = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
    expect(data).toEqual({ createBadge: null });
    expect(errors?.map(({ message, extensions }) => ({ message, ...extensions }))).toMatchObject([
      { message: 'name must have at most 100 characters', code: 'BAD_USER_INPUT', field: 'name' },
    ]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets a detail for each text that is invalid for another reason', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = { name: '', description: 'a\u0000b', icon_url: 'ftp://example.org/a.png' };
    const { status, body: error } = await service.rest(badgesOf(ada), { token: ada.token, body });
    expect(status).toBe(422);
    expect(error.detail.map(({ loc, type }: Json) => [...loc, type].join(' '))).toEqual([
      'body name string_too_short',
      'body description value_error',
      'body icon_url value_error',
    ]);
  });

  it('is rejected when its body has a __proto__ or constructor.prototype key', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const member of ['"__proto__":{"isAdmin":true}', '"constructor":{"prototype":{"isAdmin":true}}']) {
      const body = JSON.stringify(badgeBody()).replace('{', `{${member},`);
      const { status } = await service.rest(badgesOf(ada), { token: ada.token, body });
      expect(status).toBe(400);
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(await db.snapshot()).toEqual(before);
  });
});
