import fc from 'fast-check';
import type { Sql } from 'postgres';
import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { withLongLockTimeout } from '../support/database.ts';
import {
  badgeBody,
  badgeInput,
  describe,
  expect,
  goalBody,
  goalInput,
  it,
  type SignedIn,
} from '../support/fixtures.ts';
import { type Tracker, trackerOf } from './awards/tracker.ts';

const LIMIT = 4;
const STATISTICS = 'query ($id: ID!) { learner(id: $id) { statistics { totalBadges totalGoals } } }';

interface Counters {
  badgeCount: number | null;
  goalCount: number | null;
  badges: number;
  goals: number;
}

async function countersOf({ sql }: TestDatabase, id: string): Promise<Counters> {
  const [row] = await sql<Counters[]>`
    select u.badge_count as "badgeCount", u.goal_count as "goalCount",
      (select count(*)::int from badges b where b.auth_user_id = ${id} and b.status = 'active') as badges,
      (select count(*)::int from learning_goals g where g.auth_user_id = ${id}) as goals
    from (values (${id})) v (id) left join auth_users u on u.id = v.id`;
  return row as Counters;
}

function expectRight({ badgeCount, goalCount, badges, goals }: Counters): void {
  expect([badges, null]).toContain(badgeCount);
  expect([goals, null]).toContain(goalCount);
}

/** The statements of version 2.0.0. */
const old = {
  async create(sql: Sql, id: string, table: 'badges' | 'learning_goals'): Promise<void> {
    await sql.begin(async (tx) => {
      await tx`insert into auth_users (id) values (${id}) on conflict do nothing`;
      await tx`select id from auth_users where id = ${id} for update`;
      const [row] = await tx`select count(*)::int as count from ${tx(table)} where auth_user_id = ${id}`;
      if (row?.count >= LIMIT) return;
      if (table === 'badges') {
        await tx`
          insert into badges (auth_user_id, name, description, icon_url, date_achieved)
          values (${id}, 'Old', 'Old', '/icons/old.svg', now())`;
      } else {
        await tx`
          insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
          values (${id}, 'Old', 'paused', 0, now(), now())`;
      }
    });
  },
  async delete(sql: Sql, id: string): Promise<void> {
    await sql`
      delete from learning_goals where auth_user_id = ${id} and id = (
        select min(id) from learning_goals where auth_user_id = ${id})`;
  },
};

interface World {
  service: Service;
  db: TestDatabase;
  user: SignedIn;
}

/** A user of services that award badges. */
interface AwardWorld extends World {
  tracker: Tracker;
  /** A definition whose badge is only awarded by hand. */
  key: string;
}

const firstGoal = async ({ service, user: { id } }: World): Promise<number> =>
  (await service.rest(`/users/${id}/goals?limit=1`)).body[0]?.id ?? 1;

/** Steps of a history. Each may fail. */
const STEPS: Record<string, (world: World) => Promise<unknown>> = {
  'REST badge': ({ service, user: { id, token } }) => service.rest(`/users/${id}/badges`, { token, body: badgeBody() }),
  'REST goal': ({ service, user: { id, token } }) => service.rest(`/users/${id}/goals`, { token, body: goalBody() }),
  'keyed badge': ({ service, user: { id, token } }) =>
    service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: { 'idempotency-key': 'k-1' } }),
  'GraphQL badge': ({ service, user: { token } }) =>
    service.graphql(
      'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }',
      { input: badgeInput() },
      { token },
    ),
  'keyed goal': ({ service, user: { token } }) =>
    service.graphql(
      'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }',
      { input: { ...goalInput(), idempotencyKey: crypto.randomUUID() } },
      { token },
    ),
  'update of a goal': async (world) => {
    const { service, user } = world;
    const body = { streak_count: Math.floor(Math.random() * 1e6) };
    return service.rest(`/users/${user.id}/goals/${await firstGoal(world)}`, {
      method: 'PUT',
      token: user.token,
      body,
    });
  },
  'deletion of a goal': async (world) => {
    const { service, user } = world;
    return service.rest(`/users/${user.id}/goals/${await firstGoal(world)}`, { method: 'DELETE', token: user.token });
  },
  'old badge': ({ db, user }) => old.create(db.sql, user.id, 'badges'),
  'old goal': ({ db, user }) => old.create(db.sql, user.id, 'learning_goals'),
  'old deletion': ({ db, user }) => old.delete(db.sql, user.id),
  'revocation by hand': ({ db, user }) => db.sql`
    update badges set status = 'revoked' where auth_user_id = ${user.id} and id = (
      select max(id) from badges where auth_user_id = ${user.id})`,
  'kill of the backends': ({ db }) => db.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'user-service'`,
};

/** Returns the id of the newest badge with the status that is not the user's own. */
async function awardedBadge({ db, user }: World, status: 'active' | 'revoked'): Promise<{ id: string }> {
  const [row] = await db.sql<{ id: string }[]>`
    select id from badges where auth_user_id = ${user.id} and status = ${status} and source <> 'self'
    order by id desc limit 1`;
  return { id: row?.id ?? '1' };
}

const MONTH_MS = 2_700_000_000;

/** Steps that change the number of badges through awards. Each may fail. */
const AWARD_STEPS: Record<string, (world: AwardWorld) => Promise<unknown>> = {
  'activity that earns a badge for its month': ({ tracker, user: { id: userId } }) => {
    const month = Math.ceil(Math.random() * 12);
    const occurredAt = new Date(Date.now() - month * MONTH_MS).toISOString();
    return tracker.tryRecord({ userId, eventId: crypto.randomUUID(), verb: 'practice', occurredAt });
  },
  'award by hand': ({ tracker, key, user: { id: userId } }) =>
    tracker.tryAward({ userId, key, awardKey: `award-${Math.ceil(Math.random() * 5)}` }),
  'revocation by a service': async (world) => world.tracker.tryRevoke(await awardedBadge(world, 'active')),
  'reinstatement by a service': async (world) => world.tracker.tryReinstate(await awardedBadge(world, 'revoked')),
  'completion of a goal': async (world) => {
    const { service, user } = world;
    const path = `/users/${user.id}/goals/${await firstGoal(world)}`;
    return service.rest(path, { method: 'PUT', token: user.token, body: { status: 'completed' } });
  },
};

describe('after any history of concurrent writes', () => {
  it('each counter is null or the number of rows, and creates stop at the limit', { timeout: 120_000 }, async ({
    serve,
    auth,
    db,
    createUser,
    onTestFinished,
  }) => {
    onTestFinished(async () => {
      await db.sql`update badge_definitions set state = 'archived'`;
      await db.sql`update badge_definition_revision set revision = revision + 1`;
    });
    const limits = { MAX_BADGES_PER_USER: String(LIMIT), MAX_GOALS_PER_USER: String(LIMIT) };
    const service = await serve({ ...limits, DATABASE_POOL_SIZE: '6' });
    const tracker = await trackerOf(service, auth);
    const key = await tracker.define(null);
    await tracker.define({ count: { verb: 'practice', gte: 1 } }, { repeat: 'MONTHLY' });
    for (const gte of [1, 2, 3]) await tracker.define({ goalsCompleted: { gte } });
    const all = { ...STEPS, ...AWARD_STEPS };
    const round = fc.array(fc.constantFrom(...Object.keys(all)), { minLength: 1, maxLength: 8 });
    const history = fc.array(round, { minLength: 1, maxLength: 6 });
    const sources = new Set<string>();
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const world = { service, db, tracker, key, user: await createUser() };
        for (const steps of rounds) {
          await Promise.all(steps.map((name) => all[name]?.(world)));
          const counters = await countersOf(db, world.user.id);
          expectRight(counters);
          const bySource = await db.sql<{ source: string; count: number }[]>`
            select source, count(*)::int as count from badges
            where auth_user_id = ${world.user.id} and status = 'active' group by source`;
          for (const { source } of bySource) sources.add(source);
          const own = bySource.find(({ source }) => source === 'self')?.count ?? 0;
          expect(Math.max(own, counters.goals)).toBeLessThanOrEqual(LIMIT);
        }
      }),
      { numRuns: 40 },
    );
    expect(sources).toEqual(new Set(['self', 'rule', 'issuer']));
    const [deadlocks] = await db.sql`
      select deadlocks::int as count from pg_stat_database where datname = current_database()`;
    expect(deadlocks?.count).toBe(0);
  });
});

describe('fifty concurrent creates', () => {
  it.for([
    ['badges', 'a new user', false],
    ['goals', 'a new user', false],
    ['badges', 'a user with unknown counters', true],
    ['goals', 'a user with unknown counters', true],
  ] as const)('of %s for %s stop exactly at the limit', async ([list, , isKnown], { serve, db, createUser }) => {
    const limits = { MAX_BADGES_PER_USER: '20', MAX_GOALS_PER_USER: '20', DATABASE_URL: withLongLockTimeout(db.url) };
    const replicas = [await serve(limits), await serve(limits)];
    const { id, token } = await createUser();
    if (isKnown) await db.sql`insert into auth_users (id) values (${id})`;
    const body = list === 'badges' ? badgeBody() : goalBody();
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const headers = { 'idempotency-key': n % 3 ? undefined : `k-${n}` };
        return (replicas[n % 2] as Service).rest(`/users/${id}/${list}`, { token, body, headers });
      }),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(20);
    // On a slow machine, the last ones have waited for more than a second.
    const codes = responses.filter(({ status }) => status !== 200).map(({ body }) => body.code);
    expect(codes).toContain('LIMIT_REACHED');
    expect(['LIMIT_REACHED', 'SERVICE_UNAVAILABLE']).toEqual(expect.arrayContaining(codes));
    const counters = await countersOf(db, id);
    expect(list === 'badges' ? counters.badgeCount : counters.goalCount).toBe(20);
    expectRight(counters);
  });
});

describe('a replica of version 2.0.0', () => {
  it('makes the counter unknown, and the next create counts again', async ({ service, db, createUser }) => {
    const user = await createUser();
    const world = { service, db, user };
    await STEPS['REST badge']?.(world);
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 1, goalCount: 0 });
    await old.create(db.sql, user.id, 'badges');
    await old.create(db.sql, user.id, 'learning_goals');
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: null, goalCount: null });
    const { data } = await service.graphql(STATISTICS, { id: user.id });
    expect(data.learner.statistics).toEqual({ totalBadges: 2, totalGoals: 1 });
    await STEPS['keyed badge']?.(world);
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 3, goalCount: 1 });
    await old.delete(db.sql, user.id);
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 3, goalCount: null });
  });
});

describe('a write by hand', () => {
  it('that moves rows to another user makes the counters of both unknown', async ({ service, db, createUser }) => {
    const [from, to] = [await createUser(), await createUser()];
    for (const user of [from, to]) {
      await STEPS['REST badge']?.({ service, db, user });
      await STEPS['REST goal']?.({ service, db, user });
    }
    await db.sql`update badges set auth_user_id = ${to.id} where auth_user_id = ${from.id}`;
    expect(await countersOf(db, from.id)).toEqual({ badgeCount: null, goalCount: 1, badges: 0, goals: 1 });
    expect(await countersOf(db, to.id)).toEqual({ badgeCount: null, goalCount: 1, badges: 2, goals: 1 });
    await db.sql`update learning_goals set auth_user_id = ${to.id} where auth_user_id = ${from.id}`;
    expect(await countersOf(db, from.id)).toMatchObject({ goalCount: null, goals: 0 });
    expect(await countersOf(db, to.id)).toMatchObject({ goalCount: null, goals: 2 });
  });

  it('that revokes or reinstates badges makes the counter unknown, unlike one of other columns', async ({
    service,
    db,
    createUser,
  }) => {
    const user = await createUser();
    const create = () => STEPS['REST badge']?.({ service, db, user });
    await create();
    await db.sql`update badges set name = 'Other' where auth_user_id = ${user.id}`;
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 1, badges: 1 });
    await db.sql`update badges set status = 'revoked' where auth_user_id = ${user.id}`;
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: null, badges: 0 });
    await create();
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 1, badges: 1 });
    await db.sql`update badges set status = 'active' where auth_user_id = ${user.id}`;
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: null, badges: 2 });
  });
});

describe('a revocation and a reinstatement by the service', () => {
  it('keep the counter known', async ({ service, auth, db, createUser }) => {
    const user = await createUser();
    const tracker = await trackerOf(service, auth);
    await STEPS['REST badge']?.({ service, db, user });
    const [badge] = (await service.rest(`/users/${user.id}/badges`)).body;
    await tracker.revoke({ id: String(badge.id) });
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 0, badges: 0 });
    await tracker.reinstate({ id: String(badge.id) });
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: 1, badges: 1 });
  });
});

describe('the mark of a counting statement', () => {
  it('ends with its transaction', async ({ service, db, createUser }) => {
    const user = await createUser();
    await STEPS['REST badge']?.({ service, db, user });
    await db.sql.begin((tx) => tx`select set_config('user_service.writer', 'counting', true)`);
    await db.sql`delete from badges where auth_user_id = ${user.id}`;
    expect(await countersOf(db, user.id)).toMatchObject({ badgeCount: null, badges: 0 });
  });
});
