import type { Fault, FaultName } from '../support/faults.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';
import { startTicks } from '../support/ticks.ts';
import { type Contract, contracts, lookups, requestUser, unavailable } from './lookup.ts';

interface Failure {
  name: string;
  fault: FaultName | number | Fault;
  retryAfter?: number | string | (() => string);
  /** The expected number of calls. */
  calls: number;
  /** The expected range of `Retry-After`, in seconds. */
  retryAfterRange?: readonly [min: number, max: number];
  only?: 'graphql' | 'rest';
}

const in40Seconds = () => new Date(Date.now() + 40_000).toUTCString();
const withBom: Fault = ({ response, answer }) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(`\ufeff${JSON.stringify(answer.body)}`);

const failures: Failure[] = [
  { name: 'no response', fault: 'hang', calls: 2 },
  { name: 'a response of one byte per 50 ms', fault: 'drip', calls: 2 },
  { name: 'a connection reset', fault: 'reset', calls: 2 },
  { name: '502', fault: 502, calls: 2 },
  { name: '503', fault: 503, calls: 2 },
  { name: '504', fault: 504, calls: 2 },
  { name: '503 with Retry-After 0', fault: 503, retryAfter: 0, calls: 2 },
  { name: '503 with Retry-After 3', fault: 503, retryAfter: 3, calls: 1, retryAfterRange: [3, 3] },
  { name: '429', fault: 429, calls: 2 },
  { name: '429 with Retry-After 1', fault: 429, retryAfter: 1, calls: 1, retryAfterRange: [1, 1] },
  { name: '429 with Retry-After as a date', fault: 429, retryAfter: in40Seconds, calls: 1, retryAfterRange: [35, 40] },
  { name: '429 with Retry-After 9999', fault: 429, retryAfter: 9999, calls: 1, retryAfterRange: [60, 60] },
  { name: '429 with an invalid Retry-After', fault: 429, retryAfter: 'soon', calls: 2 },
  { name: '500', fault: 500, calls: 1 },
  { name: '400', fault: 400, calls: 1 },
  { name: '401', fault: 401, calls: 1 },
  { name: '403', fault: 403, calls: 1 },
  { name: '404', fault: 404, calls: 1, only: 'graphql' },
  { name: 'the 404 of a proxy', fault: 'no-route', calls: 1 },
  { name: '201', fault: 201, calls: 1 },
  { name: '204', fault: 'no-content', calls: 1 },
  { name: 'truncated JSON', fault: 'truncated', calls: 1 },
  { name: 'JSON with a byte order mark', fault: withBom, calls: 1 },
  { name: 'HTML', fault: 'html', calls: 1 },
  { name: 'JSON as text/plain', fault: 'wrong-content-type', calls: 1 },
  { name: 'a response over the size limit', fault: 'huge', calls: 1 },
  { name: 'a response without end', fault: 'endless', calls: 1 },
  { name: 'another user', fault: 'wrong-id', calls: 1 },
  { name: 'a redirect', fault: 'redirect', calls: 1 },
  { name: '{}', fault: 'empty-object', calls: 1 },
  { name: 'errors without data', fault: 'graphql-errors', calls: 1, only: 'graphql' },
  { name: 'null for the user, with an error', fault: 'entity-errors', calls: 1, only: 'graphql' },
  { name: 'too few entities', fault: 'missing-entity', calls: 1, only: 'graphql' },
];
/** Time limit of a request whose lookup fails: its own is 1 s. */
const LOOKUP_MS = 1200;
/** A response is in time when it comes before the time limit of a request, 3 s: the lookup itself ended after 1 s. */
const IN_TIME_MS = 2500;

/** `serveWarm` starts a service and looks a user up, so that the next lookup takes its usual time. */
const it = base.extend('serveWarm', ({ serve }) => async (lookup: Contract) => {
  const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
  expect((await service.rest('/users/missing')).status).toBe(404);
  return service;
});

const leak = /node_modules|at .*:\d+:\d+|ECONN|127\.0\.0\.1|fetch|JSON\b|eyJ[A-Za-z0-9_-]{10}/i;

describe.each(contracts)('the response of the auth-service to a %s lookup is', (lookup, endpoint) => {
  for (const { name, fault, retryAfter, calls, retryAfterRange = [1, 5] as const, only } of failures) {
    if (only && only !== lookup) continue;
    it(`${name}: the request gets 503 by the total timeout after ${calls === 1 ? 'one call' : 'two calls'}, and nothing is cached`, async ({
      auth,
      serveWarm,
      createUser,
    }) => {
      const ada = await createUser();
      const service = await serveWarm(lookup);
      const value = typeof retryAfter === 'function' ? retryAfter() : retryAfter;
      auth.fail(endpoint, fault, value === undefined ? {} : { retryAfter: value });
      auth.calls.clear();
      const start = performance.now();
      const answer = await service.rest(`/users/${ada.id}`);
      expect(performance.now() - start).toBeLessThan(IN_TIME_MS);
      expect(answer).toMatchObject(unavailable);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(retryAfterRange[0]);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(retryAfterRange[1]);
      expect(answer.text).not.toMatch(leak);
      expect(lookups(auth)).toHaveLength(calls);
      auth.clearFaults();
      expect(await requestUser(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
    });
  }

  it.for(['hang', 'drip'] as const)(
    '%s: requests get 503 within 1.2 s',
    async (fault, { auth, serveWarm, createUser }) => {
      const { id } = await createUser();
      const service = await serveWarm(lookup);
      auth.fail(endpoint, fault);
      auth.calls.clear();
      const elapsedMs = startTicks();
      expect((await service.rest(`/users/${id}`)).status).toBe(503);
      expect(elapsedMs()).toBeLessThan(LOOKUP_MS);
      expect(lookups(auth)).toHaveLength(2);
    },
  );

  it('a reset in the middle of the body: the request gets 503 after at most two calls', async ({
    auth,
    serve,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 'reset-mid-body');
    auth.calls.clear();
    expect(await service.rest(`/users/${ada.id}`)).toMatchObject(unavailable);
    expect(lookups(auth).length).toBeLessThanOrEqual(2);
  });

  it('a closed port: requests get 503 by the total timeout, and succeed once the port is open', async ({
    auth,
    serveWarm,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serveWarm(lookup);
    await auth.down();
    const start = performance.now();
    expect(await requestUser(service, ada.id)).toEqual({
      profile: 'AUTH_SERVICE_UNAVAILABLE',
      learner: ['AUTH_SERVICE_UNAVAILABLE'],
    });
    expect(performance.now() - start).toBeLessThan(IN_TIME_MS);
    await auth.up();
    expect(await requestUser(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
  });

  it('one failure: the retry succeeds, and so does the request', async ({ auth, serve, createUser }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    for (const fault of [503, 'reset', 'hang'] as const) {
      const ada = await createUser();
      auth.fail(endpoint, fault, { times: 1 });
      auth.calls.clear();
      expect(await service.rest(`/users/${ada.id}`)).toMatchObject({ status: 200, body: { username: ada.username } });
      expect(lookups(auth)).toHaveLength(2);
    }
  });

  it('503: a GraphQL request gets an error of that field only', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 503);
    const both = 'query($id: ID!) { viewer { id badges { id } } learner(id: $id) { id } }';
    const { status, data, errors } = await service.graphql(both, { id: 'another-user' }, { token: ada.token });
    expect({ status, data }).toEqual({ status: 200, data: { viewer: { id: ada.id, badges: [] }, learner: null } });
    expect(errors).toEqual([
      {
        message: 'The auth-service is temporarily unavailable',
        path: ['learner'],
        locations: expect.anything(),
        extensions: { code: 'AUTH_SERVICE_UNAVAILABLE', requestId: expect.any(String) },
      },
    ]);
  });

  for (const fault of ['hang', 'reset', 500, 'html', 'endless', 'wrong-id'] as const) {
    it(`${fault}: requests without lookups succeed`, async ({ auth, serveWarm, createUser }) => {
      const ada = await createUser();
      const service = await serveWarm(lookup);
      auth.fail(endpoint, fault);
      const { token, id } = ada;
      auth.calls.clear();
      const start = performance.now();
      const written = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
      const read = await service.rest(`/users/${id}/badges`);
      const goals = await service.rest(`/users/unknown-user/goals`);
      const entities = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on User { id badges { id } } } }';
      const federated = await service.graphql(entities, { r: [{ __typename: 'User', id }] });
      const ready = await service.rest('/health/ready');
      expect(performance.now() - start).toBeLessThan(IN_TIME_MS);
      expect([written, read, goals, ready].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(read.body).toEqual([written.body]);
      expect(federated.data).toEqual({ _entities: [{ id, badges: [{ id: String(written.body.id) }] }] });
      expect(lookups(auth)).toHaveLength(0);
    });
  }
});

describe('the log of a failed lookup', () => {
  it('has the error and the request id, and neither the user nor a token', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_TOKEN: 'token-of-the-service' });
    auth.fail('graphql', 503);
    service.logs.clear();
    const { headers } = await service.rest('/users/me', { token: ada.token });
    const lines = service.logs.filter(({ level }) => level === 'warn');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ code: 'AUTH_SERVICE_UNAVAILABLE', requestId: headers['x-request-id'] });
    expect(lines[0].err.message).toBe('response with status 503');
    expect(JSON.stringify(service.logs)).not.toMatch(new RegExp(`${ada.token}|${ada.email}|token-of-the-service`));
  });
});
