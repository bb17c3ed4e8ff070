import type { Sql } from 'postgres';
import type { Env, Service } from '../support/app.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, badgeInput, it as base, describe, expect, goalBody } from '../support/fixtures.ts';
import type { RestResponse } from '../support/http-client.ts';
import { untilInFlight } from '../support/in-flight.ts';
import { whileLocked } from '../support/locked-user.ts';
import { countWaiting, terminateWaiting } from '../support/waiting.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';
import { expectUnavailable } from './pool.ts';

/** Few, so that all arrive before the first one has waited for its time limit, 1 s. */
const COUNT = 16;
const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const INSERT = /insert into "?(badges|learning_goals)"?/;

const times = <Result>(act: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: COUNT }, (_, index) => act(index)));

const it = base
  /** Starts a service that waits longer for locks. Its connections are open, so that requests arrive without delay. */
  .extend('serveWithLongLockTimeout', async ({ serve, db, createUser }) => async (env: Env = {}) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '4', ...env });
    const { id, token } = await createUser();
    await times(() => service.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
    return service;
  })
  .extend('longTimeout', ({ serveWithLongLockTimeout }) => serveWithLongLockTimeout());

/** Runs creates whose statements wait for the user's row until all have arrived. */
const createWhileLocked = <Result>(
  { sql, service }: { sql: Sql; service: Service },
  id: string,
  create: (index: number) => Promise<Result>,
) => whileLocked(sql, id, { start: () => times(create), until: () => untilInFlight(service, COUNT) });

describe('creates of one user at the same time', () => {
  it.for([
    ['badges', 'name', badgeBody],
    ['goals', 'title', goalBody],
  ] as const)(
    'share statements, and each response of %s has its own row',
    async ([list, text, bodyOf], { longTimeout, db, createUser }) => {
      const { id, token } = await createUser();
      const create = (n: number) =>
        longTimeout.rest(`/users/${id}/${list}`, { token, body: bodyOf({ [text]: `row ${n}` }) });
      longTimeout.statements.clear();
      const responses = await createWhileLocked({ sql: db.sql, service: longTimeout }, id, create);
      expect(responses.map(({ status, body }) => [status, body[text]])).toEqual(
        responses.map((_, n) => [200, `row ${n}`]),
      );
      const rows = await db.sql`
      select id, ${db.sql(text)} as text from ${db.sql(list === 'goals' ? 'learning_goals' : list)}
      where auth_user_id = ${id} order by id`;
      const created = responses.map(({ body }) => ({ id: String(body.id), text: body[text] }));
      expect(rows.map((row) => ({ id: String(row.id), text: row.text }))).toEqual(
        created.toSorted((a, b) => Number(a.id) - Number(b.id)),
      );
      expect(longTimeout.statements.filter((statement) => INSERT.test(statement)).length).toBeLessThan(COUNT / 2);
      const [counters] = await db.sql`select badge_count + goal_count as count from auth_users where id = ${id}`;
      expect(counters?.count).toBe(COUNT);
    },
  );

  it('use two connections of the pool, so that other users find one', async ({ longTimeout, db, createUser }) => {
    const [busy, other] = [await createUser(), await createUser()];
    const create = ({ id, token }: { id: string; token: string }) =>
      longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await create(busy);
    const responses = await whileLocked(db.sql, busy.id, {
      start: () => times(() => create(busy)),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
        expect((await create(other)).status).toBe(200);
        expect(await countWaiting(db.sql)).toBe(2);
      },
    });
    const statuses = responses.map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 200));
  });

  it('of a full user use two connections, and take few statements', async ({
    serveWithLongLockTimeout,
    db,
    createUser,
  }) => {
    const full = await serveWithLongLockTimeout({ MAX_BADGES_PER_USER: '1' });
    const { id, token } = await createUser();
    const create = () => full.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await create();
    full.statements.clear();
    const responses = await whileLocked(db.sql, id, {
      start: () => times(create),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
        await untilInFlight(full, COUNT);
        expect(await countWaiting(db.sql)).toBe(2);
      },
    });
    const codes = responses.map(({ body }) => body.code);
    expect(codes).toEqual(codes.map(() => 'LIMIT_REACHED'));
    expect(full.statements.length).toBeLessThan(COUNT / 2);
  });

  it('reach the limit exactly, also when the counter is unknown at first', async ({
    serveWithLongLockTimeout,
    db,
    createUser,
  }) => {
    const service = await serveWithLongLockTimeout({ MAX_BADGES_PER_USER: '10' });
    for (const isUnknown of [false, true]) {
      const { id, token } = await createUser();
      if (isUnknown) await db.sql`insert into auth_users (id) values (${id})`;
      const responses = await createWhileLocked({ sql: db.sql, service }, id, () =>
        service.rest(`/users/${id}/badges`, { token, body: badgeBody() }),
      );
      const statuses = responses.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(10);
      expect(statuses.filter((status) => status === 400)).toHaveLength(COUNT - 10);
      const [user] = await db.sql`select badge_count as count from auth_users where id = ${id}`;
      expect(user?.count).toBe(10);
    }
  });

  it('that wait for more than a second get 503, and no statement', async ({
    serveWithLongLockTimeout,
    db,
    createUser,
  }) => {
    const longTimeout = await serveWithLongLockTimeout({
      DATABASE_URL: `${db.url}?lock_timeout=1650&statement_timeout=1750`,
    });
    const { id, token } = await createUser();
    const create = () => longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await create();
    longTimeout.statements.clear();
    const responses = await whileLocked(db.sql, id, {
      // All arrive within 0.6 s: a second before the statements end, for which the others wait.
      start: () => Promise.all(Array.from({ length: 6 }, create)),
      // A statement that the service has given up would create its row.
      until: (started) => started.then(() => expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(0)),
    });
    responses.forEach(expectUnavailable);
    const late = responses.filter(({ text }) => text.includes('Too many changes of the same user at the same time'));
    expect(late).toHaveLength(6 - 2);
    expect(longTimeout.statements.filter((statement) => INSERT.test(statement))).toHaveLength(2);
    const [row] = await db.sql`select count(*)::int as count from badges where auth_user_id = ${id}`;
    expect(row?.count).toBe(1);
    expect((await create()).status).toBe(200);
  });

  it('that are rejected are counted as a limit, over both APIs', async ({
    serveWithLongLockTimeout,
    db,
    createUser,
  }) => {
    const service = await serveWithLongLockTimeout({
      DATABASE_URL: `${db.url}?lock_timeout=1650&statement_timeout=1750`,
    });
    const { id, token } = await createUser();
    const create = async (index: number) => {
      const { text } = await (index % 2 === 0
        ? service.rest(`/users/${id}/badges`, { token, body: badgeBody() })
        : service.graphql(CREATE, { input: badgeInput() }, { token }));
      return text;
    };
    await create(0);
    const texts = await whileLocked(db.sql, id, {
      start: () => Promise.all(Array.from({ length: 6 }, (_, index) => create(index))),
      until: (started) => started.then(() => expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(0)),
    });
    const rejected = texts.filter((text) => text.includes('Too many changes of the same user at the same time'));
    expect(rejected.length).toBeGreaterThan(0);
    const counted = sumOf(await scrape(service), 'http_server_requests_rejected_total', { reason: 'user_changes' });
    expect(counted).toBe(rejected.length);
  });

  it('get 429 while a hundred wait', async ({ longTimeout, db, createUser }) => {
    const { id, token } = await createUser();
    const responses: RestResponse[] = [];
    const create = async () =>
      void responses.push(await longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody() }));
    // A hundred wait for the two statements.
    await whileLocked(db.sql, id, {
      start: () => Promise.all(Array.from({ length: 120 }, create)),
      until: () => expect.poll(() => responses.length, { interval: 5 }).toBeGreaterThanOrEqual(120 - 102),
    });
    const statuses = responses.map(({ status }) => status);
    const rejected = responses.filter(({ status }) => status === 429);
    for (const { headers, body } of rejected)
      expect([headers['retry-after'], body.code]).toEqual(['1', 'RATE_LIMITED']);
    const [row] = await db.sql`select count(*)::int as count from badges where auth_user_id = ${id}`;
    // On a slow machine, some have waited for more than a second. Others may then take their places.
    expect([200, 429, 503]).toEqual(expect.arrayContaining(statuses));
    const late = statuses.filter((status) => status === 503).length;
    expect(rejected.length).toBeGreaterThanOrEqual(Math.max(1, 120 - 102 - late));
    expect(rejected.length).toBeLessThanOrEqual(120 - 102);
    expect(statuses).toContain(200);
    expect(row?.count).toBe(statuses.filter((status) => status === 200).length);
  });

  it('say that the outcome is unknown when their connection is lost', async ({ longTimeout, db, createUser }) => {
    const { id, token } = await createUser();
    const loseConnections = async () => {
      await untilInFlight(longTimeout, COUNT);
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
      await terminateWaiting(db.sql);
      // The statement of the others has many rows.
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBeGreaterThan(0);
      await terminateWaiting(db.sql);
    };
    const responses = await whileLocked(db.sql, id, {
      start: () => times(() => longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody() })),
      until: loseConnections,
    });
    const unknown = responses.filter(({ text }) => text.includes('its outcome is unknown'));
    expect(unknown.length).toBeGreaterThan(2);
    const [row] = await db.sql`select count(*)::int as count from badges where auth_user_id = ${id}`;
    expect(row?.count).toBe(responses.filter(({ status }) => status === 200).length);
  });

  it.for([
    ['succeed even when the next statement of their batch fails', { saved: 200, rejected: 500, 'beside it': 500 }],
    ['get 503 and no statement when the row before them has failed', { rejected: 500, 'beside it': 503, another: 503 }],
  ] as const)('%s', async ([, expected], { longTimeout, db, createUser }) => {
    const { id, token } = await createUser();
    // With an unknown counter, the first row of a batch has a statement of its own.
    await db.sql`insert into auth_users (id) values (${id})`;
    await db.sql`alter table badges add constraint rejected check (name <> 'rejected')`;
    const [first = '', ...others] = Object.keys(expected);
    const statuses: Record<string, number> = {};
    const create = async (name: string) => {
      statuses[name] = (await longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody({ name }) })).status;
    };
    await whileLocked(db.sql, id, {
      start: async () => {
        const lost = ['lost 1', 'lost 2'].map(create);
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
        const batch = [create(first)];
        await untilInFlight(longTimeout, 3);
        batch.push(...others.map(create));
        await untilInFlight(longTimeout, 5);
        await terminateWaiting(db.sql);
        return Promise.all([...lost, ...batch]);
      },
      until: async () => {
        await expect.poll(() => Object.keys(statuses), { interval: 5 }).toHaveLength(2);
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      },
    });
    await db.sql`alter table badges drop constraint rejected`;
    expect(statuses).toEqual({ 'lost 1': 503, 'lost 2': 503, ...expected });
    const saved = await db.sql`select name from badges where auth_user_id = ${id}`;
    expect(saved.map(({ name }) => name)).toEqual(first === 'saved' ? ['saved'] : []);
  });
});

describe('creates of one user with idempotency keys at the same time', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });

  it.for([
    ['badges', 'name', badgeBody],
    ['goals', 'title', goalBody],
  ] as const)(
    'share statements, and each key of %s has the response of its own row',
    async ([list, text, bodyOf], { longTimeout, db, createUser }) => {
      const { id, token } = await createUser();
      // Every second row has a key: they share statements with those that have none.
      const create = (n: number) => {
        const headers = n % 2 === 0 ? keyed(`k-${n}`) : {};
        return longTimeout.rest(`/users/${id}/${list}`, { token, body: bodyOf({ [text]: `row ${n}` }), headers });
      };
      longTimeout.statements.clear();
      const responses = await createWhileLocked({ sql: db.sql, service: longTimeout }, id, create);
      expect(responses.map(({ status, body }) => [status, body[text]])).toEqual(
        responses.map((_, n) => [200, `row ${n}`]),
      );
      expect(longTimeout.statements.filter((statement) => INSERT.test(statement)).length).toBeLessThan(COUNT / 2);
      const replays = await times((n) => (n % 2 === 0 ? create(n) : Promise.resolve(responses[n] as RestResponse)));
      expect(replays.map(({ text }) => text)).toEqual(responses.map(({ text }) => text));
      const stored = await db.sql`select key from idempotency_keys where auth_user_id = ${id}`;
      expect(stored).toHaveLength(COUNT / 2);
    },
  );

  it('use two connections of the pool, so that other users find one', async ({ longTimeout, db, createUser }) => {
    const [busy, other] = [await createUser(), await createUser()];
    const create = ({ id, token }: { id: string; token: string }, key: string) =>
      longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: keyed(key) });
    await create(busy, 'first');
    const responses = await whileLocked(db.sql, busy.id, {
      start: () => times((n) => create(busy, `k-${n}`)),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
        expect((await create(other, 'k')).status).toBe(200);
        expect(await countWaiting(db.sql)).toBe(2);
      },
    });
    const statuses = responses.map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 200));
  });

  it('have one effect for each key, also when a batch repeats keys or has stored ones', async ({
    longTimeout,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const create = (n: number) =>
      longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: keyed(`k-${n % 5}`) });
    const responses = await createWhileLocked({ sql: db.sql, service: longTimeout }, id, create);
    const statuses = new Set(responses.map(({ status }) => status));
    expect([200, 409]).toEqual(expect.arrayContaining([...statuses]));
    const ids = responses.filter(({ status }) => status === 200).map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(5);
    const replays = await times(create);
    expect(new Set(replays.map(({ status, body }) => `${status} ${body.id}`))).toEqual(
      new Set(ids.map((each) => `200 ${each}`)),
    );
    const [row] = await db.sql`select count(*)::int as count from badges where auth_user_id = ${id}`;
    const [user] = await db.sql`select badge_count as count from auth_users where id = ${id}`;
    expect([row?.count, user?.count]).toEqual([5, 5]);
  });

  it('get 409 for the key that another replica has locked, and 200 for the others', async ({
    longTimeout,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const create = (n: number) =>
      longTimeout.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: keyed(`k-${n}`) });
    const responses = await db.sql.begin(async (replica) => {
      await replica`
        select pg_advisory_xact_lock(hashtextextended(${`${id} POST /:auth_user_id/badges k-7`}, 0))`;
      return Promise.all(await createWhileLocked({ sql: db.sql, service: longTimeout }, id, create));
    });
    expect(responses.map(({ status }) => status)).toEqual(responses.map((_, n) => (n === 7 ? 409 : 200)));
  });

  it('reach the limit exactly', async ({ serveWithLongLockTimeout, db, createUser }) => {
    const service = await serveWithLongLockTimeout({ MAX_BADGES_PER_USER: '10' });
    const { id, token } = await createUser();
    const create = (n: number) =>
      service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: keyed(`k-${n}`) });
    const responses = await createWhileLocked({ sql: db.sql, service }, id, create);
    const codes = responses.map(({ status, body }) => body.code ?? status);
    expect(codes.filter((code) => code === 200)).toHaveLength(10);
    expect(codes.filter((code) => code === 'LIMIT_REACHED')).toHaveLength(COUNT - 10);
    const stored = await db.sql`select key from idempotency_keys where auth_user_id = ${id}`;
    expect(stored).toHaveLength(10);
  });
});
