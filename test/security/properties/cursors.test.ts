import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { codesIn } from '../attack.ts';
import { it as base, type Stage } from '../stage.ts';
import { anyText, mutated } from './arbitraries.ts';
import { holds } from './property.ts';

const LISTS = `query ($after: String) { _entities(representations: [{ __typename: "User", id: "reader" }]) { ... on User {
  badges(after: $after) { id } badgesConnection(after: $after) { nodes { id } }
} } }`;
const CURSORS = `{ _entities(representations: [{ __typename: "User", id: "reader" }]) { ... on User {
  badgesConnection { edges { cursor } } goalsConnection { edges { cursor } }
} } }`;

/** Every real cursor of somebody with seven badges and goals, at instants as odd as PostgreSQL has them. */
const it = base.extend('cursors', { scope: 'file' }, async ({ stage: { db, service } }) => {
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
  const { data } = await service.graphql(CURSORS);
  const [{ badgesConnection, goalsConnection }] = data._entities;
  return [...badgesConnection.edges, ...goalsConnection.edges].map(({ cursor }: Json): string => cursor);
});

/** Real ones changed as text, or changed inside and encoded again. */
function cursorsLike(cursors: string[]): fc.Arbitrary<string> {
  const real = fc.constantFrom(...cursors);
  const inside = mutated(
    real.map((cursor) => Buffer.from(cursor, 'base64url').toString()),
    fc.oneof(
      fc.constantFrom(' ', '0', '9', '-', ':', 'Z', '.', '\0', '+00', 'infinity', '9999999999999999'),
      anyText(20),
    ),
  );
  const encoded = fc.tuple(inside, fc.constantFrom('base64url', 'base64', 'hex', 'latin1'));
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
const allIds = async ({ service }: Stage) => idsIn((await service.rest('/users/reader/badges')).body);

describe('whatever a cursor is', () => {
  it('it is followed to the end of the list, or refused, and everywhere alike', { timeout: 60_000 }, async ({
    stage,
    cursors,
  }) => {
    expect(cursors).toHaveLength(14);
    const all = await allIds(stage);
    await holds(stage, { values: cursorsLike(cursors), runs: 250 }, async (after, ask) => {
      const listed = await ask({ graphql: LISTS, variables: { after } });
      const paged = await ask({ path: `/users/reader/badges?after=${encodeURIComponent(after.toWellFormed())}` });
      if (paged.status !== 200) {
        expect([paged.status, codesIn(paged.body)]).toEqual([422, ['BAD_USER_INPUT']]);
        expect(codesIn(listed.body)).toEqual(['BAD_USER_INPUT']);
        return;
      }
      expect(Buffer.from(after, 'base64url').toString('base64url'), 'one spelling').toBe(after);
      const ids = idsIn(paged.body);
      expect(ids).toEqual(all.slice(all.length - ids.length));
      const [{ badges, badgesConnection }] = listed.body.data._entities;
      expect([idsIn(badges), idsIn(badgesConnection.nodes)]).toEqual([ids, ids]);
    });
  });

  it('and so is any number of a page', { timeout: 60_000 }, async ({ stage }) => {
    const numbers = fc.oneof(fc.integer({ min: -2, max: 502 }).map(String), fc.double().map(String), anyText(20));
    await holds(stage, { values: fc.tuple(numbers, numbers), runs: 100 }, async ([limit, skip], ask) => {
      const query = [`limit=${limit}`, `skip=${skip}`].map((pair) =>
        encodeURIComponent(pair.toWellFormed()).replace('%3D', '='),
      );
      const { status, body } = await ask({ path: `/users/reader/goals?${query.join('&')}` });
      expect([200, 422]).toContain(status);
      if (status === 200) expect(body).toHaveLength(Math.max(0, Math.min(Number(limit), 7 - Number(skip))));
    });
  });
});
