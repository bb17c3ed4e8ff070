import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { codesIn } from '../attack.ts';
import { it as base, type Target } from '../target.ts';
import { anyText, mutated } from './arbitraries.ts';
import { assertProperty } from './property.ts';

const LISTS = `query ($after: String) { _entities(representations: [{ __typename: "User", id: "reader" }]) { ... on User {
  badges(after: $after) { id } badgesConnection(after: $after) { nodes { id } }
} } }`;
const CURSORS = `{ _entities(representations: [{ __typename: "User", id: "reader" }]) { ... on User {
  badgesConnection { edges { cursor } } goalsConnection { edges { cursor } }
} } }`;

/** All cursors of a user with seven badges and seven goals, at extreme and equal instants, two with ids of v1. */
const it = base.extend('cursors', { scope: 'file' }, async ({ target: { db, service } }) => {
  const days = [
    '2026-03-01 09:30',
    '2026-03-01 09:30:00.000001',
    '2026-03-01 09:30:00.1',
    '1970-01-01',
    '0001-01-01',
    '9999-12-31 23:59:59.999999',
  ];
  await db.sql`insert into auth_users (id) values ('reader')`;
  for (const at of [...days, days[0] ?? '']) {
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      values ('reader', 'x', 'x', '/x', ${at}::timestamp at time zone 'UTC')`;
    await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      values ('reader', 'x', 'paused', 0, ${at}::timestamp at time zone 'UTC', now())`;
  }
  for (const table of ['badges', 'learning_goals'] as const) {
    const ids = db.sql`select id, -row_number() over (order by id desc) + 1 as v1_id from ${db.sql(table)}
      where auth_user_id = 'reader' order by id desc limit 2`;
    await db.sql`update ${db.sql(table)} t set id = v1_id from (${ids}) ids where t.id = ids.id and auth_user_id = 'reader'`;
  }
  const { data } = await service.graphql(CURSORS);
  const [{ badgesConnection, goalsConnection }] = data._entities;
  return [...badgesConnection.edges, ...goalsConnection.edges].map(({ cursor }: Json): string => cursor);
});

/** Generates cursors: unchanged, mutated as text, or decoded, mutated and encoded. */
function cursorsLike(cursors: string[]): fc.Arbitrary<string> {
  const real = fc.constantFrom(...cursors);
  const decoded = mutated(
    real.map((cursor) => Buffer.from(cursor, 'base64url').toString()),
    fc.oneof(
      fc.constantFrom(' ', '0', '9', '-', ':', 'Z', '.', '\0', '+00', 'infinity', '9999999999999999'),
      anyText(20),
    ),
  );
  const encoded = fc.tuple(decoded, fc.constantFrom('base64url', 'base64', 'hex', 'latin1'));
  return fc.oneof(
    { weight: 1, arbitrary: real },
    {
      weight: 3,
      arbitrary: mutated(real, fc.oneof(fc.constantFrom('=', '+', '/', '-', '_', 'A', ' ', '%'), anyText(20))),
    },
    { weight: 3, arbitrary: encoded.map(([text, encoding]) => Buffer.from(text).toString(encoding as BufferEncoding)) },
    { weight: 1, arbitrary: anyText(220) },
  );
}

const idsIn = (rows: Json[]) => rows.map(({ id }) => Number(id));
const allIds = async ({ service }: Target) => idsIn((await service.rest('/users/reader/badges')).body);

describe('every cursor', () => {
  it('continues the list to its end or is rejected, equally in all APIs', { timeout: 60_000 }, async ({
    target,
    cursors,
  }) => {
    expect(cursors).toHaveLength(14);
    const all = await allIds(target);
    await assertProperty(target, { values: cursorsLike(cursors), runs: 250 }, async (after, request) => {
      const listed = await request({ graphql: LISTS, variables: { after } });
      const paged = await request({ path: `/users/reader/badges?after=${encodeURIComponent(after.toWellFormed())}` });
      if (paged.status !== 200) {
        expect(cursors).not.toContain(after);
        expect([paged.status, codesIn(paged.body)]).toEqual([422, ['BAD_USER_INPUT']]);
        expect(codesIn(listed.body)).toEqual(['BAD_USER_INPUT']);
        return;
      }
      expect(Buffer.from(after, 'base64url').toString('base64url'), 'canonical encoding').toBe(after);
      const ids = idsIn(paged.body);
      expect(ids).toEqual(all.slice(all.length - ids.length));
      const [{ badges, badgesConnection }] = listed.body.data._entities;
      expect([idsIn(badges), idsIn(badgesConnection.nodes)]).toEqual([ids, ids]);
    });
  });

  it('and every limit and skip select a page or are rejected', { timeout: 60_000 }, async ({ target, cursors }) => {
    const all = idsIn((await target.service.rest('/users/reader/goals')).body);
    expect(all).toHaveLength(cursors.length / 2);
    const numbers = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 8 }).map(String) },
      { weight: 1, arbitrary: fc.integer({ min: -2, max: 502 }).map(String) },
      { weight: 1, arbitrary: fc.double().map(String) },
      { weight: 1, arbitrary: anyText(20) },
    );
    let pages = 0;
    await assertProperty(target, { values: fc.tuple(numbers, numbers), runs: 100 }, async ([limit, skip], request) => {
      const query = [`limit=${limit}`, `skip=${skip}`].map((pair) =>
        encodeURIComponent(pair.toWellFormed()).replace('%3D', '='),
      );
      const { status, body } = await request({ path: `/users/reader/goals?${query.join('&')}` });
      expect([200, 422]).toContain(status);
      if (status !== 200) return;
      expect(idsIn(body)).toEqual(all.slice(Number(skip), Number(skip) + Number(limit)));
      if (body.length > 0) pages++;
    });
    expect(pages).toBeGreaterThan(10);
  });
});
