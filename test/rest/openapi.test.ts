import { Ajv2020 } from 'ajv/dist/2020.js';
import { SCOPES } from '../../src/auth/scopes.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { HttpClient, RestResponse } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';
import { exampleRequest, fetchDocument, inlined, operationsOf, resolveRef } from './openapi-document.ts';

/** Another user, and the token of a service that records activities. */
interface Others {
  eve: SignedIn;
  recorder: string;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Returns a validator of responses. It rejects properties that the document does not list. */
function validatorOf(document: Json) {
  const documented = inlined(document);
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { date: /^\d{4}-\d\d-\d\d$/, 'date-time': INSTANT, 'user-id': true },
  });
  return (method: string, path: string, { status, body }: RestResponse): unknown[] => {
    const schema = documented.paths[path][method].responses[status]?.content['application/json'].schema;
    if (schema === undefined) return [`${status} is not documented`];
    const closed = JSON.parse(JSON.stringify(schema), (_, value) =>
      value?.properties ? { ...value, additionalProperties: false } : value,
    );
    return ajv.validate(closed, body) ? [] : (ajv.errors ?? []);
  };
}

describe('/openapi.json', () => {
  it('is OpenAPI 3.1', async ({ service }) => {
    const { status, headers, body } = await service.rest('/openapi.json');
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body.openapi).toMatch(/^3\.1\.\d$/);
    expect(body.info).toMatchObject({ title: 'user-service', version: expect.any(String) });
  });

  it('gives every operation a unique operationId, a summary and the parameters of its path', async ({ service }) => {
    const operations = operationsOf(await fetchDocument(service));
    expect(new Set(operations.map(([, , { operationId }]) => operationId)).size).toBe(operations.length);
    for (const [, path, { summary, operationId, parameters = [] }] of operations) {
      expect(summary).toEqual(expect.any(String));
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
      const inPath = parameters.filter((parameter: Json) => parameter.in === 'path');
      expect(inPath.map(({ name }: Json) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }: Json) => required)).toBe(true);
    }
  });

  it('declares the scheme of tokens', async ({ service }) => {
    const { components } = await fetchDocument(service);
    expect(components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  it('has no unresolved $ref', async ({ service }) => {
    const document = await fetchDocument(service);
    JSON.stringify(document, (key, value) => {
      if (key === '$ref') expect(resolveRef(document, value), value).toBeDefined();
      return value;
    });
  });
});

describe('the OpenAPI document', () => {
  const USER = '/users/{auth_user_id}';
  const BADGES = `${USER}/badges`;
  const GOALS = `${USER}/goals`;
  const GOAL = `${GOALS}/{goal_id}`;
  const BADGE = `${BADGES}/{badge_id}`;

  /** Returns successful and failed responses of each operation, for a user with a badge and two goals. */
  async function responsesOf(service: HttpClient, { id, token }: SignedIn, eve: SignedIn) {
    const rest = service.rest;
    const create = { token, body: goalBody({ description: 'x' }) };
    const badge = await rest(`/users/${id}/badges`, { token, body: badgeBody() });
    const goal = await rest(`/users/${id}/goals`, create);
    await rest(`/users/${id}/goals`, { token, body: goalBody({ status: 'archived' }) });
    const path = `/users/${id}/goals/${goal.body.id}`;
    const put = { method: 'PUT', token };
    const stale = { 'if-match': '"0-0"' };
    const big = 'x'.repeat(1_100_000);
    const text = { 'content-type': 'text/plain' };
    return [
      ['get', '/users/me', 200, await rest('/users/me', { token })],
      ['get', '/users/me', 401, await rest('/users/me')],
      ['get', USER, 200, await rest(`/users/${id}`)],
      ['get', USER, 404, await rest('/users/unknown-user')],
      ['get', USER, 422, await rest('/users/-')],
      ['get', BADGES, 200, await rest(`/users/${id}/badges`)],
      ['get', BADGES, 422, await rest(`/users/${id}/badges?limit=0`)],
      ['post', BADGES, 200, badge],
      ['post', BADGES, 400, await rest(`/users/${id}/badges`, { token, body: '{' })],
      ['post', BADGES, 401, await rest(`/users/${id}/badges`, { body: badgeBody() })],
      ['post', BADGES, 403, await rest(`/users/${id}/badges`, { token: eve.token, body: badgeBody() })],
      ['post', BADGES, 413, await rest(`/users/${id}/badges`, { token, body: big })],
      ['post', BADGES, 415, await rest(`/users/${id}/badges`, { token, body: 'x', headers: text })],
      ['post', BADGES, 422, await rest(`/users/${id}/badges`, { token, body: badgeBody({ name: '' }) })],
      ['get', GOALS, 200, await rest(`/users/${id}/goals`)],
      ['get', GOALS, 422, await rest(`/users/${id}/goals?after=x`)],
      ['post', GOALS, 200, goal],
      ['post', GOALS, 401, await rest(`/users/${id}/goals`, { body: goalBody() })],
      ['post', GOALS, 403, await rest(`/users/${id}/goals`, { token: eve.token, body: goalBody() })],
      ['post', GOALS, 422, await rest(`/users/${id}/goals`, { token, body: { title: 7 } })],
      ['get', BADGE, 200, await rest(`/users/${id}/badges/${badge.body.id}`)],
      ['get', BADGE, 404, await rest(`/users/${id}/badges/999999999`)],
      ['get', BADGE, 422, await rest(`/users/${id}/badges/0`)],
      ['get', GOAL, 200, await rest(path)],
      ['get', GOAL, 404, await rest(`/users/${eve.id}/goals/${goal.body.id}`)],
      ['get', GOAL, 422, await rest(`/users/-/goals/${goal.body.id}`)],
      ['put', GOAL, 200, await rest(path, { ...put, body: { status: 'archived' } })],
      ['put', GOAL, 400, await rest(path, { ...put, body: { status: 'paused' } })],
      ['put', GOAL, 401, await rest(path, { method: 'PUT', body: {} })],
      ['put', GOAL, 403, await rest(path, { ...put, token: eve.token, body: {} })],
      ['put', GOAL, 412, await rest(path, { ...put, body: {}, headers: stale })],
      ['put', GOAL, 413, await rest(path, { ...put, body: big })],
      ['put', GOAL, 415, await rest(path, { ...put, body: 'x', headers: text })],
      ['put', GOAL, 422, await rest(path, { ...put, body: { streak_count: -1 } })],
      ['delete', GOAL, 401, await rest(path, { method: 'DELETE' })],
      ['delete', GOAL, 403, await rest(path, { method: 'DELETE', token: eve.token })],
      ['delete', GOAL, 422, await rest(`/users/${id}/goals/x`, { method: 'DELETE', token })],
      ['delete', GOAL, 200, await rest(path, { method: 'DELETE', token })],
      ['delete', GOAL, 404, await rest(path, { method: 'DELETE', token })],
      ['put', GOAL, 404, await rest(path, { ...put, body: {} })],
    ] as const;
  }

  const ACTIVITIES = `${USER}/activities`;
  const BATCH = '/users/activities';
  const CALENDAR = `${USER}/activity/calendar`;
  const TIME_ZONE = `${USER}/timezone`;

  /** Returns successful and failed responses of each operation of the tracker. */
  async function trackerResponsesOf(service: HttpClient, { id, token }: SignedIn, { eve, recorder }: Others) {
    const rest = service.rest;
    const path = `/users/${id}/activities`;
    const body = { event_id: 'a', verb: 'practice', object_id: 'etude' };
    const batch = { activities: [{ ...body, auth_user_id: id }, { ...body, auth_user_id: id, verb: 'check-in' }, 7] };
    const calendar = `/users/${id}/activity/calendar?from=2026-03-01&to=2026-03-02`;
    const zone = { method: 'PUT', token, body: { time_zone: 'Europe/Berlin' } };
    return [
      ['post', ACTIVITIES, 200, await rest(path, { token, body })],
      ['post', ACTIVITIES, 400, await rest(path, { token, body: '{' })],
      ['post', ACTIVITIES, 401, await rest(path, { body })],
      ['post', ACTIVITIES, 403, await rest(path, { token: eve.token, body })],
      ['post', ACTIVITIES, 409, await rest(path, { token, body: { ...body, quantity: 2 } })],
      ['post', ACTIVITIES, 422, await rest(path, { token, body: { ...body, quantity: 0 } })],
      ['post', BATCH, 200, await rest(BATCH, { token: recorder, body: batch })],
      ['post', BATCH, 401, await rest(BATCH, { body: batch })],
      ['post', BATCH, 403, await rest(BATCH, { token, body: batch })],
      ['post', BATCH, 422, await rest(BATCH, { token: recorder, body: {} })],
      ['get', ACTIVITIES, 200, await rest(path, { token })],
      ['get', ACTIVITIES, 401, await rest(path)],
      ['get', ACTIVITIES, 403, await rest(path, { token: eve.token })],
      ['get', ACTIVITIES, 422, await rest(`${path}?limit=0`, { token })],
      ['get', `${USER}/streak`, 200, await rest(`/users/${id}/streak`)],
      ['get', `${USER}/streak`, 422, await rest('/users/-/streak')],
      ['get', CALENDAR, 200, await rest(calendar, { token })],
      ['get', CALENDAR, 401, await rest(calendar)],
      ['get', CALENDAR, 403, await rest(calendar, { token: eve.token })],
      ['get', CALENDAR, 422, await rest(`/users/${id}/activity/calendar`, { token })],
      ['put', TIME_ZONE, 200, await rest(`/users/${id}/timezone`, zone)],
      ['put', TIME_ZONE, 403, await rest(`/users/${id}/timezone`, { ...zone, token: eve.token })],
      ['put', TIME_ZONE, 422, await rest(`/users/${id}/timezone`, { ...zone, body: { time_zone: 'Mars' } })],
    ] as const;
  }

  for (const id of [undefined, '4242']) {
    it(`describes the responses for a user with a ${id === undefined ? 'textual' : 'numeric'} id`, async ({
      service,
      auth,
      createUser,
    }) => {
      const document = await fetchDocument(service);
      const problemsOf = validatorOf(document);
      const [user, eve] = [await createUser(id === undefined ? {} : { id }), await createUser()];
      const recorder = await auth.token('recorder', { scope: 'activity:write' });
      const responses = [
        ...(await responsesOf(service, user, eve)),
        ...(await trackerResponsesOf(service, user, { eve, recorder })),
      ];
      for (const [method, path, status, response] of responses) {
        const title = `${method} ${path} ${status}`;
        expect.soft(response.status, title).toBe(status);
        expect.soft(problemsOf(method, path, response), title).toEqual([]);
      }
    });
  }

  it('has an example of each request that succeeds, and marks the operations that need a token', async ({
    service,
    auth,
    createUser,
  }) => {
    const document = await fetchDocument(service);
    const problemsOf = validatorOf(document);
    const { id } = await createUser();
    const token = await auth.token(id, { scope: Object.keys(SCOPES).join(' ') });
    for (const [method, path, operation] of operationsOf(inlined(document))) {
      const goal = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
      const badge = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
      const ids = { auth_user_id: id, goal_id: goal.body.id, badge_id: badge.body.id };
      const { url, ...request } = exampleRequest([method, path, operation], ids);
      const anonymous = await service.rest(url, request);
      const own = await service.rest(url, { ...request, token });
      const title = `${method} ${path}`;
      expect
        .soft(
          [anonymous, own].flatMap((response) => problemsOf(method, path, response)),
          title,
        )
        .toEqual([]);
      const isPublic = anonymous.status !== 401;
      expect.soft([operation.security, isPublic], title).toEqual(isPublic ? [[], true] : [[{ bearer: [] }], false]);
      expect.soft(own.status, title).toBe(200);
      const results: Json[] = own.body?.results ?? [];
      expect
        .soft(
          results.filter(({ code }) => code !== undefined),
          title,
        )
        .toEqual([]);
    }
  });

  it('describes the 503 response when the auth-service is down', async ({ serve, auth, createUser }) => {
    const service = await serve();
    const { id } = await createUser();
    const problemsOf = validatorOf(await fetchDocument(service));
    await auth.down();
    const response = await service.rest(`/users/${id}`);
    expect(response.status).toBe(503);
    expect(problemsOf('get', USER, response)).toEqual([]);
  });

  it('describes the request bodies that the service accepts', async ({ service }) => {
    const document = inlined(await fetchDocument(service));
    const ajv = new Ajv2020({ strict: false, formats: { date: true } });
    const accepts = (path: string, method: string, body: unknown) =>
      ajv.validate(document.paths[path][method].requestBody.content['application/json'].schema, body);
    expect(accepts(BADGES, 'post', badgeBody())).toBe(true);
    expect(accepts(BADGES, 'post', badgeBody({ id: 7 }))).toBe(false);
    expect(accepts(GOALS, 'post', goalBody({ description: null, status: 'not_started', streak_count: 1 }))).toBe(true);
    expect(accepts(GOALS, 'post', {})).toBe(false);
    expect(accepts(GOAL, 'put', {})).toBe(true);
    expect(accepts(GOAL, 'put', { title: null })).toBe(false);
    const activity = { event_id: 'a', verb: 'practice' };
    expect(accepts(ACTIVITIES, 'post', { ...activity, object_id: null, goal_id: null })).toBe(true);
    expect(accepts(ACTIVITIES, 'post', { ...activity, object_id: '' })).toBe(false);
  });
});

describe('/docs', () => {
  const urlsIn = (html: string) => [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, url]) => String(url));

  it.for(['/docs', '/docs/'])(
    'shows the document with assets that the service hosts: %s',
    async (page, { service }) => {
      const { status, headers, text } = await service.rest(page);
      expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/html/)]);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      const assets = urlsIn(text).map((url) => new URL(url, service.url + page));
      expect(assets.length).toBeGreaterThan(3);
      for (const asset of assets) {
        expect(asset.origin).toBe(service.url);
        const { status, text } = await service.rest(asset.pathname);
        expect([asset.pathname, status]).toEqual([asset.pathname, 200]);
        expect(text.length).toBeGreaterThan(0);
      }
    },
  );

  it('forbids assets of other origins in its CSP, and shows the same document', async ({ service }) => {
    const { headers } = await service.rest('/docs');
    const sources = String(headers['content-security-policy']).match(/'[^']+'|[^\s;]+:[^\s;]*/g);
    expect(new Set(sources)).toEqual(new Set(["'none'", "'self'", "'unsafe-inline'", 'data:']));
    expect((await service.rest('/docs/json')).body).toEqual(await fetchDocument(service));
  });
});
