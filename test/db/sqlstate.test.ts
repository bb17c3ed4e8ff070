import { badgeBody, badgeInput, it as base, describe, expect } from '../support/fixtures.ts';
import { countAttempts, createFailureTrigger } from './failure-trigger.ts';
import { READ } from './pool.ts';

/** SQLSTATEs with the resulting status and code of REST and code of GraphQL. */
const RESPONSES: [states: string, status: number, code: string, graphqlCode: string][] = [
  ['22P02 22P05 22001 22003 22008', 400, 'BAD_REQUEST', 'BAD_USER_INPUT'],
  ['23503 23505', 409, 'CONFLICT', 'CONFLICT'],
  ['55P03 57014 53300 57P01 57P02 57P03 08000 08003 08006', 503, 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['53100 53200 58030 25006 40001 40P01', 503, 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['28000 28P01 3D000 42501 42P01 42703', 503, 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['22021 23502 23514 XX000 42601 0A000 P0001', 500, 'INTERNAL', 'INTERNAL'],
];

const INTERNALS =
  /injected_failure|node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres/i;
const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

const it = base.extend('failureTrigger', { scope: 'file', auto: true }, ({ db }) => createFailureTrigger(db.sql));

describe('a write that PostgreSQL rejects with', () => {
  for (const [states, status, code, graphqlCode] of RESPONSES) {
    for (const state of states.split(' ')) {
      it(`${state} gets ${code}, changes nothing and does not affect reads`, async ({ service, db, createUser }) => {
        const { id, token } = await createUser();
        const before = await db.snapshot();
        const name = `raise ${state}`;
        const written = await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name }) });
        expect({ status: written.status, code: written.body.code }).toEqual({ status, code });
        expect(written.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
        const { errors, text } = await service.graphql(CREATE, { input: badgeInput({ name }) }, { token });
        expect(errors).toMatchObject([{ extensions: { code: graphqlCode } }]);
        expect(written.text + text).not.toMatch(INTERNALS);
        expect(await service.rest(READ)).toMatchObject({ status: 200 });
        expect(await db.snapshot()).toEqual(before);
      });
    }
  }
});

describe('a value that only PostgreSQL rejects', () => {
  it('is logged with its SQLSTATE, once for each request', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const name = 'raise 22003';
    service.logs.clear();
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name }) });
    const input = badgeInput({ name });
    const twice = CREATE.replace('{ createBadge', '{ other: createBadge(input: $input) { badge { id } } createBadge');
    await service.graphql(twice, { input }, { token });
    const lines = service.logs.filter(({ msg }) => msg === 'the database rejected a value');
    const line = { level: 'warn', requestId: expect.any(String), code: 'BAD_REQUEST', err: { code: '22003' } };
    expect(lines).toMatchObject([
      { ...line, route: '/users/:auth_user_id/badges' },
      { ...line, path: ['other'], count: 2 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('injected_failure');
  });
});

for (const [state, name] of [
  ['40001', 'a serialization failure'],
  ['40P01', 'a deadlock'],
] as const) {
  describe(`after ${name}`, () => {
    for (const when of ['raise', 'at commit raise']) {
      it(`the whole transaction is retried, with at most three attempts (${when})`, async ({
        service,
        db,
        createUser,
      }) => {
        const { id, token } = await createUser();
        await countAttempts(db.sql);
        const post = (name: string) =>
          service.rest(`/users/${id}/badges`, {
            token,
            body: badgeBody({ name }),
            headers: { 'idempotency-key': crypto.randomUUID() },
          });
        const rows = () => db.sql`
          select (select count(*)::int from badges where auth_user_id = ${id}) as badges,
                 (select count(*)::int from idempotency_keys where auth_user_id = ${id}) as keys`;

        expect((await post(`${when} ${state} times 2`)).status).toBe(200);
        expect(await countAttempts(db.sql)).toBe(3);
        expect(await rows()).toEqual([{ badges: 1, keys: 1 }]);

        const failed = await post(`${when} ${state} times 3`);
        expect(failed).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
        expect(failed.body.detail).not.toContain('its outcome is unknown');
        expect(await countAttempts(db.sql)).toBe(3);
        expect(await rows()).toEqual([{ badges: 1, keys: 1 }]);
      });
    }

    it('no attempt starts after a second, so that each ends within the time limit of the request', async ({
      service,
      db,
      createUser,
    }) => {
      const { id, token } = await createUser();
      await countAttempts(db.sql);
      const body = badgeBody({ name: `sleep 1.1 raise ${state} times 1` });
      expect((await service.rest(`/users/${id}/badges`, { token, body })).status).toBe(503);
      expect(await countAttempts(db.sql)).toBe(1);
    });
  });
}
