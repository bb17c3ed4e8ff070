import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { accepted, anonymous, outcomeOf, rejected, wrongScheme } from './outcome.ts';

describe('the Authorization header', () => {
  it('leaves the request anonymous when it is missing or empty', async ({ service }) => {
    for (const header of [undefined, '', '  ']) expect(await outcomeOf(service, header)).toEqual(anonymous);
  });

  it('is rejected, with the reason in the challenge, when it has another scheme', async ({ service, auth }) => {
    const token = await auth.token('ada');
    for (const header of ['Basic YWRhOnB3', 'Digest x', 'BearerToken', 'Token abc', token, `"Bearer ${token}"`]) {
      expect(await outcomeOf(service, header)).toEqual(wrongScheme);
    }
  });

  it('accepts the scheme in any case, and white space around the token', async ({ service, auth }) => {
    const token = await auth.token('ada');
    for (const header of [
      `bearer ${token}`,
      `BEARER ${token}`,
      `Bearer   ${token}`,
      `Bearer ${token}  `,
      `Bearer\t${token}`,
    ]) {
      expect(await outcomeOf(service, header)).toEqual(accepted('ada'));
    }
  });

  it('is rejected when its scheme is Bearer and it has no token or two', async ({ service, auth }) => {
    const token = await auth.token('ada');
    for (const header of [
      'Bearer',
      'Bearer ',
      `Bearer ${token} ${token}`,
      `Bearer ${token.replace('.', ' .')}`,
      `Bearer ${token}, Bearer ${token}`,
      'Bearer null',
    ]) {
      expect(await outcomeOf(service, header)).toEqual(rejected);
    }
  });

  it('gets 400 on every route when it is sent twice, because its meaning is ambiguous', async ({
    service,
    auth,
    db,
  }) => {
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
    expect(query.errors).toEqual([
      { message: expect.any(String), extensions: { code: 'BAD_USER_INPUT', requestId: expect.any(String) } },
    ]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets 431 when it is larger than 16 KB', async ({ service }) => {
    for (const size of [17_000, 1_000_000]) {
      const answer = await service
        .raw(`GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'x'.repeat(size)}\r\n\r\n`)
        .catch((error: NodeJS.ErrnoException) => error.code);
      // NOTE: a client that is still sending when the server responds may see the reset first
      expect(answer).toMatch(/^HTTP\/1\.1 431 |^(ECONNRESET|EPIPE)$/);
    }
    expect((await service.rest('/health/live')).status).toBe(200);
  });

  it('gets 400 when it has a NUL', async ({ service }) => {
    const answer = await service.raw('GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\0b\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the viewer of a request', () => {
  it('is never taken from identity headers or cookies', async ({ service }) => {
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

  it('is never taken from a token in the query string', async ({ service, auth }) => {
    const token = await auth.token('ada');
    expect((await service.rest(`/users/me?access_token=${token}&token=${token}`)).status).toBe(401);
  });

  it('is required to be valid even for a query that anonymous clients may send', async ({ service }) => {
    const { status, errors, data } = await service.graphql('{ badge(id: "1") { id } }', {}, { token: 'bad' });
    expect({ status, code: errors?.[0].extensions.code, data }).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
      data: undefined,
    });
  });

  it('is not determined for public reads of REST, so invalid tokens are ignored', async ({ service }) => {
    expect(await service.rest('/users/ada/badges', { token: 'bad' })).toMatchObject({ status: 200, body: [] });
  });
});
