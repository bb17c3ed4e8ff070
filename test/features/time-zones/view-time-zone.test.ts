import { describe, expect, it } from '../../support/fixtures.ts';

const SET = 'mutation { setTimeZone(input: { timeZone: "Asia/Tokyo" }) { timeZone } }';
const EXCUSE = `mutation { excuseDates(input: { from: "2199-03-01", to: "2199-03-02", reason: "Sea" }) {
  excusedDates { id } } }`;
const LEARNER = 'query($id: ID!) { learner(id: $id) { timeZone excusedDates { from to reason } } }';
const ENTITIES = `query($of: [_Any!]!) { _entities(representations: $of) {
  ... on User { id timeZone excusedDates { from } } } }`;

describe('timeZone and excusedDates', () => {
  it('are null without an error for others, and shown to the user and to activity:read', async ({
    service,
    auth,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await service.graphql(SET, {}, { token });
    await service.graphql(EXCUSE, {}, { token });
    const other = await createUser();
    const viewers = {
      anonymous: {},
      other: { token: other.token },
      writer: { token: await auth.token('service', { scope: 'activity:write streaks:write' }) },
      owner: { token },
      reader: { token: await auth.token('service', { scope: 'activity:read' }) },
    };
    const excusedDates = [{ from: '2199-03-01', to: '2199-03-02', reason: 'Sea' }];
    for (const [name, options] of Object.entries(viewers)) {
      const isShown = name === 'owner' || name === 'reader';
      const shown = isShown ? { timeZone: 'Asia/Tokyo', excusedDates } : { timeZone: null, excusedDates: null };
      const answer = await service.graphql(LEARNER, { id }, options);
      expect([name, answer.errors, answer.data.learner]).toEqual([name, undefined, shown]);
      const entities = await service.graphql(ENTITIES, { of: [{ __typename: 'User', id }] }, options);
      const ranges = isShown ? [{ from: '2199-03-01' }] : null;
      expect(entities.data._entities).toEqual([{ id, timeZone: shown.timeZone, excusedDates: ranges }]);
    }
  });

  it('are two statements for any number of users', async ({ service, auth, createUser }) => {
    const users = [await createUser(), await createUser(), await createUser()];
    for (const { token } of users) await service.graphql(SET, {}, { token });
    await service.graphql(EXCUSE, {}, { token: users[1]?.token ?? '' });
    const of = [...users.map(({ id }) => id), 'unknown'].map((id) => ({ __typename: 'User', id }));
    const token = await auth.token('service', { scope: 'activity:read' });
    service.statements.clear();
    const { data } = await service.graphql(ENTITIES, { of }, { token });
    expect(service.statements).toHaveLength(2);
    const zones = ['Asia/Tokyo', 'Asia/Tokyo', 'Asia/Tokyo', 'UTC'];
    expect(data._entities.map((user: { timeZone: string }) => user.timeZone)).toEqual(zones);
    const ranges = data._entities.map((user: { excusedDates: object[] }) => user.excusedDates.length);
    expect(ranges).toEqual([0, 1, 0, 0]);
  });

  it('need a token to change', async ({ service, db }) => {
    const before = await db.snapshot();
    for (const mutation of [SET, EXCUSE, 'mutation { cancelExcusedDates(input: { id: 1 }) { user { id } } }']) {
      const { errors } = await service.graphql(mutation);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});
