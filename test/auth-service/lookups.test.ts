import { startAuthService } from '../support/auth-service.ts';
import { changed, type Fault, send } from '../support/faults.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { contracts, lookups, requestUser } from './lookup.ts';

const learners = (ids: string[]) => `{ ${ids.map((id, i) => `l${i}: learner(id: "${id}") { id }`).join(' ')} }`;

describe.each(contracts)('users, by %s lookups,', (lookup, endpoint) => {
  it('are cached: two requests for one user cause one call', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.calls.clear();
    expect(await requestUser(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
    const calls = lookups(auth).length;
    expect(await requestUser(service, ada.id)).toEqual({ profile: ada.username, learner: { id: ada.id } });
    expect(lookups(auth)).toHaveLength(calls);
    expect(calls).toBeLessThanOrEqual(2);
  });

  it('are cached as unknown when they do not exist', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.calls.clear();
    for (let i = 0; i < 3; i++) {
      const { status, body } = await service.rest('/users/unknown-user');
      expect({ status, detail: body.detail }).toEqual({ status: 404, detail: 'User not found' });
      expect((await service.graphql('{ learner(id: "unknown-user") { id } }')).data).toEqual({ learner: null });
    }
    expect(lookups(auth)).toHaveLength(1);
  });

  it('are requested once each for any number of aliases', async ({ auth, serve, createUser }) => {
    const users = await Promise.all(Array.from({ length: 12 }, () => createUser()));
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    const ids = users.map(({ id }) => id);
    auth.calls.clear();
    const { data } = await service.graphql(learners([...ids, ...ids.toReversed(), 'unknown-user']));
    expect(Object.values(data)).toEqual([...ids, ...ids.toReversed()].map((id) => ({ id })).concat([null] as never));
    const requested = lookups(auth).flatMap(({ body, url }) =>
      lookup === 'graphql' ? body.variables.representations.map(({ id }: Json) => id) : url.split('/').at(-1),
    );
    expect(requested.toSorted()).toEqual([...ids, 'unknown-user'].toSorted());
    expect(lookups(auth)).toHaveLength(lookup === 'graphql' ? 1 : 13);
  });

  it('are looked up with the service token, and for public fields only', async ({ auth, serve, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup, AUTH_SERVICE_TOKEN: 'service-token' });
    auth.calls.clear();
    const { body, text } = await service.rest(`/users/${ada.id}`, { token: eve.token });
    await service.graphql(learners([eve.id]), {}, { token: ada.token });
    expect(lookups(auth).map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer service-token'));
    expect(JSON.stringify(lookups(auth).map((call) => call.body ?? ''))).not.toContain('email');
    expect(body).not.toHaveProperty('email');
    expect(text).not.toContain(ada.email);
  });

  it('are looked up without a token when AUTH_SERVICE_TOKEN is not set', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.calls.clear();
    await service.rest(`/users/${ada.id}`, { token: ada.token });
    expect(lookups(auth).map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('see their own e-mail, which is requested with their own token and not cached', async ({
    auth,
    serve,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup, AUTH_SERVICE_TOKEN: 'service-token' });
    auth.calls.clear();
    for (let i = 0; i < 2; i++) {
      const { status, body } = await service.rest('/users/me', { token: ada.token });
      expect({ status, email: body.email }).toEqual({ status: 200, email: ada.email });
    }
    expect(lookups(auth).map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Bearer ${ada.token}`));
    expect((await service.rest(`/users/${ada.id}`)).text).not.toContain(ada.email);
  });

  it('are not stored in the database', async ({ serve, createUser, db }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    const before = await db.snapshot();
    await requestUser(service, ada.id);
    await service.rest('/users/me', { token: ada.token });
    expect(await db.snapshot()).toEqual(before);
  });

  const paths = [
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2fadmin',
    '%2e%2e%2fadmin',
    'a%0d%0aX-Admin:%201',
    'a%00',
    'a%20b',
    'a%3fb',
  ];
  it('are never looked up by an id that is a path, a header or a query', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.calls.clear();
    for (const path of paths) {
      expect((await service.rest(`/users/${path}`)).status).toBe(422);
      const id = decodeURIComponent(path);
      const { data, errors } = await service.graphql('query($id: ID!) { learner(id: $id) { id } }', { id });
      expect({ data, code: errors?.[0].extensions.code }).toEqual({ data: { learner: null }, code: 'BAD_USER_INPUT' });
    }
    expect(lookups(auth)).toHaveLength(0);
    const punctuated = await createUser({ id: 'Aa0._~:|@+-z' });
    expect(await requestUser(service, punctuated.id)).toEqual({
      profile: punctuated.username,
      learner: { id: punctuated.id },
    });
    expect((await service.rest(`/users/${ada.id.toUpperCase()}`)).status).toBe(404);
  });

  it('have null for fields that the auth-service leaves out', async ({ auth, serve, createUser }) => {
    const ada = await createUser({ displayName: null, avatarUrl: null, email: null });
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    const { body } = await service.rest('/users/me', { token: ada.token });
    expect(body).toMatchObject({ username: ada.username, display_name: null, avatar_url: null, email: null });
    auth.fail(
      endpoint,
      changed((answer) => JSON.parse(JSON.stringify(answer).replaceAll('null', '{"a":1}'))),
    );
    expect((await service.rest('/users/me', { token: ada.token })).status).toBe(503);
  });
});

describe('users, by graphql lookups,', () => {
  it('are requested in batches of at most 100', async ({ auth, serve }) => {
    const service = await serve();
    const ids = Array.from({ length: 150 }, (_, i) => `many-${i}`);
    for (const id of ids) auth.add({ id });
    auth.calls.clear();
    const { data } = await service.graphql(learners(ids));
    expect(Object.values(data)).toEqual(ids.map((id) => ({ id })));
    const sizes = auth.callsTo('graphql').map(({ body }) => body.variables.representations.length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 100]);
  });

  it('are matched by id, in any order', async ({ auth, serve, createUser }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const service = await serve();
    auth.fail('graphql', 'reversed');
    expect((await service.graphql(learners([ada.id, 'unknown-user', grace.id]))).data).toEqual({
      l0: { id: ada.id },
      l1: null,
      l2: { id: grace.id },
    });
  });

  it('are not unknown when the response repeats another user in their place', async ({ auth, serve, createUser }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const service = await serve();
    auth.fail(
      'graphql',
      changed(
        ({
          data: {
            _entities: [first],
          },
        }) => ({ data: { _entities: [first, first] } }),
      ),
    );
    const { data, errors } = await service.graphql(learners([ada.id, grace.id]));
    expect(data).toEqual({ l0: null, l1: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(Array(2).fill('AUTH_SERVICE_UNAVAILABLE'));
    auth.clearFaults();
    expect((await service.graphql(learners([grace.id]))).data).toEqual({ l0: { id: grace.id } });
  });

  it('have the fields that AUTH_USER_FIELDS selects', async ({ serve }) => {
    const other = await startAuthService({
      fieldNames: { username: 'login', displayName: 'name', avatarUrl: 'picture' },
    });
    other.add({ id: 'ada', username: 'countess', displayName: 'Ada', avatarUrl: 'https://images.example.org/ada.png' });
    const service = await serve({
      AUTH_SERVICE_URL: other.url,
      AUTH_USER_FIELDS: 'username: login, displayName:name avatarUrl:picture',
    });
    expect((await service.rest('/users/ada')).body).toMatchObject({
      username: 'countess',
      display_name: 'Ada',
      avatar_url: 'https://images.example.org/ada.png',
    });
    const fewer = await serve({ AUTH_SERVICE_URL: other.url, AUTH_USER_FIELDS: 'username:login' });
    expect((await fewer.rest('/users/ada')).body).toMatchObject({ username: 'countess', display_name: null });
    await other.close();
  });
});

describe('users, by rest lookups,', () => {
  it('may have numeric ids, as in v1', async ({ auth, serve, createUser }) => {
    const ada = await createUser({ id: '42' });
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    auth.fail(
      'users',
      changed((body) => ({ ...body, id: Number(body.id) })),
    );
    expect((await service.rest('/users/42')).body).toMatchObject({ id: 42, username: ada.username });
    expect((await service.rest('/users/me', { token: ada.token })).body).toMatchObject({ id: 42, email: ada.email });
    expect((await service.graphql(learners(['42']))).data).toEqual({ l0: { id: '42' } });
  });

  it('do not exist where ids are integers and the requested one is another text of the integer', async ({
    auth,
    serve,
  }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    const fastApi: Fault = (exchange) => {
      const id = Number(exchange.ids[0]?.replaceAll('_', ''));
      send({ ...exchange, answer: { status: 200, body: { id, username: 'seven', email: null } } });
    };
    auth.fail('users', fastApi);
    service.logs.clear();
    for (const id of ['007', '7.0', '7e0', '0x7', '1_000']) {
      expect(await requestUser(service, id)).toEqual({ profile: 'NOT_FOUND', learner: null });
      const token = await auth.token(id);
      expect(await service.rest('/users/me', { token })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
    expect(service.logs.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await requestUser(service, '7')).toEqual({ profile: 'seven', learner: { id: '7' } });
  });

  it('are not unknown when the response has the integer of another user', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    for (const [id, other] of [
      ['8', 7],
      ['9007199254740993', Number('9007199254740993')],
      ['007', 2 ** 60],
    ] as const) {
      auth.fail(
        'users',
        changed(() => ({ id: other, username: 'other' })),
      );
      auth.add({ id });
      expect((await service.rest(`/users/${id}`)).status).toBe(503);
      auth.clearFaults();
      expect((await service.rest(`/users/${id}`)).status).toBe(200);
    }
  });

  it('of unknown users keep their connection', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    const sockets = new Set<unknown>();
    auth.fail('users', (exchange) => {
      sockets.add(exchange.request.socket);
      send(exchange);
    });
    for (let i = 0; i < 10; i++) expect((await service.rest(`/users/unknown-${i}`)).status).toBe(404);
    expect(sockets.size).toBe(1);
  });

  it('are requested by at most eight concurrent calls on keep-alive connections', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: 'rest' });
    const ids = Array.from({ length: 40 }, (_, i) => `eight-${i}`);
    for (const id of ids) auth.add({ id });
    const sockets = new Set<unknown>();
    let inFlight = 0;
    let maxInFlight = 0;
    const delayed: Fault = (exchange) => {
      sockets.add(exchange.request.socket);
      maxInFlight = Math.max(maxInFlight, ++inFlight);
      setTimeout(() => {
        inFlight--;
        send(exchange);
      }, 20);
    };
    auth.fail('users', delayed);
    expect(Object.values((await service.graphql(learners(ids))).data)).toEqual(ids.map((id) => ({ id })));
    expect(maxInFlight).toBe(8);
    expect(sockets.size).toBeLessThanOrEqual(16);
  });
});
