import { badgeBody, describe, expect, it } from '../support/fixtures.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

describe('a body', () => {
  it.for([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json;',
    'APPLICATION/JSON',
  ])('may be called %s', async (type, { service, createUser }) => {
    const ada = await createUser();
    const headers = { 'content-type': type };
    const { status } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody(), headers });
    expect(status).toBe(200);
    const refused = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody({ name: '' }), headers });
    expect(refused.status).toBe(422);
  });

  it.for([undefined, '', 'text/plain', 'text/json', 'application/jsonx', 'application/merge-patch+json', 'a', '*/*'])(
    'is 415 when it is called %s',
    async (type, { service, db, createUser }) => {
      const ada = await createUser();
      const before = await db.snapshot();
      const headers = { 'content-type': type };
      const { status } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody(), headers });
      expect(status).toBe(415);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('may be 1 MB long', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = JSON.stringify(badgeBody()).padEnd(1024 * 1024, ' ');
    expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(200);
  });

  it('may start with a byte order mark', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = `\ufeff${JSON.stringify(badgeBody())}`;
    expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(200);
  });

  it.for<[what: string, body: string]>([
    ['breaks off', '{"name":"x"'],
    ['lacks a value', '{"name":}'],
    ['has the wrong quotes', "{'name':'x'}"],
    ['has no quotes', 'name'],
    ['goes on after its end', '{"name":"x"}{"name":"x"}'],
    ['has a number that is none', '{"name":NaN}'],
    ['has a comma too many', '["x",]'],
    ['is a NUL', '\u0000'],
    ['goes down 50,000 levels and not up again', '['.repeat(50_000)],
  ])('is 400 when it %s', async ([, body], { service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const answer = await service.rest(badgesOf(ada), { token: ada.token, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_JSON' } });
    expect(await db.snapshot()).toEqual(before);
  });
});
