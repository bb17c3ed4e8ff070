import { serviceEnv, startService } from '../support/app.ts';
import { badgeBody, describe, expect, goalBody } from '../support/fixtures.ts';
import { it as base, runCutover, runSuccessfully, sample, spawnCutover } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { pauseAtRow } from './support/pause-point.ts';

/** The service on a migrated database of era A, with tokens of its users 1 and 2. */
const it = base.extend('migrated', async ({ createMigrated, auth }, { onCleanup }) => {
  const db = await createMigrated();
  const service = await startService(serviceEnv(db, auth));
  onCleanup(() => service.close());
  auth.add({ id: '1' });
  auth.add({ id: '2' });
  return { db, service, tokens: { 1: await auth.token('1'), 2: await auth.token('2') } };
});

describe('a v1 client after the migration', () => {
  it('updates the same goal with PUT /users/1/goals/2 as before', async ({ migrated: { service, tokens } }) => {
    const { status, body } = await service.rest('/users/1/goals/2', {
      method: 'PUT',
      token: tokens[1],
      body: { streak_count: 1 },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        id: 2,
        title: 'Learn GraphQL',
        description: null,
        status: 'in-progress',
        streak_count: 1,
        auth_user_id: 1,
      },
    });
    const others = await service.rest('/users/1/goals/3', { method: 'PUT', token: tokens[1], body: { title: 'Mine' } });
    expect(others.status).toBe(404);
  });

  it('gets ordered lists, and ids above the v1 ids for new rows', async ({ migrated: { service, tokens } }) => {
    const ids = async (path: string) => (await service.rest(path)).body.map(({ id }: { id: number }) => id);
    expect(await ids('/users/1/badges')).toEqual([2, 1]);
    expect(await ids('/users/1/goals')).toEqual([2, 1]);
    const badge = await service.rest('/users/1/badges', { token: tokens[1], body: badgeBody() });
    const goal = await service.rest('/users/1/goals', { token: tokens[1], body: goalBody() });
    expect([badge.body.id, goal.body.id]).toEqual([10, 12]);
    expect(await ids('/users/1/badges')).toEqual([10, 2, 1]);
    expect(await ids('/users/1/goals')).toEqual([12, 2, 1]);
  });

  it('gets v1 values that the current API rejects as input', async ({ createDatabase, auth, onTestFinished }) => {
    const db = await createDatabase(sample('c'));
    await runSuccessfully(db, 'migrate');
    const service = await startService(serviceEnv(db, auth));
    onTestFinished(() => service.close());
    const { status, body } = await service.rest('/users/2/badges');
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { id: 3 },
      { id: 5, description: 'tab\there', icon_url: '//cdn.example.com/x.png', date_achieved: '1970-01-01T00:00:00Z' },
    ]);
    const { data, errors } = await service.graphql('{ badge(id: 4) { id iconUrl dateAchieved } }');
    expect(errors).toBeUndefined();
    expect(data.badge).toEqual({ id: '4', iconUrl: 'javascript:alert(1)', dateAchieved: '1970-01-01T00:00:00Z' });
  });
});

describe('a service that starts before the migration is complete', () => {
  it('serves the copied rows under their v1 ids, and new rows get new ids', async ({
    createDatabase,
    auth,
    onTestFinished,
  }) => {
    const db = await createDatabase(sample('a'));
    const pause = await pauseAtRow(db, 'public.learning_goals', 'new.id = 3');
    const running = spawnCutover(db, 'migrate --batch-size 2');
    await pause.reached();
    const service = await startService(serviceEnv(db, auth));
    onTestFinished(() => service.close());
    auth.add({ id: '1' });
    const token = await auth.token('1');
    const changed = await service.rest('/users/1/goals/2', { method: 'PUT', token, body: { streak_count: 9 } });
    expect(changed).toMatchObject({ status: 200, body: { id: 2, title: 'Learn GraphQL', streak_count: 9 } });
    const added = await service.rest('/users/1/goals', { token, body: goalBody() });
    expect(added).toMatchObject({ status: 200, body: { id: 12 } });

    await pause.release();
    expect((await running.ended).code).toBe(0);
    const report = await runSuccessfully(db, 'verify');
    expect(report).toContain('written by the service since the migration: 1 new, 1 changed');
  });
});

describe('while the service is connected', () => {
  it.for(['migrate', 'rollback', 'rollback --discard-new'])(
    '%s is rejected and changes nothing',
    async (line, { createDatabase, createMigrated, auth, onTestFinished }) => {
      const db = line === 'migrate' ? await createDatabase(sample('a')) : await createMigrated();
      const service = await startService(serviceEnv(db, auth));
      onTestFinished(() => service.close());
      await service.rest('/health/ready');
      const before = await dump(db.sql);
      const { code, stderr } = await runCutover(db, line);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('user-service is connected') });
      expect(await dump(db.sql)).toEqual(before);
    },
  );
});

describe('after writes by the service', () => {
  it('verify reports them separately, and --strict treats them as differences', async ({ migrated }) => {
    const { db, service, tokens } = migrated;
    await service.rest('/users/1/badges', { token: tokens[1], body: badgeBody() });
    await service.rest('/users/1/goals/1', { method: 'PUT', token: tokens[1], body: { title: 'Learn more SQL' } });
    await service.rest('/users/2/goals/3', { method: 'DELETE', token: tokens[2] });

    const report = await runSuccessfully(db, 'verify');
    expect(report).toContain('badges: 3 rows match, 1 orphans');
    expect(report).toContain('written by the service since the migration: 1 new');
    expect(report).toContain('written by the service since the migration: 1 changed, 1 deleted');
    expect((await runCutover(db, 'verify --strict')).code).toBe(1);
  });

  it('finalize drops the v1 tables while the service runs, and none of its rows', async ({ migrated }) => {
    const { db, service, tokens } = migrated;
    await service.rest('/users/2/goals/3', { method: 'DELETE', token: tokens[2] });
    const before = await db.snapshot();
    expect(await runSuccessfully(db, 'finalize --yes')).toContain('Dropped the schema legacy');
    expect(await db.snapshot()).toEqual(before);
    expect(await db.sql`select to_regnamespace('legacy') as legacy`).toEqual([{ legacy: null }]);
    expect((await service.rest('/users/2/goals/4', { method: 'DELETE', token: tokens[2] })).status).toBe(200);
    expect(await runSuccessfully(db, 'migrate')).toContain('already has the current schema');
  });

  it('rollback restores the v1 tables only with --discard-new', async ({ migrated }) => {
    const { db, service, tokens } = migrated;
    await service.rest('/users/1/badges', { token: tokens[1], body: badgeBody() });
    await service.close();
    const countSessions = async () =>
      (
        await db.sql`
          select from pg_stat_activity where datname = current_database() and application_name = 'user-service'`
      ).length;
    await expect.poll(countSessions).toBe(0);
    expect((await runCutover(db, 'rollback')).stderr).toContain('1 new in badges');
    await runSuccessfully(db, 'rollback --discard-new');
    expect(await db.sql`select id from badges order by id`).toHaveLength(4);
  });
});
