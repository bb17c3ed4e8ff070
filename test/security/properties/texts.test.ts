import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { isStorable } from '../rules.ts';
import { it, type Stage } from '../stage.ts';
import { anyText } from './arbitraries.ts';
import { type Ask, holds } from './property.ts';

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

const GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { made: goal { id } } }';
const BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { made: badge { id } } }';

const values = fc
  .constantFrom(...FIELDS)
  .chain((field) => fc.record({ field: fc.constant(field), text: anyText(field.max) }));

/** Creates what has this text over REST and over GraphQL; the ids, none where it was refused. */
async function create(
  { ada: { token } }: Stage,
  ask: Ask,
  { field: { table, column }, text }: { field: Field; text: string },
) {
  const isGoal = table === 'learning_goals';
  const rest = isGoal
    ? { title: 'x', [column]: text }
    : { name: 'x', description: 'x', icon_url: '/x', [column]: text };
  const input = isGoal ? rest : { name: 'x', description: 'x', iconUrl: '/x', [column]: text };
  const posted = await ask({ path: `/users/ada/${isGoal ? 'goals' : 'badges'}`, token, body: rest });
  const mutated = await ask({ graphql: isGoal ? GOAL : BADGE, variables: { input }, token });
  const refusals = [codesIn(posted.body), codesIn(mutated.body)];
  const { createGoal, createBadge } = mutated.body.data ?? {};
  return { refusals, ids: [posted.body.id, (createGoal ?? createBadge)?.made.id].filter((id) => id !== undefined) };
}

describe('whatever a text is', () => {
  it('it is stored composed, and else as it was sent, or refused everywhere', { timeout: 60_000 }, async ({
    stage,
  }) => {
    await holds(stage, { values, runs: 200 }, async ({ field, text }, ask) => {
      const { refusals, ids } = await create(stage, ask, { field, text });
      const good = isStorable(text, field.max, field);
      expect(refusals).toEqual(good ? [[], []] : [['BAD_USER_INPUT'], ['BAD_USER_INPUT']]);
      const { sql } = stage.db;
      const rows =
        await sql`delete from ${sql(field.table)} where id = any(${ids}) returning ${sql(field.column)} as text`;
      expect(rows.map((row) => row.text)).toEqual(good ? Array(2).fill(text.normalize('NFC')) : []);
    });
  });

  it('it is no icon unless it is an address', { timeout: 60_000 }, async ({ stage }) => {
    const icons = fc.oneof(
      anyText(500),
      fc.webUrl(),
      fc.webPath(),
      fc.constantFrom('//x', '/\\x', 'javascript:1', 'https:', 'http://', 'HTTPS://x'),
    );
    await holds(stage, { values: icons, runs: 80 }, async (icon, ask) => {
      const { status, body } = await ask({
        path: '/users/ada/badges',
        token: stage.ada.token,
        body: { name: 'x', description: 'x', icon_url: icon },
      });
      expect([200, 422]).toContain(status);
      if (status === 422) return;
      expect(body.icon_url).toBe(icon.normalize('NFC'));
      expect(body.icon_url).toMatch(/^(https?:\/\/[^\s/]|\/(?![/\\]))/i);
      await stage.db.sql`delete from badges where id = ${body.id}`;
    });
  });
});
