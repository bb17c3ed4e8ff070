import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it, type Stage } from '../stage.ts';
import { anyJson, anyText, mutated } from './arbitraries.ts';
import { holds } from './property.ts';

interface Route {
  method: string;
  path: string;
  /** A body that is fine. */
  good: Record<string, unknown>;
}

const ROUTES: Route[] = [
  { method: 'POST', path: '/users/ada/badges', good: { name: 'x', description: 'y', icon_url: '/z' } },
  {
    method: 'POST',
    path: '/users/ada/goals',
    good: { title: 'x', description: null, status: 'paused', streak_count: 3 },
  },
  {
    method: 'PUT',
    path: '/users/ada/goals/1',
    good: { title: 'x', description: 'y', status: 'completed', streak_count: 3 },
  },
  { method: 'DELETE', path: '/users/ada/goals/999999', good: {} },
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

/** A good body with some members changed, added or taken away. */
function changedBody(good: Record<string, unknown>): fc.Arbitrary<string> {
  const changes = fc.dictionary(
    fc.constantFrom(...FIELDS, ...Object.keys(good)),
    fc.option(VALUES, { nil: undefined }),
    { maxKeys: 3 },
  );
  return changes.map((changed) => JSON.stringify({ ...good, ...changed }));
}

const requests = fc.constantFrom(...ROUTES).chain((route) => {
  const changed = changedBody(route.good);
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

/** Every member of a body is in the answer and in the row that the answer is about. */
async function expectStored({ db: { sql } }: Stage, { path }: Route, [sent, told]: [Json, Json]): Promise<void> {
  const table = path.includes('badges') ? 'badges' : 'learning_goals';
  const [row] = await sql`select * from ${sql(table)} where id = ${told.id}`;
  expect([row?.auth_user_id, told.auth_user_id]).toEqual(['ada', 'ada']);
  for (const [name, value] of Object.entries(sent)) {
    const text = typeof value === 'string' ? value.normalize('NFC') : value;
    const kept = name === 'status' ? String(text).replace('_', '-') : text;
    expect([row?.[name], told[name]]).toEqual([kept, kept]);
  }
}

describe('whatever a body is', () => {
  it('on every route that writes, it does what it says or nothing', { timeout: 60_000 }, async ({ stage }) => {
    await holds(stage, { values: requests, runs: 300 }, async ({ route, body: base64 }, ask) => {
      const { status, body } = await ask({
        ...route,
        token: stage.ada.token,
        base64,
        headers: { 'content-type': 'application/json' },
      });
      expect(STATUSES, JSON.stringify(body)).toContain(status);
      const sent = Buffer.from(base64, 'base64').toString();
      if (status === 200) await expectStored(stage, route, [JSON.parse(sent), body]);
    });
  });

  it('at /graphql, it is an operation or refused', { timeout: 60_000 }, async ({ stage }) => {
    const good = {
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
      .map((changes) => JSON.stringify({ ...good, ...changes }));
    const values = fc.oneof(
      changed,
      mutated(changed, anyText(20)),
      anyJson().map((json) => JSON.stringify(json)),
    );
    await holds(stage, { values, runs: 150 }, async (text, ask) => {
      const { status, body } = await ask({
        base64: Buffer.from(text).toString('base64'),
        token: stage.ada.token,
        headers: { 'content-type': 'application/json' },
      });
      expect([200, 400]).toContain(status);
      expect(body.data === undefined || body.errors === undefined || status === 200).toBe(true);
    });
  });
});
