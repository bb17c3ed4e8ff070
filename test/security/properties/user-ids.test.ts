import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { isUserId } from '../rules.ts';
import { it } from '../stage.ts';
import { anyId } from './arbitraries.ts';
import { holds } from './property.ts';

const REPRESENTED = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id } } }';
const LEARNER = 'query ($id: ID!) { learner(id: $id) { id } }';
const CREATE = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';

/** What becomes of an id that is one, and of one that is none. */
const GOOD = { codes: [], entity: (id: string) => ({ id }), list: [200], profile: [404], calls: 1 };
const BAD = { codes: ['BAD_USER_INPUT'], entity: () => null, list: [404, 422], profile: [404, 422], calls: 0 };

describe('whatever an id is', () => {
  it('representations and arguments agree on whether it is one', { timeout: 60_000 }, async ({ stage }) => {
    await holds(stage, { values: anyId(), runs: 150, calls: { each: 1 } }, async (id, ask) => {
      const expected = isUserId(id) ? GOOD : BAD;
      const calls = stage.auth.calls.length;
      const entities = await ask({ graphql: REPRESENTED, variables: { r: [{ __typename: 'User', id }] } });
      expect(entities.body.data._entities).toEqual([expected.entity(id)]);
      const learner = await ask({ graphql: LEARNER, variables: { id } });
      expect([codesIn(entities.body), codesIn(learner.body)]).toEqual([expected.codes, expected.codes]);
      expect(stage.auth.calls.length - calls).toBeLessThanOrEqual(expected.calls);
    });
  });

  it('paths and literals agree on whether it is one', { timeout: 60_000 }, async ({ stage }) => {
    const values = anyId().filter((id) => id.isWellFormed());
    await holds(stage, { values, runs: 100, calls: { each: 2 } }, async (id, ask) => {
      const expected = isUserId(id) ? GOOD : BAD;
      const calls = stage.auth.calls.length;
      const literal = await ask({ graphql: `{ learner(id: ${JSON.stringify(id)}) { id } }` });
      expect(codesIn(literal.body)).toEqual(expected.codes);
      const path = `/users/${encodeURIComponent(id)}`;
      expect(expected.list).toContain((await ask({ path: `${path}/badges` })).status);
      expect(expected.list).toContain((await ask({ path: `${path}/goals/` })).status);
      if (id !== 'me') expect(expected.profile).toContain((await ask({ path })).status);
      expect(stage.auth.calls.length - calls).toBeLessThanOrEqual(expected.calls * 2);
    });
  });

  it('only one’s own, letter for letter, is open to one’s token', { timeout: 60_000 }, async ({ stage }) => {
    const { token } = stage.ada;
    const values = anyId().filter((id) => id !== stage.ada.id);
    await holds(stage, { values, runs: 80 }, async (id, ask) => {
      const path = `/users/${encodeURIComponent(id.toWellFormed())}/goals`;
      expect([403, 404]).toContain((await ask({ path, token, body: { title: 'for whom?' } })).status);
      const create = { graphql: CREATE, variables: { input: { userId: id, title: 'for whom?' } }, token };
      expect(codesIn((await ask(create)).body)).toEqual(['FORBIDDEN']);
    });
  });
});
