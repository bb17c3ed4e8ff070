import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';

const BADGE = 'query($id: ID!) { badge(id: $id) { id name description iconUrl dateAchieved user { id } } }';

describe('badge(id)', () => {
  it('returns the badge of any user without a token', async ({ service, createUser }) => {
    const ada = await createUser();
    const { body } = await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    const { data, errors } = await service.graphql(BADGE, { id: String(body.id) });
    expect(errors).toBeUndefined();
    expect(data.badge).toEqual({
      id: String(body.id),
      name: body.name,
      description: body.description,
      iconUrl: body.icon_url,
      dateAchieved: body.date_achieved,
      user: { id: ada.id },
    });
  });

  it('accepts a number as the id', async ({ service, createUser }) => {
    const ada = await createUser();
    const { body } = await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    expect((await service.graphql(BADGE, { id: body.id })).data.badge.id).toBe(String(body.id));
  });

  it('is null when no badge has the id', async ({ service }) => {
    for (const id of ['999999999', '9007199254740991']) {
      expect(await service.graphql(BADGE, { id })).toMatchObject({
        status: 200,
        data: { badge: null },
        errors: undefined,
      });
    }
  });

  it('reads any number of badges with one statement', async ({ service, createUser }) => {
    const ada = await createUser();
    const create = () => service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() });
    const ids = [(await create()).body.id, (await create()).body.id];
    service.statements.clear();
    const fields = [...ids, ...ids, 999_999_999].map((id, i) => `b${i}: badge(id: "${id}") { id }`);
    const { data } = await service.graphql(`{ ${fields.join(' ')} }`);
    expect(Object.values(data)).toEqual([...ids, ...ids].map((id) => ({ id: String(id) })).concat(null as never));
    expect(service.statements).toHaveLength(1);
  });

  it.for(['', '0', '-1', '1.5', '1e3', '007', ' 1', 'x', '9007199254740993', '1 or 1=1', '\u0000', '٣'])(
    'returns BAD_USER_INPUT without a statement for the invalid id %j',
    async (id, { service }) => {
      service.statements.clear();
      const { status, data, errors } = await service.graphql(BADGE, { id });
      expect({ status, data }).toEqual({ status: 200, data: { badge: null } });
      expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_USER_INPUT', field: 'id' }]);
      expect(service.statements).toEqual([]);
    },
  );
});
