import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../support/app.ts';
import { type TestDatabase, withLongLockTimeout } from '../support/database.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { untilAnswered } from '../support/until-answered.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';

/** `longTimeout` is a service whose queries wait longer for a lock. */
const it = base.extend('longTimeout', ({ serve, db }) => serve({ DATABASE_URL: withLongLockTimeout(db.url) }));

/** The longest description, of characters with four bytes each: 8 KB. */
const LONGEST = '😀'.repeat(2000);
const range = (length: number) => Array.from({ length }, (_, i) => i + 1);
/** Returns a query for the description of each goal, under as many aliases. */
const descriptions = (aliases: number) => {
  const fields = range(aliases).map((n) => `a${n}: description`);
  return `{ viewer { goals(first: 500) { ${fields.join(' ')} } } }`;
};
const users = (count: number) => range(count).map((i) => ({ __typename: 'User', id: `user-${i}` }));
const entities = (selection: string) =>
  `query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { ${selection} } } }`;

interface Goals {
  userId: string;
  count: number;
  description?: string;
}

async function insertGoals(db: TestDatabase, { userId, count, description = LONGEST }: Goals): Promise<void> {
  await db.sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await db.sql`
    insert into learning_goals (auth_user_id, title, description, status, streak_count, created_at, updated_at)
    select ${userId}, 'Goal ' || n, ${description}, 'paused', 0, now(), now() from generate_series(1, ${count}) n`;
}

/**
 * Locks a table while `work` runs, so that the queries on it wait. The table has the same OID in the databases of other
 * test files, because all are clones.
 */
async function whileLocked(db: TestDatabase, work: (blocked: () => Promise<number>) => Promise<void>): Promise<void> {
  await db.sql.begin(async (tx) => {
    await tx`lock table badges in access exclusive mode`;
    await work(async () => {
      const [row] = await db.sql<{ n: number }[]>`
        select count(*)::int as n from pg_locks where not granted and relation = 'badges'::regclass
          and database = (select oid from pg_database where datname = current_database())`;
      return row?.n ?? 0;
    });
  });
}

const listsOf = (service: Service) => service.statements.filter((sql) => sql.includes('from "badges"'));

describe('large operations', () => {
  it('execute two at a time, and a small one does not wait for them', async ({ longTimeout: service, db }) => {
    const large = entities('badges(first: 10) { id }');
    service.statements.clear();
    const responses: Promise<{ status: number }>[] = [];
    await whileLocked(db, async (blocked) => {
      for (const _ of range(5)) responses.push(service.graphql(large, { users: users(200) }));
      await expect.poll(blocked, { interval: 5 }).toBe(2);
      expect((await service.graphql('{ learner(id: "unknown") { id } }')).status).toBe(200);
      expect(listsOf(service)).toHaveLength(2);
    });
    expect((await Promise.all(responses)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(listsOf(service)).toHaveLength(5);
  });
});

describe('operations that wait', () => {
  it('get 503 with Retry-After after two seconds, and no line in the log but their own', async ({ service, db }) => {
    const large = entities('badges(first: 10) { id }');
    const counted = async () =>
      sumOf(await scrape(service), 'http_server_requests_rejected_total', { reason: 'operations' });
    const before = await counted();
    service.logs.clear();
    let responses: Awaited<ReturnType<Service['graphql']>>[] = [];
    const startedAt = performance.now();
    await whileLocked(db, async () => {
      responses = await Promise.all(range(20).map(() => service.graphql(large, { users: users(200) })));
    });
    expect(performance.now() - startedAt).toBeGreaterThan(1950);
    // On a busy machine, an operation that has waited for almost two seconds times out while it executes.
    const rejected = responses.filter(({ status, text }) => status === 503 && !text.includes('timed out'));
    expect(rejected.length).toBeGreaterThan(0);
    for (const { headers, body } of rejected) {
      expect(headers['retry-after']).toBe('2');
      expect(body.errors).toEqual([
        {
          message: 'The service is overloaded',
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: headers['x-request-id'] },
        },
      ]);
    }
    expect(await counted()).toBe(before + rejected.length);
    const executed = responses.length - rejected.length;
    expect(service.logs.filter(({ msg }) => msg !== 'request').length).toBeLessThanOrEqual(executed);
  });

  it('send no further query once their response exists', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const selection = range(20).map((n) => `a${n}: badges(first: ${n}) { id }`);
    service.statements.clear();
    await whileLocked(db, async (blocked) => {
      const { errors } = await service.graphql(`{ viewer { ${selection.join(' ')} } }`, {}, { token });
      expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
      await expect.poll(blocked, { interval: 5, timeout: 8000 }).toBe(0);
    });
    expect(listsOf(service).length).toBeLessThan(20);
  });
});

describe('an operation that has timed out', () => {
  it('sends no further query, though its client keeps the connection', { timeout: 40_000 }, async ({
    service,
    db,
    createUser,
  }) => {
    const { token } = await createUser();
    const lists = range(20).map((n) => `a${n}: viewer { badges(first: ${480 + n}) { id } }`);
    service.statements.clear();
    await whileLocked(db, async (blocked) => {
      const { status, text } = await service.graphql(`{ ${lists.join(' ')} }`, {}, { token });
      expect([status, text]).toEqual([503, expect.stringContaining('timed out')]);
      await expect.poll(blocked, { interval: 5, timeout: 8000 }).toBe(0);
      const sent = listsOf(service).length;
      expect(sent).toBeLessThan(20);
      await delay(1000);
      expect(listsOf(service)).toHaveLength(sent);
    });
  });
});

describe('one operation', () => {
  const lists = (count: number) =>
    range(count)
      .map((n) => `a${n}: badges(first: ${n}) { id }`)
      .join(' ');

  it('runs at most four queries at a time', async ({ longTimeout: service, db, createUser }) => {
    const { token } = await createUser();
    service.statements.clear();
    let response: Promise<{ status: number; errors?: unknown }> | undefined;
    await whileLocked(db, async (blocked) => {
      response = service.graphql(`{ viewer { ${lists(12)} } }`, {}, { token });
      await expect.poll(blocked, { interval: 5 }).toBe(4);
      expect(listsOf(service)).toHaveLength(4);
    });
    expect(await response).toMatchObject({ status: 200, errors: undefined });
    expect(listsOf(service)).toHaveLength(12);
  });

  it('runs at most 40 queries, and a list over the limit is an error', async ({ service, createUser }) => {
    const { token } = await createUser();
    expect((await service.graphql(`{ viewer { ${lists(40)} } }`, {}, { token })).errors).toBeUndefined();
    service.statements.clear();
    const { status, errors } = await service.graphql(`{ viewer { ${lists(140)} } }`, {}, { token });
    expect(status).toBe(200);
    expect(errors?.[0]).toMatchObject({
      message: 'The operation needs more than 40 database queries',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(service.statements.length).toBeLessThanOrEqual(40);
  });

  it('loads no result of more than 16 MB', async ({ service, db }) => {
    for (const { id } of users(5)) await insertGoals(db, { userId: id, count: 500 });
    const query = entities('goals(first: 500) { id }');
    const { status, errors, data } = await service.graphql(query, { users: users(5) });
    expect(status).toBe(200);
    expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(errors?.[0].message).toContain('16 MB');
    expect(data._entities).toEqual([null, null, null, null, null]);
    expect((await service.graphql(query, { users: users(1) })).data._entities[0].goals).toHaveLength(500);
  });

  it('returns no response of more than 20 MB', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, { userId: id, count: 500 });
    const send = (aliases: number) => untilAnswered(() => service.graphql(descriptions(aliases), {}, { token }));
    const { status, body, text } = await send(6);
    expect({ status, data: body.data }).toEqual({ status: 200, data: null });
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(text.length).toBeLessThan(1000);
    const largest = await send(4);
    expect(largest.data.viewer.goals).toHaveLength(500);
  });

  it('returns no response of more than 20 MB of escaped characters', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, { userId: id, count: 500, description: '"'.repeat(2000) });
    const { body, text } = await untilAnswered(() => service.graphql(descriptions(12), {}, { token }));
    expect({ data: body.data, length: text.length }).toEqual({ data: null, length: 191 });
  });

  it('returns no response of more than 20 MB of escaped event ids', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await db.sql`insert into auth_users (id) values (${id}) on conflict do nothing`;
    await db.sql`
      insert into activities (auth_user_id, event_id, verb, quantity, occurred_at, is_occurred_at_default, local_date, time_zone, recorded_at)
      select ${id}, repeat('"', 96) || n, 'check-in', 1, now(), true, current_date, 'UTC', now() from generate_series(1001, 1500) n`;
    const aliases = range(210).map((n) => `a${n}: activities(first: 500) { ...F }`);
    const query = `{ viewer { ${aliases.join(' ')} } } fragment F on ActivityConnection { nodes { e: eventId } }`;
    const { body, text } = await service.graphql(query, {}, { token });
    expect({ data: body.data, length: text.length }).toEqual({ data: null, length: 191 });
  });

  it('returns no response of more than 20 MB of names', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, { userId: id, count: 500, description: '' });
    const aliases = range(300).map((n) => `${'x'.repeat(95)}${n}: user { id }`);
    const query = `{ viewer { goals(first: 500) { ${aliases.join(' ')} } } }`;
    const { body, text } = await service.graphql(query, {}, { token });
    expect({ data: body.data, length: text.length }).toEqual({ data: null, length: 191 });
  });

  it('has at most 1,000 representations in all its _entities together', async ({ service }) => {
    const query = (aliases: number) =>
      `query ($users: [_Any!]!) { ${range(aliases)
        .map((n) => `a${n}: _entities(representations: $users) { __typename }`)
        .join(' ')} }`;
    const { errors } = await service.graphql(query(3), { users: users(334) });
    expect(errors).toMatchObject(
      range(1).map(() => ({ extensions: { code: 'BAD_USER_INPUT', field: 'representations' } })),
    );
    expect((await service.graphql(query(3), { users: users(333) })).errors).toBeUndefined();
  });

  it('has at most 20,000 loaded fields', async ({ service }) => {
    const levels = (count: number) =>
      range(count)
        .map((n) => `a${n}: level`)
        .join(' ');
    const rejected = await service.graphql(entities(`statistics { ${levels(20)} }`), { users: users(1000) });
    expect(rejected.errors?.[0].message).toBe(
      'The operation asks for up to 20001 loaded fields; the maximum is 20000.',
    );
    expect((await service.graphql(entities(`statistics { ${levels(19)} }`), { users: users(1000) })).status).toBe(200);
  });

  it('counts the default size of a page for null, with any default of its variable', async ({ service }) => {
    const pages = 'goals(first: $n) { user { badges(first: $n) { user { goals(first: $n) { id } } } } }';
    const query = `query ($users: [_Any!]!, $n: Int = 1) { _entities(representations: $users) { ... on User { ${pages} } } }`;
    service.statements.clear();
    expect((await service.graphql(query, { users: users(1), n: null })).status).toBe(400);
    expect(service.statements).toEqual([]);
    expect((await service.graphql(query, { users: users(1) })).status).toBe(200);
  });

  it.for([
    ['aliases of a leaf', 'badges(first: N) { ...F }', 'Badge', 'id'],
    ['aliases in edges', 'badgesConnection(first: N) { edges { ...F } }', 'BadgeEdge', 'cursor'],
    ['aliases in nodes', 'badgesConnection(first: N) { nodes { ...F } }', 'Badge', 'name'],
  ] as const)('has at most 500,000 fields: %s', async ([, list, type, field], { service, createUser }) => {
    const { token } = await createUser();
    service.statements.clear();
    const lists = [500, 499].map((first) => `l${first}: ${list.replace('N', String(first))}`).join(' ');
    const fragment = `fragment F on ${type} { ${range(600)
      .map((n) => `a${n}: ${field}`)
      .join(' ')} }`;
    const { status, errors } = await service.graphql(`{ viewer { ${lists} } } ${fragment}`, {}, { token });
    expect({ status, code: errors?.[0].extensions.code }).toEqual({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(service.statements).toEqual([]);
  });

  it('counts the fields of a fragment at each of its spreads', async ({ service }) => {
    const many = (name: string, next: string) =>
      `fragment ${name} on User { ${range(60)
        .map((n) => `${name}${n}: statistics { ${next} }`)
        .join(' ')} }`;
    const leaf = range(60)
      .map((n) => `x${n}: level`)
      .join(' ');
    const document = `${entities('...A')} ${many('A', '...B')} fragment B on UserStatistics { ${leaf} }`;
    const { status, errors } = await service.graphql(document, { users: users(200) });
    expect({ status, code: errors?.[0].extensions.code }).toEqual({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
    expect((await service.graphql(document, { users: users(2) })).status).toBe(200);
  });

  it('has no long names, and no large arguments in a query', async ({ service }) => {
    const rejected: [query: string, variables?: Record<string, unknown>][] = [
      [`{ ${'x'.repeat(101)}: viewer { id } }`],
      [`query ${'x'.repeat(101)} { viewer { id } }`],
      [`{ viewer { goals(status: [${'PAUSED '.repeat(21)}]) { id } } }`],
      ['query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }', { s: Array(21).fill('PAUSED') }],
      [`{ viewer { badges(after: "${'x'.repeat(513)}") { id } } }`],
      ['query ($a: String) { viewer { badges(after: $a) { id } } }', { a: 'x'.repeat(900_000) }],
      ['query ($id: ID!) { learner(id: $id) { id } }', { id: 'x'.repeat(513) }],
    ];
    for (const [query, variables] of rejected) {
      const { status, errors, text } = await service.graphql(query, variables ?? {});
      expect
        .soft({ status, code: errors?.[0].extensions.code }, query.slice(0, 80))
        .toEqual({ status: 400, code: 'BAD_USER_INPUT' });
      expect.soft(text.length).toBeLessThan(1000);
    }
    const accepted = await service.graphql(`query ${'x'.repeat(100)} { ${'y'.repeat(100)}: viewer { id } }`);
    expect(accepted).toMatchObject({ status: 200, body: { data: { ['y'.repeat(100)]: null } } });
  });

  it('is accepted as the largest that gateways send: 1,000 users with ten badges and ten goals each', async ({
    service,
  }) => {
    const badge = 'id name description iconUrl dateAchieved';
    const goal = 'id title description status streakCount createdAt updatedAt version';
    const pages = `badges(first: 10) { ${badge} } goals(first: 10) { ${goal} } statistics { totalBadges totalGoals level }`;
    const { status, errors, data } = await service.graphql(entities(`id ${pages}`), { users: users(1000) });
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data._entities).toHaveLength(1000);
  });
});

describe('a mutation', () => {
  it('runs at most 100 queries for all its fields, and writes what a field over the limit writes', async ({
    service,
    createUser,
  }) => {
    const { token } = await createUser();
    const lists = range(12).map((n) => `b${n}: badges(first: ${n + 1}) { id }`);
    const fields = range(20).map(
      (n) => `m${n}: setTimeZone(input: { timeZone: "UTC" }) { user { ${lists.join(' ')} } }`,
    );
    service.statements.clear();
    const { errors } = await service.graphql(`mutation { ${fields.join(' ')} }`, {}, { token });
    expect(errors?.[0]).toMatchObject({ message: 'The operation needs more than 100 database queries' });
    // The response does not wait for the queries of other fields.
    await expect.poll(() => listsOf(service).length).toBe(100);
  });

  const create = (count: number, selection: string) =>
    `mutation { ${range(count)
      .map((n) => `m${n}: createGoal(input: { title: "goal ${n}" }) { goal { ${selection} } }`)
      .join(' ')} }`;

  it('has at most 20 fields, and one with more writes nothing', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const before = await db.rowCounts();
    const { status, errors } = await service.graphql(create(21, 'id'), {}, { token });
    expect({ status, message: errors?.[0].message }).toEqual({
      status: 400,
      message: 'The operation asks for up to 21 mutations; the maximum is 20.',
    });
    expect(await db.rowCounts()).toEqual(before);
    expect((await service.graphql(create(20, 'id'), {}, { token })).errors).toBeUndefined();
  });

  it('whose response can have more than 20 MB writes nothing', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const before = await db.rowCounts();
    const selection =
      'user { goals(first: 500) { title description } badges(first: 500) { name description iconUrl } }';
    const { status, errors } = await service.graphql(create(1, selection), {}, { token });
    expect(status).toBe(400);
    expect(errors?.[0].message).toMatch(/^The operation asks for up to \d+ bytes in the response to a mutation; /);
    expect(await db.rowCounts()).toEqual(before);
    const moderate = create(1, 'user { goals { title description } badges { name description iconUrl } }');
    expect((await service.graphql(moderate, {}, { token })).errors).toBeUndefined();
  });
});
