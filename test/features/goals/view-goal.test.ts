import { describe, expect, goalBody, it } from '../../support/fixtures.ts';

const GOAL = `query($id: ID!) {
  goal(id: $id) { id title description status streakCount createdAt updatedAt version user { id } }
}`;

describe('goal(id)', () => {
  it('returns the goal of any user without a token', async ({ service, createUser }) => {
    const ada = await createUser();
    const { body } = await service.rest(`/users/${ada.id}/goals`, { token: ada.token, body: goalBody() });
    const { data, errors } = await service.graphql(GOAL, { id: String(body.id) });
    expect(errors).toBeUndefined();
    expect(data.goal).toEqual({
      id: String(body.id),
      title: body.title,
      description: null,
      status: 'IN_PROGRESS',
      streakCount: 0,
      createdAt: body.created_at,
      updatedAt: body.updated_at,
      version: 1,
      user: { id: ada.id },
    });
  });

  it('is null when no goal has the id', async ({ service }) => {
    expect(await service.graphql(GOAL, { id: '999999999' })).toMatchObject({
      status: 200,
      data: { goal: null },
      errors: undefined,
    });
  });

  it.for(['', '0', '-1', '1.5', 'x', '9007199254740993', '\u0000'])(
    'returns BAD_USER_INPUT without a statement for the invalid id %j',
    async (id, { service }) => {
      service.statements.clear();
      const { status, data, errors } = await service.graphql(GOAL, { id });
      expect({ status, data }).toEqual({ status: 200, data: { goal: null } });
      expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_USER_INPUT', field: 'id' }]);
      expect(service.statements).toEqual([]);
    },
  );
});
