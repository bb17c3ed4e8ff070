import { badgeBody, badgeInput, it as base, describe, expect } from '../support/fixtures.ts';
import { READ } from './pool.ts';
import { countTries, letNamesMakeTrouble } from './trouble.ts';

/** PostgreSQL's answer to a write, and what becomes of it: in REST, and in GraphQL. */
const ANSWERS: [states: string, status: number, code: string, graphqlCode: string][] = [
  ['22021 22P02 22P05 22001 22003 22008', 400, 'BAD_REQUEST', 'BAD_USER_INPUT'],
  ['23503 23505', 409, 'CONFLICT', 'CONFLICT'],
  ['55P03 57014 53300 57P01 57P02 57P03 08000 08003 08006', 503, 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['53100 53200 58030 25006 40001 40P01', 503, 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['23502 23514 XX000 42P01 42703 0A000 P0001 28P01', 500, 'INTERNAL', 'INTERNAL'],
];

const INTERNALS = /trouble|node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres/i;
const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

const it = base.extend('trouble', { scope: 'file', auto: true }, ({ db }) => letNamesMakeTrouble(db.sql));

describe('a write that PostgreSQL refuses with', () => {
  for (const [states, status, code, graphqlCode] of ANSWERS) {
    for (const state of states.split(' ')) {
      it(`${state} is answered with ${code}, changes nothing and lets reads go on`, async ({
        service,
        db,
        createUser,
      }) => {
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

for (const [state, what] of [
  ['40001', 'a serialization failure'],
  ['40P01', 'a deadlock'],
] as const) {
  describe(`after ${what}`, () => {
    for (const when of ['raise', 'at commit raise']) {
      it(`the whole transaction is tried again, at most three times (${when})`, async ({ service, db, createUser }) => {
        const { id, token } = await createUser();
        await countTries(db.sql);
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
        expect(await countTries(db.sql)).toBe(3);
        expect(await rows()).toEqual([{ badges: 1, keys: 1 }]);

        const given = await post(`${when} ${state} times 3`);
        expect(given).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
        expect(given.body.detail).not.toContain('may or may not');
        expect(await countTries(db.sql)).toBe(3);
        expect(await rows()).toEqual([{ badges: 1, keys: 1 }]);
      });
    }
  });
}
