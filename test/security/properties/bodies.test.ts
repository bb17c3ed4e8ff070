import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it, type Target } from '../target.ts';
import { anyJson, anyText, mutated } from './arbitraries.ts';
import { assertProperty } from './property.ts';

type Members = Record<string, unknown>;

interface Route {
  method: string;
  path: string;
  /** The owner of the token; ada by default. */
  as?: 'tracker';
  /** Generates bodies, most of them valid. */
  body: fc.Arbitrary<Members>;
  /** Expects that the response and the rows have every member of the body. */
  expectStored?: (target: Target, sent: Json, received: Json) => Promise<void>;
}

const FIELDS = [
  'name',
  'description',
  'icon_url',
  'title',
  'status',
  'streak_count',
  'id',
  'auth_user_id',
  '__proto__',
  'constructor',
  '',
];
const VALUES = fc.oneof(
  anyJson(),
  fc.constantFrom(
    'not-started',
    'in_progress',
    'archived',
    'IN_PROGRESS',
    'completed',
    '/ok',
    'https://x.org',
    'ok',
    7,
  ),
);

/** Generates a valid object with some members changed, added or removed. */
function changed(valid: Members): fc.Arbitrary<Members> {
  const changes = fc.dictionary(
    fc.constantFrom(...FIELDS, ...Object.keys(valid)),
    fc.option(VALUES, { nil: undefined }),
    { maxKeys: 3 },
  );
  return changes.map((members) => ({ ...valid, ...members }));
}

const activities = fc
  .constantFrom('e-1', 'e-2', 'e-3', 'e-4', 'e-5', 'e-6')
  .chain((event_id) => changed({ event_id, verb: 'practice', object_id: 'lesson-1', goal_id: null, quantity: 2 }));

function storedValue(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.normalize('NFC');
  return name === 'status' ? text.replace('_', '-') : text;
}

const expectRowOf =
  (table: 'badges' | 'learning_goals') =>
  async ({ db: { sql } }: Target, sent: Json, received: Json): Promise<void> => {
    const [row] = await sql`select * from ${sql(table)} where id = ${received.id}`;
    expect([row?.auth_user_id, received.auth_user_id]).toEqual(['ada', 'ada']);
    for (const [name, value] of Object.entries(sent)) {
      // The streak of a goal with activities is computed.
      if (name === 'streak_count' && row?.first_activity_on != null) continue;
      const stored = storedValue(name, value);
      expect([row?.[name], received[name]]).toEqual([stored, stored]);
    }
  };

/** The generated activities have no time. */
async function expectActivity({ db: { sql } }: Target, sent: Json, { activity }: Json): Promise<void> {
  const [row] = await sql`
    select auth_user_id, event_id, verb, object_id, goal_id::int, quantity from activities where id = ${activity.id}`;
  const content = { auth_user_id: 'ada', object_id: null, goal_id: null, ...sent, quantity: sent.quantity ?? 1 };
  const userId = String(content.auth_user_id);
  const objectId = content.object_id?.normalize('NFC') ?? null;
  expect(row).toEqual({ ...content, auth_user_id: userId, object_id: objectId });
  expect({ ...activity, auth_user_id: String(activity.auth_user_id) }).toMatchObject({ ...row });
}

async function expectActivities(target: Target, sent: Json, { results }: Json): Promise<void> {
  expect(results).toHaveLength(sent.activities.length);
  for (const [index, result] of results.entries()) {
    if (/^(created|replayed)$/.test(result.status)) await expectActivity(target, sent.activities[index], result);
    else
      expect([result.status, result.activity ?? null]).toEqual([expect.stringMatching(/^(conflict|invalid)$/), null]);
  }
}

async function expectTimeZone({ db: { sql } }: Target, sent: Json, received: Json): Promise<void> {
  const [row] = await sql`
    select time_zone from user_time_zones where auth_user_id = 'ada' order by effective_from desc limit 1`;
  expect([row, received]).toEqual([sent, sent]);
}

const ROUTES: Route[] = [
  {
    method: 'POST',
    path: '/users/ada/badges',
    body: changed({ name: 'x', description: 'y', icon_url: '/z' }),
    expectStored: expectRowOf('badges'),
  },
  {
    method: 'POST',
    path: '/users/ada/goals',
    body: changed({ title: 'x', description: null, status: 'paused', streak_count: 3 }),
    expectStored: expectRowOf('learning_goals'),
  },
  {
    method: 'PUT',
    path: '/users/ada/goals/1',
    body: changed({ title: 'x', description: 'y', status: 'completed', streak_count: 3 }),
    expectStored: expectRowOf('learning_goals'),
  },
  { method: 'DELETE', path: '/users/ada/goals/999999', body: changed({}) },
  {
    method: 'POST',
    path: '/users/ada/activities',
    as: 'tracker',
    body: activities,
    expectStored: expectActivity,
  },
  {
    method: 'POST',
    path: '/users/activities',
    as: 'tracker',
    body: fc.record({
      activities: fc.array(
        activities.map((activity) => ({ auth_user_id: 'ada', ...activity })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    expectStored: expectActivities,
  },
  {
    method: 'PUT',
    path: '/users/ada/timezone',
    body: changed({ time_zone: 'Europe/Berlin' }),
    expectStored: expectTimeZone,
  },
];

const routeAt = (index: number) => ROUTES[index] as Route;

/** The index of a route, and a body in base64. */
const requests = fc.nat(ROUTES.length - 1).chain((index) => {
  const text = routeAt(index).body.map((members) => JSON.stringify(members));
  const body = fc.oneof(
    { weight: 4, arbitrary: text },
    {
      weight: 2,
      arbitrary: mutated(
        text,
        fc.oneof(fc.constantFrom('"', '{', '}', '[', ',', ':', '\\u0000', '\\ud800', '1e999', '//'), anyText(20)),
      ),
    },
    { weight: 2, arbitrary: anyJson().map((json) => JSON.stringify(json)) },
    { weight: 1, arbitrary: anyText(200) },
  );
  return fc.record({ index: fc.constant(index), body: body.map((one) => Buffer.from(one).toString('base64')) });
});

const STATUSES = [200, 400, 404, 409, 422];

describe('every body', () => {
  it('of a write in REST is stored completely or rejected', { timeout: 60_000 }, async ({ target }) => {
    await assertProperty(target, { values: requests, runs: 300 }, async ({ index, body: base64 }, request) => {
      const { method, path, as = 'ada', expectStored } = routeAt(index);
      const { status, body } = await request({
        method,
        path,
        token: target[as].token,
        base64,
        headers: { 'content-type': 'application/json' },
      });
      expect(STATUSES, JSON.stringify(body)).toContain(status);
      const sent = Buffer.from(base64, 'base64').toString();
      if (status === 200) await expectStored?.(target, JSON.parse(sent), body);
    });
  });

  it('of a POST to /graphql is executed or rejected', { timeout: 60_000 }, async ({ target }) => {
    const operation = {
      query: 'query Q($n: Int) { viewer { goals(first: $n) { id } } }',
      variables: { n: 1 },
      operationName: 'Q',
    };
    const members = fc.constantFrom(
      'query',
      'variables',
      'operationName',
      'extensions',
      'id',
      '__proto__',
      'constructor',
    );
    const bodies = fc
      .dictionary(members, fc.option(anyJson(), { nil: undefined }), { maxKeys: 2 })
      .map((changes) => JSON.stringify({ ...operation, ...changes }));
    const values = fc.oneof(
      bodies,
      mutated(bodies, anyText(20)),
      anyJson().map((json) => JSON.stringify(json)),
    );
    await assertProperty(target, { values, runs: 150 }, async (text, request) => {
      const { status, body } = await request({
        base64: Buffer.from(text).toString('base64'),
        token: target.ada.token,
        headers: { 'content-type': 'application/json' },
      });
      expect([200, 400]).toContain(status);
      expect(body.data === undefined || body.errors === undefined || status === 200).toBe(true);
    });
  });
});
