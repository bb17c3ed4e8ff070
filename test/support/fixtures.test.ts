import { serviceEnv, startService } from './app.ts';
import { startAuthService } from './auth-service.ts';
import { badgeBody, badgeInput, describe, expect, goalInput, it } from './fixtures.ts';
import { spawnService } from './process.ts';
import { untilReady } from './ready.ts';

describe('the service in this process', () => {
  it('is live and ready', async ({ service }) => {
    expect(await service.rest('/health/live')).toMatchObject({ status: 200 });
    await untilReady(service);
  });

  it('writes to the test database over REST', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const path = `/users/${ada.id}/badges`;
    const { status, body } = await service.rest(path, { token: ada.token, body: badgeBody({ name: 'Pioneer' }) });
    expect({ status, body }).toMatchObject({ status: 200, body: { name: 'Pioneer', auth_user_id: ada.id } });
    expect(await db.sql`select name from badges where auth_user_id = ${ada.id}`).toEqual([{ name: 'Pioneer' }]);
  });

  it('resolves mutations over GraphQL', async ({ service, createUser }) => {
    const { token, id } = await createUser();
    const create = 'mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { title user { id } } } }';
    const { data, errors } = await service.graphql(create, { input: goalInput({ title: 'Swim' }) }, { token });
    expect({ data, errors }).toEqual({
      data: { createGoal: { goal: { title: 'Swim', user: { id } } } },
      errors: undefined,
    });
  });

  it('changes no row when it rejects a request', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const before = await db.snapshot();
    const rejected = await service.rest(`/users/${ada.id}/badges`, { token: eve.token, body: badgeBody() });
    expect(rejected.status).toBe(403);
    expect(await db.snapshot()).toEqual(before);
  });

  it('exposes its SQL statements and its log', async ({ service }) => {
    service.statements.clear();
    service.logs.clear();
    await service.rest('/users/unknown-user/badges');
    expect(service.statements).toHaveLength(1);
    expect(service.statements[0]).toContain('"badges"');
    expect(service.logs).toContainEqual(expect.objectContaining({ level: expect.anything() }));
  });

  it('receives malformed requests unchanged', async ({ service, createUser }) => {
    const { token } = await createUser();
    const bearer = [`Bearer ${token}`, `Bearer ${token}`];
    expect(await service.rest('/users/me', { headers: { authorization: bearer } })).toMatchObject({ status: 400 });
    expect(await service.rest('/users/%2e%2e/badges')).toMatchObject({ status: 422 });
    const broken = await service.rest('/users/x/badges', { token, body: '{"name":' });
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(await service.raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the fixtures', () => {
  it('let a test inject faults into the auth-service', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve();
    auth.fail('graphql', 503);
    await auth.down();
    expect((await service.rest(`/users/${ada.id}`)).status).toBe(503);
  });
  it('clear the faults before the next test', async ({ service, createUser }) => {
    const ada = await createUser();
    const { status, body } = await service.rest(`/users/${ada.id}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { id: ada.id, username: ada.username } });
  });

  it('start a service with other settings and another clock', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const past = new Date(Date.now() - 1000);
    const service = await serve({ MAX_BADGES_PER_USER: '1' }, { now: () => past });
    const create = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { dateAchieved } } }';
    const first = await service.graphql(create, { input: badgeInput() }, { token });
    expect(Date.parse(first.data?.createBadge.badge.dateAchieved)).toBe(past.getTime());
    const second = await service.graphql(create, { input: badgeInput() }, { token });
    expect(second.errors?.[0].extensions.code).toBe('LIMIT_REACHED');
  });
});

describe('the auth-service of v1', () => {
  it('signs with a shared secret and serves the v1 lookup', async ({ db }) => {
    const legacy = await startAuthService({ secret: 'a shared secret of at least 32 bytes' });
    const service = await startService(serviceEnv(db, legacy, { AUTH_SERVICE_LOOKUP: 'rest' }));
    legacy.add({ id: '42', username: 'ada' });
    const { status, body } = await service.rest('/users/me', { token: await legacy.token('42') });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id: 42, username: 'ada', email: 'ada@example.org' },
    });
    expect(legacy.callsTo('users')).toHaveLength(1);
    await service.close();
    await legacy.close();
  });
});

describe('the service as a process', () => {
  it('serves requests, logs, and exits with 0 on SIGTERM', async ({ serveProcess, createUser }) => {
    const { id, token } = await createUser();
    const service = await serveProcess();
    const created = await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expect(created.status).toBe(200);
    service.kill('SIGTERM');
    expect(await service.exit).toEqual({ code: 0, signal: null });
    expect(service.stdout.length).toBeGreaterThan(0);
    expect(service.stderr).toEqual([]);
  });

  it('exits with 1 when its settings are missing', async () => {
    const service = await spawnService({});
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr.join('\n')).toContain('DATABASE_URL');
  });
});
