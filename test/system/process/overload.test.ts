import { request } from 'node:http';
import { createFailureTrigger } from '../../db/failure-trigger.ts';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import { badgeBody, badgeInput, describe, expect, goalBody, it } from '../../support/fixtures.ts';
import type { RestResponse } from '../../support/http-client.ts';
import { untilInFlight } from '../../support/in-flight.ts';
import { untilReady } from '../../support/ready.ts';
import { countWaiting } from '../../support/waiting.ts';

const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const badgesOf = ({ id }: { id: string }) => `/users/${id}/badges`;

describe('a row lock of another session', () => {
  it('causes 503 within 3.2 s for requests that wait for it, and does not affect other users', async ({
    service,
    db,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const user of [ada, eve]) await service.rest(badgesOf(user), { token: user.token, body: badgeBody() });
    await db.sql.begin(async (holder) => {
      await holder`select from auth_users where id = ${ada.id} for update`;
      const timed = async (answer: Promise<RestResponse>) => {
        const start = performance.now();
        const { status, headers } = await answer;
        return {
          status,
          retryAfter: headers['retry-after'],
          isInTime: performance.now() - start < 3200 + BUSY_MACHINE_MS,
        };
      };
      const waiting = Array.from({ length: 30 }, () =>
        timed(service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() })),
      );
      expect(new Set((await Promise.all(waiting)).map((answer) => JSON.stringify(answer)))).toEqual(
        new Set([JSON.stringify({ status: 503, retryAfter: '2', isInTime: true })]),
      );
      expect((await service.rest(badgesOf(eve), { token: eve.token, body: badgeBody() })).status).toBe(200);
    });
    expect((await service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() })).status).toBe(200);
  });
});

describe('a request that takes longer than 3 s', () => {
  it('gets one response by then, and its later result is not sent', async ({ serve, db, createUser }) => {
    const service = await serve();
    const { id, token } = await createUser();
    await createFailureTrigger(db.sql);
    await service.rest('/users/ada/badges');
    const create = (alias: string) => `${alias}: createBadge(input: $input) { badge { id } }`;
    const mutation = `mutation($input: CreateBadgeInput!) { ${['a', 'b', 'c', 'd'].map(create).join(' ')} }`;
    const start = performance.now();
    const answer = await service.graphql(mutation, { input: badgeInput({ name: 'sleep 0.8' }) }, { token });
    expect(performance.now() - start).toBeLessThan(3000 + BUSY_MACHINE_MS);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect(answer.body).toEqual({
      errors: [
        {
          message: expect.stringContaining('unknown'),
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) },
        },
      ],
    });
    const written = async () => (await db.sql`select from badges where auth_user_id = ${id}`).length;
    // On a busy machine, the first two take 3 s, and the others are not sent.
    await expect.poll(written, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    await expect.poll(() => countWaiting(db.sql, { event: 'Timeout' })).toBe(0);
    await untilInFlight(service, 0);
    await service.rest('/users/ada/badges');
    const warnings = service.logs.filter(({ level }) => level !== 'info');
    expect(warnings.map(({ level, msg }) => [level, msg])).toEqual([['warn', 'request timed out']]);
    expect(JSON.stringify(service.logs)).not.toContain(id);
  });
});

describe('RATE_LIMIT_PER_MINUTE', () => {
  const limited = { RATE_LIMIT_PER_MINUTE: '5' };

  it('is off by default', async ({ service, createUser }) => {
    const { token } = await createUser();
    for (let i = 0; i < 200; i++) {
      const { status, headers } = await service.rest(i % 2 === 0 ? '/users/ada/badges' : '/users/me', { token });
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('ratelimit-limit');
    }
  });

  it('applies to each user separately, across both APIs', async ({ serve, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const service = await serve(limited);
    const post = () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() });
    const query = () => service.graphql(CREATE, { input: badgeInput() }, { token: ada.token });
    for (const act of [post, query, post, query, post]) expect((await act()).status).toBe(200);
    const before = await db.snapshot();

    const { status, headers, body } = await post();
    expect({ status, body }).toEqual({
      status: 429,
      body: { detail: 'Too many requests', code: 'RATE_LIMITED', request_id: headers['x-request-id'] },
    });
    expect(headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '0' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    const overGraphql = await query();
    expect(overGraphql).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(overGraphql.body).toEqual({
      errors: [{ message: 'Too many requests', extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) } }],
    });
    await Promise.all(Array.from({ length: 50 }, post));
    expect(await db.snapshot()).toEqual(before);

    const others = { token: eve.token, body: goalBody() };
    expect((await service.rest(`/users/${eve.id}/goals`, others)).status).toBe(200);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
  });

  it('applies to methods and paths that do not exist', async ({ serve }) => {
    for (const [method, path, status] of [
      ['PATCH', '/users/ada/badges', 405],
      ['GET', '/nope', 404],
    ] as const) {
      const service = await serve(limited);
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push((await service.rest(path, { method })).status);
      expect(statuses).toEqual([...Array(5).fill(status), 429]);
    }
  });

  it('applies to each address for anonymous requests, and not to users of the address', async ({
    serve,
    createUser,
  }) => {
    const { token } = await createUser();
    const service = await serve(limited);
    const anonymous = () => service.rest('/users/ada/badges');
    for (let i = 0; i < 5; i++) expect((await anonymous()).status).toBe(200);
    expect(await anonymous()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect((await service.graphql('{ __typename }')).status).toBe(429);
    expect((await service.rest('/users/me', { token })).status).toBe(200);
  });

  it.runIf(process.platform === 'linux')('distinguishes addresses, and ignores X-Forwarded-For', async ({ serve }) => {
    const service = await serve(limited);
    const { hostname, port } = new URL(service.url);
    const from = (localAddress: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'x-forwarded-for': '203.0.113.9' };
        const options = { hostname, port, path: '/users/ada/badges', localAddress, headers };
        request(options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    for (let i = 0; i < 5; i++) expect(await from('127.0.0.2')).toBe(200);
    expect(await from('127.0.0.2')).toBe(429);
    expect(await from('127.0.0.3')).toBe(200);
  });

  it('does not apply to health checks', async ({ serve }) => {
    const service = await serve(limited);
    await untilReady(service);
    for (let i = 0; i < 20; i++) {
      for (const path of ['/health/live', '/health/ready']) {
        expect((await service.rest(path)).status, path).toBe(200);
      }
    }
  });
});
