import { badgeBody, badgeInput, describe, expect, goalBody, it } from '../../support/fixtures.ts';

const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { user { id } } } }';

describe('a user id in responses', () => {
  const IDS: [id: string, json: string][] = [
    ['1', '1'],
    ['42', '42'],
    ['1234567890123456', '1234567890123456'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740992', '"9007199254740992"'],
    ['9007199254740993', '"9007199254740993"'],
    ['12345678901234567', '"12345678901234567"'],
    ['0', '"0"'],
    ['042', '"042"'],
    ['4x', '"4x"'],
    ['4.0', '"4.0"'],
    ['1e3', '"1e3"'],
    ['0x2a', '"0x2a"'],
    ['4+2', '"4+2"'],
    ['6f1d5b1e-62b5-4f0e-9a54-0d4b6b9a7c11', '"6f1d5b1e-62b5-4f0e-9a54-0d4b6b9a7c11"'],
    ['auth0|ada', '"auth0|ada"'],
  ];

  it.for(IDS)(
    'is serialized in REST from %s to %s: a number only for a canonical safe integer',
    async ([id, json], { service, createUser }) => {
      const { token } = await createUser({ id });
      const path = `/users/${id}`;
      const badge = await service.rest(`${path}/badges`, { token, body: badgeBody() });
      const goal = await service.rest(`${path}/goals`, { token, body: goalBody() });
      expect(badge.text).toContain(`"auth_user_id":${json}}`);
      expect(goal.text).toContain(`"auth_user_id":${json},`);
      expect((await service.rest(`${path}/badges`)).text).toBe(`[${badge.text}]`);
      expect((await service.rest(`${path}/goals`)).text).toBe(`[${goal.text}]`);
      for (const profile of [await service.rest(path), await service.rest('/users/me', { token })]) {
        expect(profile.text).toContain(`{"id":${json},"username"`);
        expect(profile.text).toContain(badge.text);
      }
    },
  );

  it('is a string in GraphQL, also when it is numeric', async ({ service, createUser }) => {
    const { token } = await createUser({ id: '43' });
    for (const userId of ['43', 43]) {
      const { data } = await service.graphql(CREATE, { input: { ...badgeInput(), userId } }, { token });
      expect(data.createBadge.badge.user.id).toBe('43');
    }
  });
});

describe('a user id', () => {
  it('can contain every allowed character in paths, and Location and Link are valid URIs', async ({
    service,
    createUser,
  }) => {
    const id = 'auth0|Ada.Lovelace_1~2:3@example+x-y';
    const { token } = await createUser({ id });
    for (const path of [`/users/${id}/badges`, `/users/${encodeURIComponent(id)}/badges`]) {
      const { status, headers } = await service.rest(path, { token, body: badgeBody() });
      expect([status, headers.location]).toEqual([
        200,
        expect.stringContaining(`${encodeURI(`/users/${id}`)}/badges/`),
      ]);
    }
    const { headers } = await service.rest(`/users/${id}/badges?limit=1`);
    const next = /<(.+)>/.exec(String(headers.link))?.[1] ?? '';
    expect((await service.rest(next)).body).toHaveLength(1);
  });

  it('can have 128 characters', async ({ service, createUser }) => {
    const { id, token } = await createUser({ id: 'x'.repeat(128) });
    expect((await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status).toBe(200);
    expect((await service.rest(`/users/${id}`)).status).toBe(200);
  });

  it('is case-sensitive', async ({ service, createUser }) => {
    const [lower, upper] = [await createUser({ id: 'grace' }), await createUser({ id: 'GRACE' })];
    const { status } = await service.rest(`/users/${upper.id}/badges`, { token: lower.token, body: badgeBody() });
    expect(status).toBe(403);
    expect((await service.rest('/users/GRACE')).body.id).toBe('GRACE');
  });
});

describe('the reserved id "me"', () => {
  it('is a path to the profile of the viewer only', async ({ service, auth, db, createUser }) => {
    const ada = await createUser();
    auth.add({ id: 'me' });
    const before = await db.snapshot();
    expect((await service.rest('/users/me', { token: ada.token })).body.id).toBe(ada.id);
    expect((await service.rest('/users/me')).status).toBe(401);
    auth.calls.clear();
    for (const list of ['badges', 'goals']) {
      expect((await service.rest(`/users/me/${list}`)).status).toBe(422);
      const create = { token: ada.token, body: list === 'badges' ? badgeBody() : goalBody() };
      expect((await service.rest(`/users/me/${list}`, create)).status).toBe(403);
    }
    expect(auth.calls).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('makes a token invalid', async ({ service, auth, db }) => {
    const token = await auth.token('me');
    const before = await db.snapshot();
    expect((await service.rest('/users/me', { token })).status).toBe(401);
    expect((await service.rest('/users/me/badges', { token, body: badgeBody() })).status).toBe(401);
    expect(await db.snapshot()).toEqual(before);
  });

  it('does not reserve Me and me2', async ({ service, createUser }) => {
    for (const id of ['Me', 'me2']) {
      await createUser({ id });
      expect((await service.rest(`/users/${id}`)).body.id).toBe(id);
    }
  });
});

describe('an invalid user id in a path', () => {
  it.for(['%20', '-x', '%2e%2e', '..%2f..%2fadmin', 'a%00b', 'a%0d%0ab', 'x'.repeat(129), '%C3%A9', 'a%20b', 'a%2Fb'])(
    'gets 422 without a call to the auth-service: %s',
    async (id, { service, auth }) => {
      auth.calls.clear();
      const { status, body } = await service.rest(`/users/${id}`);
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [{ loc: ['path', 'auth_user_id'], msg: expect.any(String), type: 'string_pattern_mismatch' }],
      });
      expect(auth.calls).toEqual([]);
    },
  );
});
