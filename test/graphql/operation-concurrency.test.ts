import { withLongLockTimeout } from '../support/database.ts';
import { type Exchange, send } from '../support/faults.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { whileLocked } from '../support/locked-user.ts';
import { countWaiting } from '../support/waiting.ts';

const range = (length: number) => Array.from({ length }, (_, index) => index);
/** As many rows as an operation may load while the concurrency of large ones is limited. */
const lists = (count: number) =>
  range(count)
    .map((index) => `l${index}: badges(first: 500) { id }`)
    .join(' ');
const ENTITIES =
  'query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { badges(first: 10) { id } } } }';
const users = range(200).map((index) => ({ __typename: 'User', id: `user-${index}` }));

describe('a large operation', () => {
  it('executes while others wait for the auth-service', async ({ serve, auth }) => {
    const service = await serve();
    const held: Exchange[] = [];
    auth.fail('graphql', (exchange) => held.push(exchange));
    const learners = range(10).map((index) => service.graphql(`{ learner(id: "learner-${index}") { ${lists(4)} } }`));
    await expect.poll(() => held.length, { interval: 5 }).toBeGreaterThan(0);
    const { status, errors } = await service.graphql(ENTITIES, { users });
    expect([status, errors]).toEqual([200, undefined]);
    for (const exchange of held) send(exchange);
    await Promise.all(learners);
  });

  it('executes while large mutations wait for earlier ones of their user', async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const { id, token } = await createUser();
    const record = (eventId: string) => {
      const variables = { input: { eventId, verb: 'practice' } };
      return service.graphql(
        `mutation($input: RecordActivityInput!) { recordActivity(input: $input) { user { ${lists(4)} } } }`,
        variables,
        { token },
      );
    };
    const mutations = await whileLocked(db.sql, id, {
      start: () => Promise.all(range(3).map((index) => record(`event-${index}`))),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
        const { status, errors } = await service.graphql(ENTITIES, { users });
        expect([status, errors]).toEqual([200, undefined]);
      },
    });
    expect(mutations.map(({ status, errors }) => [status, errors])).toEqual(mutations.map(() => [200, undefined]));
    const [row] = await db.sql`select count(*)::int as count from activities where auth_user_id = ${id}`;
    expect(row?.count).toBe(3);
  });
});

describe('a recording that selects the badges that it has earned', () => {
  it('executes while nine others wait for PostgreSQL', async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url), DATABASE_POOL_SIZE: '10' });
    const record =
      (eventId: string) =>
      ({ token }: { token: string }) =>
        service.graphql(
          `mutation($eventId: String!) {
            recordActivity(input: { eventId: $eventId, verb: "practice" }) { badges { id name } }
          }`,
          { eventId },
          { token },
        );
    const waiting = await Promise.all(range(9).map(() => createUser()));
    const other = await createUser();
    await Promise.all([...waiting, other].map(record('first')));
    const ids = waiting.map(({ id }) => id);
    const [responses] = await db.sql.begin(async (tx) => {
      await tx`select from auth_users where id = any(${ids}) for update`;
      const pending = Promise.all(waiting.map(record('second')));
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(9);
      expect((await record('second')(other)).errors).toBeUndefined();
      return [pending] as const;
    });
    expect((await responses).filter(({ errors }) => errors !== undefined)).toEqual([]);
  });
});
