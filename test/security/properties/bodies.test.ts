import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it, type Target } from '../target.ts';
import { anyJson, anyText, mutated } from './arbitraries.ts';
import { assertProperty } from './property.ts';

interface Route {
  method: string;
  path: string;
  /** A valid body. */
  valid: Record<string, unknown>;
}

const ROUTES: Route[] = [
  { method: 'POST', path: '/users/ada/badges', valid: { name: 'x', description: 'y', icon_url: '/z' } },
  {
    method: 'POST',
    path: '/users/ada/goals',
    valid: { title: 'x', description: null, status: 'paused', streak_count: 3 },
  },
  {
    method: 'PUT',
    path: '/users/ada/goals/1',
    valid: { title: 'x', description: 'y', status: 'completed', streak_count: 3 },
  },
  { method: 'DELETE', path: '/users/ada/goals/999999', valid: {} },
];

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

/** Generates valid bodies with some members changed, added or removed. */
function changedBody(valid: Record<string, unknown>): fc.Arbitrary<string> {
  const changes = fc.dictionary(
    fc.constantFrom(...FIELDS, ...Object.keys(valid)),
    fc.option(VALUES, { nil: undefined }),
    { maxKeys: 3 },
  );
  return changes.map((changed) => JSON.stringify({ ...valid, ...changed }));
}

const requests = fc.constantFrom(...ROUTES).chain((route) => {
  const changed = changedBody(route.valid);
  const body = fc.oneof(
    { weight: 4, arbitrary: changed },
    {
      weight: 2,
      arbitrary: mutated(
        changed,
        fc.oneof(fc.constantFrom('"', '{', '}', '[', ',', ':', '\\u0000', '\\ud800', '1e999', '//'), anyText(20)),
      ),
    },
    { weight: 2, arbitrary: anyJson().map((json) => JSON.stringify(json)) },
    { weight: 1, arbitrary: anyText(200) },
  );
  return fc.record({ route: fc.constant(route), body: body.map((text) => Buffer.from(text).toString('base64')) });
});

const STATUSES = [200, 400, 404, 422];

/** Expects every member of the body in the response and in its row. */
async function expectStored({ db: { sql } }: Target, { path }: Route, [sent, received]: [Json, Json]): Promise<void> {
  const table = path.includes('badges') ? 'badges' : 'learning_goals';
  const [row] = await sql`select * from ${sql(table)} where id = ${received.id}`;
  expect([row?.auth_user_id, received.auth_user_id]).toEqual(['ada', 'ada']);
  for (const [name, value] of Object.entries(sent)) {
    const text = typeof value === 'string' ? value.normalize('NFC') : value;
    const stored = name === 'status' ? String(text).replace('_', '-') : text;
    expect([row?.[name], received[name]]).toEqual([stored, stored]);
  }
}

describe('every body', () => {
  it('of a write in REST is stored completely or rejected', { timeout: 60_000 }, async ({ target }) => {
    await assertProperty(target, { values: requests, runs: 300 }, async ({ route, body: base64 }, request) => {
      const { status, body } = await request({
        ...route,
        token: target.ada.token,
        base64,
        headers: { 'content-type': 'application/json' },
      });
      expect(STATUSES, JSON.stringify(body)).toContain(status);
      const sent = Buffer.from(base64, 'base64').toString();
      if (status === 200) await expectStored(target, route, [JSON.parse(sent), body]);
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
    const changed = fc
      .dictionary(members, fc.option(anyJson(), { nil: undefined }), { maxKeys: 2 })
      .map((changes) => JSON.stringify({ ...operation, ...changes }));
    const values = fc.oneof(
      changed,
      mutated(changed, anyText(20)),
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
