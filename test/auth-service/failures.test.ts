import type { Fault, FaultName } from '../support/faults.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { ask, contracts, lookups, unavailable } from './lookup.ts';

interface Failure {
  name: string;
  fault: FaultName | number | Fault;
  retryAfter?: number | string | (() => string);
  tries: number;
  /** Of the answer, in seconds. */
  toldToWait?: readonly [min: number, max: number];
  only?: 'graphql' | 'rest';
}

const inFortySeconds = () => new Date(Date.now() + 40_000).toUTCString();
const withBom: Fault = ({ response, answer }) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(`\ufeff${JSON.stringify(answer.body)}`);

const failures: Failure[] = [
  { name: 'no answer', fault: 'hang', tries: 2 },
  { name: 'an answer that drips', fault: 'drip', tries: 2 },
  { name: 'a reset', fault: 'reset', tries: 2 },
  { name: '502', fault: 502, tries: 2 },
  { name: '503', fault: 503, tries: 2 },
  { name: '504', fault: 504, tries: 2 },
  { name: '503 that may be tried again at once', fault: 503, retryAfter: 0, tries: 2 },
  { name: '503 for 3 s', fault: 503, retryAfter: 3, tries: 1, toldToWait: [3, 3] },
  { name: '429', fault: 429, tries: 2 },
  { name: '429 for 1 s', fault: 429, retryAfter: 1, tries: 1, toldToWait: [1, 1] },
  { name: '429 until a date', fault: 429, retryAfter: inFortySeconds, tries: 1, toldToWait: [35, 40] },
  { name: '429 for hours', fault: 429, retryAfter: 9999, tries: 1, toldToWait: [60, 60] },
  { name: '429 until nobody knows when', fault: 429, retryAfter: 'soon', tries: 2 },
  { name: '500', fault: 500, tries: 1 },
  { name: '400', fault: 400, tries: 1 },
  { name: '401', fault: 401, tries: 1 },
  { name: '403', fault: 403, tries: 1 },
  { name: '404', fault: 404, tries: 1, only: 'graphql' },
  { name: '201', fault: 201, tries: 1 },
  { name: '204', fault: 'no-content', tries: 1 },
  { name: 'half a JSON', fault: 'truncated', tries: 1 },
  { name: 'JSON with a byte order mark', fault: withBom, tries: 1 },
  { name: 'HTML', fault: 'html', tries: 1 },
  { name: 'JSON called text', fault: 'wrong-content-type', tries: 1 },
  { name: 'an answer that is too big', fault: 'huge', tries: 1 },
  { name: 'an answer without end', fault: 'endless', tries: 1 },
  { name: 'somebody else', fault: 'wrong-id', tries: 1 },
  { name: 'a redirect', fault: 'redirect', tries: 1 },
  { name: '{}', fault: 'empty-object', tries: 1 },
  { name: 'errors', fault: 'graphql-errors', tries: 1, only: 'graphql' },
  { name: 'nobody, with errors', fault: 'entity-errors', tries: 1, only: 'graphql' },
  { name: 'too few people', fault: 'missing-entity', tries: 1, only: 'graphql' },
];
const leak = /node_modules|at .*:\d+:\d+|ECONN|127\.0\.0\.1|fetch|JSON\b|eyJ[A-Za-z0-9_-]{10}/i;

describe.each(contracts)('the auth-service, asked by %s, answers with', (lookup, endpoint) => {
  for (const { name, fault, retryAfter, tries, toldToWait = [1, 5] as const, only } of failures) {
    if (only && only !== lookup) continue;
    it(`${name}: 503 in time after ${tries === 1 ? 'one try' : 'two tries'}, and nothing is remembered`, async ({
      auth,
      serve,
      createUser,
    }) => {
      const ada = await createUser();
      const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
      const told = typeof retryAfter === 'function' ? retryAfter() : retryAfter;
      auth.fail(endpoint, fault, told === undefined ? {} : { retryAfter: told });
      auth.calls.clear();
      const start = performance.now();
      const answer = await service.rest(`/users/${ada.id}`);
      expect(performance.now() - start).toBeLessThan(1200);
      expect(answer).toMatchObject(unavailable);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(toldToWait[0]);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(toldToWait[1]);
      expect(answer.text).not.toMatch(leak);
      expect(lookups(auth)).toHaveLength(tries);
      auth.clearFaults();
      expect(await ask(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
    });
  }

  it('half an answer and a reset: 503 in time after two tries at most', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 'reset-mid-body');
    auth.calls.clear();
    expect(await service.rest(`/users/${ada.id}`)).toMatchObject(unavailable);
    expect(lookups(auth).length).toBeLessThanOrEqual(2);
  });

  it('no connection at all: 503 in time, and well again by itself', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    await auth.down();
    const start = performance.now();
    expect(await ask(service, ada.id)).toEqual({
      profile: 'AUTH_SERVICE_UNAVAILABLE',
      learner: ['AUTH_SERVICE_UNAVAILABLE'],
    });
    expect(performance.now() - start).toBeLessThan(1200);
    await auth.up();
    expect(await ask(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
  });

  it('one failure: the second try answers, and nobody notices', async ({ auth, serve, createUser }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    for (const fault of [503, 'reset', 'hang'] as const) {
      const ada = await createUser();
      auth.fail(endpoint, fault, { times: 1 });
      auth.calls.clear();
      expect(await service.rest(`/users/${ada.id}`)).toMatchObject({ status: 200, body: { username: ada.username } });
      expect(lookups(auth)).toHaveLength(2);
    }
  });

  it('a failure, over GraphQL: an error of that field alone', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 503);
    const both = 'query($id: ID!) { viewer { id badges { id } } learner(id: $id) { id } }';
    const { status, data, errors } = await service.graphql(both, { id: 'somebody' }, { token: ada.token });
    expect({ status, data }).toEqual({ status: 200, data: { viewer: { id: ada.id, badges: [] }, learner: null } });
    expect(errors).toEqual([
      {
        message: 'The auth-service is temporarily unavailable',
        path: ['learner'],
        locations: expect.anything(),
        extensions: { code: 'AUTH_SERVICE_UNAVAILABLE' },
      },
    ]);
  });

  for (const fault of ['hang', 'reset', 500, 'html', 'endless', 'wrong-id'] as const) {
    it(`${fault}, while what does not need it goes on serving`, async ({ auth, serve, createUser }) => {
      const ada = await createUser();
      const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
      auth.fail(endpoint, fault);
      const { token, id } = ada;
      auth.calls.clear();
      const start = performance.now();
      const written = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
      const read = await service.rest(`/users/${id}/badges`);
      const goals = await service.rest(`/users/nobody/goals`);
      const entities = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on User { id badges { id } } } }';
      const federated = await service.graphql(entities, { r: [{ __typename: 'User', id }] });
      const ready = await service.rest('/health/ready');
      expect(performance.now() - start).toBeLessThan(1000);
      expect([written, read, goals, ready].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(read.body).toEqual([written.body]);
      expect(federated.data).toEqual({ _entities: [{ id, badges: [{ id: String(written.body.id) }] }] });
      expect(lookups(auth)).toHaveLength(0);
    });
  }
});

describe('the log of a failed look-up', () => {
  it('says what failed with the request’s id, and nothing of the person or the token', async ({
    auth,
    serve,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_TOKEN: 'service-token-of-ours' });
    auth.fail('graphql', 503);
    service.logs.clear();
    const { headers } = await service.rest('/users/me', { token: ada.token });
    const lines = service.logs.filter(({ level }) => level === 'warn');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ code: 'AUTH_SERVICE_UNAVAILABLE', requestId: headers['x-request-id'] });
    expect(lines[0].err.message).toBe('response with status 503');
    expect(JSON.stringify(service.logs)).not.toMatch(new RegExp(`${ada.token}|${ada.email}|service-token-of-ours`));
  });
});
