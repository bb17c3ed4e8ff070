import { describe, expect, it } from '../../support/fixtures.ts';
import { insertBadges } from '../badges/rows.ts';
import { insertGoals } from '../goals/rows.ts';

const LEARNER = 'query($id: ID!) { learner(id: $id) { id badges { name } statistics { totalBadges } } }';

describe('viewer', () => {
  it('is the subject of the token, without a call to the auth-service', async ({ service, auth, createUser }) => {
    const { id, token } = await createUser();
    await service.graphql('{ viewer { id } }', {}, { token });
    auth.calls.clear();
    const { data } = await service.graphql('{ viewer { id badges { id } goals { id } } }', {}, { token });
    expect(data).toEqual({ viewer: { id, badges: [], goals: [] } });
    expect(auth.calls).toEqual([]);
  });

  it('is null without a token', async ({ service }) => {
    expect(await service.graphql('{ viewer { id } }')).toMatchObject({
      status: 200,
      data: { viewer: null },
      errors: undefined,
    });
  });

  it('returns 401 UNAUTHENTICATED, not null, for an invalid token', async ({ service, auth, createUser }) => {
    const ada = await createUser();
    for (const token of ['nonsense', '', await auth.token(ada.id, { exp: 1 })]) {
      const { status, data, errors, headers } = await service.graphql('{ viewer { id } }', {}, { token });
      expect({ status, data, code: errors?.[0].extensions.code }).toEqual({
        status: 401,
        data: undefined,
        code: 'UNAUTHENTICATED',
      });
      expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
  });
});

describe('learner', () => {
  it('returns any user that the auth-service knows, without a token', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 1);
    const { data, errors } = await service.graphql(LEARNER, { id: ada.id });
    expect(errors).toBeUndefined();
    expect(data.learner).toEqual({ id: ada.id, badges: [{ name: 'Badge 1' }], statistics: { totalBadges: 1 } });
  });

  it('is null for an id that the auth-service does not know, and adds no row', async ({ service, db }) => {
    const before = await db.snapshot();
    expect(await service.graphql(LEARNER, { id: 'unknown-user' })).toMatchObject({
      status: 200,
      data: { learner: null },
      errors: undefined,
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('is looked up in one call for all fields of a request', async ({ service, auth, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    auth.calls.clear();
    const { data } = await service.graphql(
      'query($a: ID!, $b: ID!) { a: learner(id: $a) { id } b: learner(id: $b) { id } c: learner(id: $a) { id } }',
      { a: ada.id, b: eve.id },
    );
    expect(data).toEqual({ a: { id: ada.id }, b: { id: eve.id }, c: { id: ada.id } });
    expect(auth.callsTo('graphql')).toHaveLength(1);
  });

  it('is null with AUTH_SERVICE_UNAVAILABLE when the lookup fails, and the other fields have data', async ({
    serve,
    auth,
    db,
    createUser,
  }) => {
    const service = await serve();
    const ada = await createUser();
    await insertBadges(db, ada.id, 1);
    await service.graphql('{ viewer { id } }', {}, { token: ada.token });
    auth.fail('graphql', 503);
    const { status, data, errors } = await service.graphql(
      'query($id: ID!) { learner(id: $id) { id } viewer { badges { name } } }',
      { id: ada.id },
      { token: ada.token },
    );
    expect({ status, data }).toEqual({
      status: 200,
      data: { learner: null, viewer: { badges: [{ name: 'Badge 1' }] } },
    });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['learner'],
        extensions: expect.objectContaining({ code: 'AUTH_SERVICE_UNAVAILABLE' }),
      }),
    ]);
  });

  it.for(['', 'me', '..', '../admin', '-x', 'a b', 'a\u0000', 'a\r\nX: y', 'é', 'x'.repeat(129)])(
    'returns BAD_USER_INPUT without a lookup for the invalid id %j',
    async (id, { service, auth }) => {
      auth.calls.clear();
      const { status, data, errors } = await service.graphql(LEARNER, { id });
      expect({ status, data }).toEqual({ status: 200, data: { learner: null } });
      expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_USER_INPUT', field: 'id' }]);
      expect(auth.calls).toEqual([]);
    },
  );
});

describe('statistics', () => {
  const STATISTICS = '{ viewer { statistics { totalBadges totalGoals level } } }';

  it('count every badge and every goal of a user, of every status', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertBadges(db, id, 600);
    await insertGoals(db, id, 12);
    const { data } = await service.graphql(STATISTICS, {}, { token });
    expect(data.viewer.statistics).toEqual({ totalBadges: 600, totalGoals: 12, level: 10 });
  });

  it('start at level 1', async ({ service, createUser }) => {
    const { token } = await createUser();
    const { data } = await service.graphql(STATISTICS, {}, { token });
    expect(data.viewer.statistics).toEqual({ totalBadges: 0, totalGoals: 0, level: 1 });
  });

  it('take one statement for the badges and one for the goals', async ({ service, createUser }) => {
    const { token } = await createUser();
    service.statements.clear();
    await service.graphql(STATISTICS, {}, { token });
    expect(service.statements).toHaveLength(2);
  });
});
