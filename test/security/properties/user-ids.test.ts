import { describe, expect } from '../../support/fixtures.ts';
import { codesIn } from '../attack.ts';
import { isUserId } from '../rules.ts';
import { it } from '../target.ts';
import { anyId } from './arbitraries.ts';
import { assertProperty } from './property.ts';

const ENTITY = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id } } }';
const LEARNER = 'query ($id: ID!) { learner(id: $id) { id } }';
const CREATE = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';

/** The expected results of valid and invalid ids. */
const VALID = { codes: [], entity: (id: string) => ({ id }), list: [200], profile: [404], calls: 1 };
const INVALID = { codes: ['BAD_USER_INPUT'], entity: () => null, list: [404, 422], profile: [404, 422], calls: 0 };

describe('every user id', () => {
  it('is valid or invalid equally in representations and arguments', { timeout: 60_000 }, async ({ target }) => {
    await assertProperty(target, { values: anyId(), runs: 150, upstreamCalls: { perRun: 1 } }, async (id, request) => {
      const expected = isUserId(id) ? VALID : INVALID;
      const calls = target.auth.calls.length;
      const entities = await request({ graphql: ENTITY, variables: { r: [{ __typename: 'User', id }] } });
      expect(entities.body.data._entities).toEqual([expected.entity(id)]);
      const learner = await request({ graphql: LEARNER, variables: { id } });
      expect([codesIn(entities.body), codesIn(learner.body)]).toEqual([expected.codes, expected.codes]);
      expect(target.auth.calls.length - calls).toBeLessThanOrEqual(expected.calls);
    });
  });

  it('is valid or invalid equally in paths and literals', { timeout: 60_000 }, async ({ target }) => {
    const values = anyId().filter((id) => id.isWellFormed());
    await assertProperty(target, { values, runs: 100, upstreamCalls: { perRun: 2 } }, async (id, request) => {
      const expected = isUserId(id) ? VALID : INVALID;
      const calls = target.auth.calls.length;
      const literal = await request({ graphql: `{ learner(id: ${JSON.stringify(id)}) { id } }` });
      expect(codesIn(literal.body)).toEqual(expected.codes);
      const path = `/users/${encodeURIComponent(id)}`;
      expect(expected.list).toContain((await request({ path: `${path}/badges` })).status);
      expect(expected.list).toContain((await request({ path: `${path}/goals/` })).status);
      if (id !== 'me' && id !== 'activities') expect(expected.profile).toContain((await request({ path })).status);
      expect(target.auth.calls.length - calls).toBeLessThanOrEqual(expected.calls * 2);
    });
  });

  it('other than the exact id of the viewer is rejected for writes', { timeout: 60_000 }, async ({ target }) => {
    const { token } = target.ada;
    const values = anyId().filter((id) => id !== target.ada.id);
    await assertProperty(target, { values, runs: 80 }, async (id, request) => {
      const path = `/users/${encodeURIComponent(id.toWellFormed())}/goals`;
      expect([403, 404]).toContain((await request({ path, token, body: { title: 'for another user' } })).status);
      const create = { graphql: CREATE, variables: { input: { userId: id, title: 'for another user' } }, token };
      expect(codesIn((await request(create)).body)).toEqual(['FORBIDDEN']);
    });
  });
});
