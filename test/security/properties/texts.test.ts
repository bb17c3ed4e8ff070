import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { isStorable } from '../rules.ts';
import { it, type Target } from '../target.ts';
import { anyText } from './arbitraries.ts';
import { assertProperty, type SendRequest } from './property.ts';

interface Field {
  table: 'badges' | 'learning_goals';
  column: string;
  max: number;
  min?: number;
  multiline?: boolean;
}

const FIELDS: Field[] = [
  { table: 'learning_goals', column: 'title', max: 200 },
  { table: 'learning_goals', column: 'description', max: 2000, min: 0, multiline: true },
  { table: 'badges', column: 'name', max: 100 },
  { table: 'badges', column: 'description', max: 500, multiline: true },
];

const GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { created: goal { id } } }';
const BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { created: badge { id } } }';

const values = fc
  .constantFrom(...FIELDS)
  .chain((field) => fc.record({ field: fc.constant(field), text: anyText(field.max) }));

/** Creates an object with the text over REST and over GraphQL. Returns the error codes and the ids of created ones. */
async function create(
  { ada: { token } }: Target,
  request: SendRequest,
  { field: { table, column }, text }: { field: Field; text: string },
) {
  const isGoal = table === 'learning_goals';
  const rest = isGoal
    ? { title: 'x', [column]: text }
    : { name: 'x', description: 'x', icon_url: '/x', [column]: text };
  const input = isGoal ? rest : { name: 'x', description: 'x', iconUrl: '/x', [column]: text };
  const posted = await request({ path: `/users/ada/${isGoal ? 'goals' : 'badges'}`, token, body: rest });
  const mutated = await request({ graphql: isGoal ? GOAL : BADGE, variables: { input }, token });
  const rejections = [codesIn(posted.body), codesIn(mutated.body)];
  const { createGoal, createBadge } = mutated.body.data ?? {};
  return {
    rejections,
    ids: [posted.body.id, (createGoal ?? createBadge)?.created.id].filter((id) => id !== undefined),
  };
}

describe('every text', () => {
  it('is stored in NFC and otherwise unchanged, or is rejected in both APIs', { timeout: 60_000 }, async ({
    target,
  }) => {
    await assertProperty(target, { values, runs: 200 }, async ({ field, text }, request) => {
      const { rejections, ids } = await create(target, request, { field, text });
      const storable = isStorable(text, field.max, field);
      expect(rejections).toEqual(storable ? [[], []] : [['BAD_USER_INPUT'], ['BAD_USER_INPUT']]);
      const { sql } = target.db;
      const rows =
        await sql`delete from ${sql(field.table)} where id = any(${ids}) returning ${sql(field.column)} as text`;
      expect(rows.map((row) => row.text)).toEqual(storable ? Array(2).fill(text.normalize('NFC')) : []);
    });
  });

  it('is accepted as an icon only if it is an HTTP URL or a path', { timeout: 60_000 }, async ({ target }) => {
    const icons = fc.oneof(
      anyText(500),
      fc.webUrl(),
      fc.webPath(),
      fc.constantFrom('//x', '/\\x', 'javascript:1', 'https:', 'http://', 'HTTPS://x'),
    );
    await assertProperty(target, { values: icons, runs: 80 }, async (icon, request) => {
      const { status, body } = await request({
        path: '/users/ada/badges',
        token: target.ada.token,
        body: { name: 'x', description: 'x', icon_url: icon },
      });
      expect([200, 422]).toContain(status);
      if (status === 422) return;
      expect(body.icon_url).toBe(icon.normalize('NFC'));
      expect(body.icon_url).toMatch(/^(https?:\/\/[^\s/]|\/(?![/\\]))/i);
      await target.db.sql`delete from badges where id = ${body.id}`;
    });
  });
});
