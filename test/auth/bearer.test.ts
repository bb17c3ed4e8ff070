import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { accepted, anonymous, refused, verdictOn } from './verdict.ts';

describe('the Authorization header', () => {
  it('that is missing, empty or of another scheme makes nobody of the caller', async ({ service }) => {
    for (const header of [undefined, '', 'Basic YWRhOnB3', 'Digest x', 'BearerToken', 'Token abc']) {
      expect(await verdictOn(service, header)).toEqual(anonymous);
    }
  });

  it('may spell the scheme as it likes and have spaces around the token', async ({ service, auth }) => {
    const token = await auth.token('ada');
    for (const header of [
      `bearer ${token}`,
      `BEARER ${token}`,
      `Bearer   ${token}`,
      `Bearer ${token}  `,
      `Bearer\t${token}`,
    ]) {
      expect(await verdictOn(service, header)).toEqual(accepted('ada'));
    }
  });

  it('that announces a token and has none, or two, is refused', async ({ service, auth }) => {
    const token = await auth.token('ada');
    for (const header of [
      'Bearer',
      'Bearer ',
      `Bearer ${token} ${token}`,
      `Bearer ${token.replace('.', ' .')}`,
      `Bearer ${token}, Bearer ${token}`,
      'Bearer null',
    ]) {
      expect(await verdictOn(service, header)).toEqual(refused);
    }
  });

  it('sent twice is 400 wherever it is sent, for nobody can say which is meant', async ({ service, auth, db }) => {
    const [ada, grace] = [await auth.token('ada'), await auth.token('grace')];
    const headers = { authorization: [`Bearer ${ada}`, `Bearer ${grace}`] };
    const before = await db.snapshot();
    for (const path of ['/users/me', '/users/ada/badges', '/health/live']) {
      const { status, body } = await service.rest(path, { headers });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'BAD_REQUEST' });
    }
    const write = await service.rest('/users/ada/badges', { headers, body: badgeBody() });
    const query = await service.graphql('{ viewer { id } }', {}, { headers });
    expect([write.status, query.status]).toEqual([400, 400]);
    expect(query.errors).toEqual([{ message: expect.any(String), extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('of 16 KB and more is 431', async ({ service }) => {
    for (const size of [17_000, 1_000_000]) {
      const answer = await service
        .raw(`GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'x'.repeat(size)}\r\n\r\n`)
        .catch((error: NodeJS.ErrnoException) => error.code);
      // A peer that is still sending when the answer comes may see the reset first.
      expect(answer).toMatch(/^HTTP\/1\.1 431 |^(ECONNRESET|EPIPE)$/);
    }
    expect((await service.rest('/health/live')).status).toBe(200);
  });

  it('with a NUL is 400', async ({ service }) => {
    const answer = await service.raw('GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\0b\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('nothing but a token says who calls', () => {
  it('no header of identity is believed', async ({ service }) => {
    const headers = {
      'x-user-id': 'ada',
      'x-auth-user-id': 'ada',
      'x-forwarded-user': 'ada',
      'remote-user': 'ada',
      cookie: 'session=ada; access_token=ada',
    };
    expect((await service.rest('/users/me', { headers })).status).toBe(401);
    expect((await service.graphql('{ viewer { id } }', {}, { headers })).data).toEqual({ viewer: null });
  });

  it('a token in the address is not read', async ({ service, auth }) => {
    const token = await auth.token('ada');
    expect((await service.rest(`/users/me?access_token=${token}&token=${token}`)).status).toBe(401);
  });

  it('a bad token spoils a query that would do without one', async ({ service }) => {
    const { status, errors, data } = await service.graphql('{ badge(id: "1") { id } }', {}, { token: 'bad' });
    expect({ status, code: errors?.[0].extensions.code, data }).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
      data: undefined,
    });
  });

  it('public reads of REST look at no token, good or bad', async ({ service }) => {
    expect(await service.rest('/users/ada/badges', { token: 'bad' })).toMatchObject({ status: 200, body: [] });
  });
});
