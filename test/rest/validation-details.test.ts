import { describe, expect, goalBody, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

const typesIn = ({ detail }: Json) => detail.map(({ loc, type }: Json) => [...loc, type].join(' '));

/** Values of a member of a goal, with the types that FastAPI 0.142 and pydantic 2.13 give them. */
const VALUES: [member: string, value: unknown, type: string][] = [
  ['title', null, 'string_type'],
  ['title', 7, 'string_type'],
  ['title', [], 'string_type'],
  ['title', '', 'string_too_short'],
  ['title', 'x'.repeat(201), 'string_too_long'],
  ['description', 7, 'string_type'],
  ['status', null, 'enum'],
  ['status', 7, 'enum'],
  ['status', 'done', 'enum'],
  ['streak_count', null, 'int_type'],
  ['streak_count', [], 'int_type'],
  ['streak_count', 'x', 'int_parsing'],
  ['streak_count', 1.5, 'int_from_float'],
  ['streak_count', -1, 'greater_than_equal'],
  ['streak_count', 2_147_483_648, 'less_than_equal'],
  ['times_per_week', 'x', 'int_parsing'],
  ['times_per_week', 0, 'greater_than_equal'],
  ['unknown', 1, 'extra_forbidden'],
];

describe('the detail of an invalid value has the type of FastAPI, once for each value:', () => {
  it.for(VALUES)('%s %j is %s', async ([member, value, type], { service, createUser }) => {
    const { id, token } = await createUser();
    const { body: goal } = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
    const requests = [
      { path: `/users/${id}/goals`, method: 'POST', body: goalBody({ [member]: value }) },
      { path: `/users/${id}/goals/${goal.id}`, method: 'PUT', body: { [member]: value } },
    ];
    for (const { path, ...request } of requests) {
      const { status, body } = await service.rest(path, { token, ...request });
      expect([status, typesIn(body)]).toEqual([422, [`body ${member} ${type}`]]);
    }
  });

  it.for<[body: string, type: string]>([
    ['', 'missing'],
    ['null', 'missing'],
    ['[]', 'model_attributes_type'],
    ['7', 'model_attributes_type'],
    ['"x"', 'model_attributes_type'],
    ['false', 'model_attributes_type'],
  ])('the body %j is %s', async ([body, type], { service, createUser }) => {
    const { id, token } = await createUser();
    const response = await service.rest(`/users/${id}/goals`, { method: 'POST', token, body });
    expect([response.status, typesIn(response.body)]).toEqual([422, [`body ${type}`]]);
  });

  it('an absent member is missing, and a value that is no list is list_type', async ({ service, auth, createUser }) => {
    const { id, token } = await createUser();
    const goal = await service.rest(`/users/${id}/goals`, { token, body: {} });
    expect(typesIn(goal.body)).toEqual(['body title missing']);
    const recorder = await auth.token(id, { scope: 'activity:write' });
    const batch = await service.rest('/users/activities', { token: recorder, body: { activities: 7 } });
    expect(typesIn(batch.body)).toEqual(['body activities list_type']);
  });

  it.for<[path: string, type: string]>([
    ['goals/x', 'path goal_id int_parsing'],
    ['goals/1.5', 'path goal_id int_parsing'],
    ['goals/0', 'path goal_id greater_than_equal'],
    ['goals/-1', 'path goal_id greater_than_equal'],
    ['goals?limit=abc', 'query limit int_parsing'],
    ['goals?limit=', 'query limit int_parsing'],
    ['goals?limit=0', 'query limit greater_than_equal'],
    ['goals?limit=501', 'query limit less_than_equal'],
  ])('%s is %s', async ([path, type], { service }) => {
    const { status, body } = await service.rest(`/users/ada/${path}`);
    expect([status, typesIn(body)]).toEqual([422, [type]]);
  });
});
