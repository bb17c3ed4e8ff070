import { METHODS } from 'node:http';
import { describe, expect, it } from '../support/fixtures.ts';

/** CONNECT opens a tunnel, and is no request for a path. */
const methods = METHODS.filter((method) => method !== 'CONNECT');
const statusesOf = async (send: (method: string) => Promise<number | string>) =>
  Object.fromEntries(await Promise.all(methods.map(async (method) => [method, await send(method)])));
const others = (allowed: object, status: number) =>
  Object.fromEntries(methods.map((method) => [method, (allowed as Record<string, number>)[method] ?? status]));
const errorOf = (path: string) =>
  path === '/graphql' ? { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } : { code: 'METHOD_NOT_ALLOWED' };

describe('every method of HTTP', () => {
  it.for<[path: string, allowed: object]>([
    ['/users/ada/goals', { GET: 200, HEAD: 200, POST: 401, OPTIONS: 204 }],
    ['/users/ada/goals/', { GET: 200, HEAD: 200, POST: 401, OPTIONS: 204 }],
    ['/users/activities', { POST: 401, OPTIONS: 204 }],
    ['/users/ada/streak', { GET: 200, HEAD: 200, OPTIONS: 204 }],
    ['/graphql', { GET: 400, POST: 400, OPTIONS: 204 }],
    ['/health/live', { GET: 200, HEAD: 200, OPTIONS: 204 }],
    ['/metrics', { GET: 200, HEAD: 200, OPTIONS: 204 }],
    ['/openapi.json', { GET: 200, HEAD: 200, OPTIONS: 204 }],
  ])('that %s lacks gets 405 with Allow', async ([path, allowed], { service }) => {
    const seen = await statusesOf(async (method) => {
      const { status, headers, body } = await service.rest(path, { method });
      if (status === 405) {
        if (method !== 'HEAD') expect(body).toMatchObject(errorOf(path));
        expect(headers.allow?.split(', ').toSorted()).toEqual(Object.keys(allowed).toSorted());
      }
      return status;
    });
    expect(seen).toEqual(others(allowed, 405));
  });

  it('gets 404 on an unknown path, also QUERY without a type', async ({ service }) => {
    expect(await statusesOf(async (method) => (await service.rest('/users/ada/unknown', { method })).status)).toEqual(
      others({}, 404),
    );
  });
});
