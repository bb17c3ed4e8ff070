import { badgeBody, describe, expect, goalBody, it } from '../support/fixtures.ts';

const badgesOf = (user: { id: string }) => `/users/${user.id}/badges`;

describe('a request body', () => {
  it.for([
    undefined,
    '',
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json;',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/merge-patch+json; charset=utf-8',
    'Application/Problem+JSON;',
  ])('is accepted with the content type %s', async (type, { service, createUser }) => {
    const ada = await createUser();
    const headers = { 'content-type': type };
    const { status } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody(), headers });
    expect(status).toBe(200);
    const rejected = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody({ name: '' }), headers });
    expect(rejected.status).toBe(422);
  });

  it.for([
    'text/plain',
    'text/json',
    'application/jsonx',
    'application/xml+jsonx',
    'application/+json',
    'image/x+json',
    'application/x+json; charset=latin1',
    'a',
    '*/*',
  ])('gets 415 with the content type %s', async (type, { service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const headers = { 'content-type': type };
    const { status } = await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody(), headers });
    expect(status).toBe(415);
    expect(await db.snapshot()).toEqual(before);
  });

  it.for([undefined, '', 'application/graphql+json'])(
    'of /graphql needs the type of JSON, not %s: pages of other origins can send none',
    async (type, { service, db, createUser }) => {
      const { token } = await createUser();
      const before = await db.snapshot();
      const query = 'mutation { createGoal(input: { title: "x" }) { goal { id } } }';
      const headers = { 'content-type': type };
      const { status } = await service.rest('/graphql', { token, body: { query }, headers });
      expect(status).toBe(415);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('that is absent gets 422, with or without a type', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const type of [undefined, '', 'application/json']) {
      const headers = { 'content-type': type };
      const { status } = await service.rest(`/users/${id}/goals`, { method: 'POST', token, headers });
      expect(status).toBe(422);
    }
  });

  it.for<[label: string, headers: string, body: string]>([
    ['a form without content', 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0', ''],
    ['an empty body of the length 00', 'Content-Length: 00', ''],
    ['an empty chunked body', 'Transfer-Encoding: chunked', '0\r\n\r\n'],
    ['an empty chunked body of JSON', 'Content-Type: application/json\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['JSON that is cut off', 'Content-Type: application/json\r\nContent-Length: 2', '{"'],
    ['text', 'Content-Type: text/plain\r\nContent-Length: 2', 'no'],
    ['a body over 1 MiB', 'Content-Length: 2000000', 'x'.repeat(2_000_000)],
  ])('of a DELETE is ignored: %s', async ([, headers, body], { service, createUser }) => {
    const { id, token } = await createUser();
    const { body: goal } = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
    const path = `/users/${id}/goals/${goal.id}`;
    const head = `DELETE ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n\r\n`;
    const next = 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const received = await service.raw(head + body + next);
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(received).toContain('{"ok":true}');
  });

  it('of an unknown path gets 404 with any content type', async ({ service }) => {
    const headers = { 'content-type': 'text/plain' };
    expect((await service.rest('/nope', { method: 'POST', body: 'text', headers })).status).toBe(404);
  });

  it('can be 1 MiB long', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = JSON.stringify(badgeBody()).padEnd(1024 * 1024, ' ');
    expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(200);
  });

  it('can start with a byte order mark', async ({ service, createUser }) => {
    const ada = await createUser();
    const body = `\ufeff${JSON.stringify(badgeBody())}`;
    expect((await service.rest(badgesOf(ada), { token: ada.token, body })).status).toBe(200);
  });

  it.for<[label: string, body: string]>([
    ['is truncated', '{"name":"x"'],
    ['lacks a value', '{"name":}'],
    ['has single quotes', "{'name':'x'}"],
    ['is an unquoted word', 'name'],
    ['has a second value after the first', '{"name":"x"}{"name":"x"}'],
    ['contains NaN', '{"name":NaN}'],
    ['has a trailing comma', '["x",]'],
    ['is a NUL character', '\u0000'],
    ['opens 50,000 arrays and closes none', '['.repeat(50_000)],
  ])('gets 400 INVALID_JSON when it %s', async ([, body], { service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const response = await service.rest(badgesOf(ada), { token: ada.token, body });
    expect(response).toMatchObject({ status: 400, body: { code: 'INVALID_JSON' } });
    expect(await db.snapshot()).toEqual(before);
  });

  it('of 49,000 unknown members gets one detail for all of them', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const members = Object.fromEntries(Array.from({ length: 49_000 }, (_, i) => [`member-${i}`, 0]));
    const body = { ...badgeBody({ name: '', description: '', icon_url: '' }), ...members };
    for (const path of [badgesOf(ada), `/users/${ada.id}/goals`, `/users/${ada.id}/activities`]) {
      const response = await service.rest(path, { token: ada.token, body });
      expect(response).toMatchObject({ status: 422, body: { code: 'BAD_USER_INPUT' } });
      const ofBody = response.body.detail.filter(({ loc }: { loc: string[] }) => loc.length === 1);
      expect(ofBody).toEqual([{ loc: ['body'], msg: 'must have at most 100 members', type: 'too_long' }]);
      expect(response.body.detail.length).toBeLessThan(10);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('of 100 members, most of them unknown, gets 20 details', async ({ service, createUser }) => {
    const ada = await createUser();
    const members = Object.fromEntries(Array.from({ length: 97 }, (_, i) => [`member-${i}`, 0]));
    const { status, body } = await service.rest(badgesOf(ada), {
      token: ada.token,
      body: { ...badgeBody(), ...members },
    });
    expect([status, body.detail.length, body.detail[0].type]).toEqual([422, 20, 'extra_forbidden']);
  });
});
