import { createHash } from 'node:crypto';
import type { Owner } from '../../src/auth/viewer.ts';
import { lockAuthUser } from '../../src/db/auth-users.ts';
import { openDatabase } from '../../src/db/client.ts';
import { withIdempotencyKey } from '../../src/idempotency/with-idempotency-key.ts';
import type { Service } from '../support/app.ts';
import { type TestDatabase, withLongLockTimeout } from '../support/database.ts';
import {
  badgeBody,
  badgeInput,
  describe,
  expect,
  goalBody,
  goalInput,
  it,
  type SignedIn,
} from '../support/fixtures.ts';
import { countWaiting } from '../support/waiting.ts';

const BADGE =
  'mutation ($input: CreateBadgeInput!) { create: createBadge(input: $input) { item: badge { id name description iconUrl dateAchieved user { id } } } }';
const GOAL =
  'mutation ($input: CreateGoalInput!) { create: createGoal(input: $input) { item: goal { id title description status streakCount createdAt updatedAt version user { id } } } }';

type List = 'badges' | 'goals';
type Api = 'REST' | 'GraphQL';

interface Request {
  list: List;
  /** Null for a request without a key. */
  key: string | null;
  /** REST's body; a valid one by default. */
  body?: unknown;
}

interface Outcome {
  /** The code of the error; undefined when there is an item. */
  code: string | undefined;
  id: number;
  text: string;
}

function post(service: Service, { id, token }: SignedIn, { list, key, body = validBody(list) }: Request) {
  return service.rest(`/users/${id}/${list}`, { token, body, headers: { 'idempotency-key': key ?? undefined } });
}

function mutate(service: Service, { token }: SignedIn, { list, key, input }: Request & { input?: object }) {
  const [mutation, valid] = list === 'badges' ? [BADGE, badgeInput()] : [GOAL, goalInput()];
  return service.graphql(mutation, { input: { ...valid, ...input, idempotencyKey: key } }, { token });
}

const validBody = (list: List): object => (list === 'badges' ? badgeBody() : goalBody());

/** Sends a valid create request by one of the APIs. */
const SEND: Record<Api, (service: Service, user: SignedIn, request: Request) => Promise<Outcome>> = {
  async REST(service, user, request) {
    const { body, text } = await post(service, user, request);
    return { code: body.code, id: body.id, text };
  },
  async GraphQL(service, user, request) {
    const { data, errors, text } = await mutate(service, user, request);
    return { code: errors?.[0].extensions.code, id: Number(data?.create?.item.id), text };
  },
};

/** Sends a request that is expected to succeed. */
async function create(service: Service, user: SignedIn, { api, ...request }: Request & { api: Api }): Promise<Outcome> {
  const outcome = await SEND[api](service, user, request);
  expect(outcome.code, outcome.text).toBeUndefined();
  return outcome;
}

const TABLES = { badges: 'badges', goals: 'learning_goals' } as const;
const countItems = async ({ sql }: TestDatabase, list: List, { id }: SignedIn) =>
  (await sql`select from ${sql(TABLES[list])} where auth_user_id = ${id}`).length;

const LISTS = ['badges', 'goals'] as const;
const PAIRS = [
  ['GraphQL', 'GraphQL'],
  ['REST', 'GraphQL'],
  ['GraphQL', 'REST'],
] as const;
const CASES = LISTS.flatMap((list) => PAIRS.map(([first, second]) => ({ list, first, second })));

describe('a repeated create with the same key', () => {
  it.for(CASES)(
    'returns the first result and creates nothing: $list, by $first and then by $second',
    async ({ list, first, second }, { service, db, createUser }) => {
      const user = await createUser();
      const original = await create(service, user, { api: first, list, key: 'k-1' });
      const before = await db.snapshot();
      const repeated = await create(service, user, { api: second, list, key: 'k-1' });
      expect(repeated.id).toBe(original.id);
      if (first === second) expect(repeated.text).toBe(original.text);
      expect(await db.snapshot()).toEqual(before);
      for (const key of ['k-2', null]) {
        expect((await create(service, user, { api: second, list, key })).id).not.toBe(original.id);
      }
      expect(await countItems(db, list, user)).toBe(3);
    },
  );

  it('returns in GraphQL every field of the result of REST', async ({ service, createUser }) => {
    const user = await createUser({ id: '4711' });
    const request = { list: 'goals', key: 'k-1' } as const;
    const body = goalBody({ description: 'A\nB', status: 'completed', streak_count: 3 });
    const { body: goal, headers } = await post(service, user, { ...request, body });
    const input = { description: 'A\nB', status: 'COMPLETED', streakCount: 3 };
    const { data } = await mutate(service, user, { ...request, input });
    expect(data.create.item).toEqual({
      ...goalInput(),
      ...input,
      id: String(goal.id),
      createdAt: goal.created_at,
      updatedAt: goal.updated_at,
      version: 1,
      user: { id: '4711' },
    });
    const replay = await post(service, user, { ...request, body });
    const { etag, location } = headers;
    expect(replay.headers).toMatchObject({ etag, location, 'idempotent-replayed': 'true' });
  });

  it('has an effect once in one operation', async ({ service, db, createUser }) => {
    const user = await createUser();
    const mutation = `mutation ($input: CreateGoalInput!) {
      a: createGoal(input: $input) { goal { id } } b: createGoal(input: $input) { goal { id } }
    }`;
    const input = { ...goalInput(), idempotencyKey: 'k-1' };
    const { data } = await service.graphql(mutation, { input }, { token: user.token });
    expect(data.a).toEqual(data.b);
    expect(await countItems(db, 'goals', user)).toBe(1);
  });

  it('has an effect once when both APIs of two replicas receive it at the same time', async ({
    service,
    serve,
    db,
    createUser,
  }) => {
    const replicas = [service, await serve()];
    const apis: Api[] = ['REST', 'REST', 'GraphQL', 'GraphQL'];
    for (const list of LISTS) {
      const user = await createUser();
      const requests = Array.from({ length: 16 }, (_, i) =>
        SEND[apis[i % 4] as Api](replicas[i % 2] as Service, user, { list, key: 'k-1' }),
      );
      const outcomes = await Promise.all(requests);
      const codes = new Set(outcomes.map(({ code }) => code));
      expect([...codes].filter((code) => ![undefined, 'CONFLICT', 'IDEMPOTENCY_IN_FLIGHT'].includes(code))).toEqual([]);
      expect(new Set(outcomes.filter(({ code }) => code === undefined).map(({ id }) => id)).size).toBe(1);
      expect(await countItems(db, list, user)).toBe(1);
    }
  });

  it('gets the result also while other repetitions are in progress', async ({ service, createUser }) => {
    const user = await createUser();
    const request = { list: 'badges', key: 'k-1' } as const;
    const { id } = await create(service, user, { api: 'GraphQL', ...request });
    const repeated = await Promise.all(
      Array.from({ length: 8 }, (_, i) => create(service, user, { api: i % 2 ? 'REST' : 'GraphQL', ...request })),
    );
    expect(new Set(repeated.map((outcome) => outcome.id))).toEqual(new Set([id]));
  });
});

describe('the content of a request', () => {
  const SAME: [what: string, first: unknown, second: unknown][] = [
    [
      'members in another order',
      { title: 'x', description: 'y', streak_count: 1 },
      { streak_count: 1, title: 'x', description: 'y' },
    ],
    [
      'defaults that are absent or explicit',
      { title: 'x' },
      { title: 'x', description: null, status: 'in-progress', streak_count: 0 },
    ],
    ['a status with an underscore', { title: 'x', status: 'not-started' }, { title: 'x', status: 'not_started' }],
    ['composed and decomposed text', { title: '\u00e9' }, { title: 'e\u0301' }],
    ['numbers in another notation', { title: 'x', streak_count: 10 }, '{"title":"x","streak_count":1e1}'],
  ];

  it.for(SAME)('is the same for %s', async ([, first, second], { service, db, createUser }) => {
    const user = await createUser();
    const request = { api: 'REST', list: 'goals', key: 'k-1' } as const;
    const { id } = await create(service, user, { ...request, body: first });
    expect((await create(service, user, { ...request, body: second })).id).toBe(id);
    expect(await countItems(db, 'goals', user)).toBe(1);
  });

  const OTHER: [what: string, body: object, input: object][] = [
    ['title', { title: 'y' }, { title: 'y' }],
    ['description', { title: 'x', description: '' }, { title: 'x', description: '' }],
    ['status', { title: 'x', status: 'paused' }, { title: 'x', status: 'PAUSED' }],
    ['streak count', { title: 'x', streak_count: 1 }, { title: 'x', streakCount: 1 }],
  ];

  it.for(OTHER)(
    'is other content with another %s: both APIs reject the key, and nothing is stored',
    async ([, body, input], { service, db, createUser }) => {
      const user = await createUser();
      const request = { list: 'goals', key: 'k-1' } as const;
      await create(service, user, { api: 'REST', ...request, body: { title: 'x' } });
      const before = await db.snapshot();
      const reused = await post(service, user, { ...request, body });
      expect(reused).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
      const { errors } = await mutate(service, user, { ...request, input });
      expect(errors?.[0]).toMatchObject({
        message: 'This Idempotency-Key was used for a different request',
        extensions: { code: 'BAD_USER_INPUT', field: 'idempotencyKey' },
      });
      expect(await db.snapshot()).toEqual(before);
    },
  );
});

describe('a key', () => {
  it('belongs to one user and one operation', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const user of [ada, eve]) {
      for (const list of LISTS) await create(service, user, { api: 'GraphQL', list, key: 'k-1' });
      for (const list of LISTS) expect(await countItems(db, list, user)).toBe(1);
    }
  });

  const field = 'idempotencyKey';
  const message = `${field} must be 1 to 255 printable ASCII characters without spaces`;
  const MALFORMED = ['', ' ', 'a b', 'a\tb', ' a', 'cl\u00e9', '\u200b', 'x'.repeat(256), 'k'.repeat(100_000)];
  it.for(MALFORMED)(
    'that is malformed is BAD_USER_INPUT in GraphQL, and nothing is stored: %j',
    async (key, { service, db, createUser }) => {
      const user = await createUser();
      const before = await db.snapshot();
      for (const list of LISTS) {
        const { errors } = await mutate(service, user, { list, key });
        expect(errors).toMatchObject([
          { message, extensions: { code: 'BAD_USER_INPUT', field, fields: [{ field, message }] } },
        ]);
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('of a rejected request can be used again', async ({ serve, service, db, createUser }) => {
    const user = await createUser();
    const full = await serve({ MAX_BADGES_PER_USER: '0' });
    const before = await db.snapshot();
    const request = { list: 'badges', key: 'k-1' } as const;
    const rejected = [
      await mutate(service, user, { ...request, input: { name: '\u200b' } }),
      await mutate(full, user, request),
      await mutate(service, user, { ...request, input: { userId: 'another' } }),
    ];
    expect(rejected.map(({ errors }) => errors?.[0].extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'LIMIT_REACHED',
      'FORBIDDEN',
    ]);
    expect(await db.snapshot()).toEqual(before);
    await create(service, user, { api: 'GraphQL', ...request });
    expect(await countItems(db, 'badges', user)).toBe(1);
  });

  it('is CONFLICT in GraphQL while the first request is in progress', async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const user = await createUser();
    const request = { list: 'badges', key: 'k-1' } as const;
    await create(service, user, { api: 'REST', list: 'badges', key: 'warm-up' });
    let first: Promise<Outcome> | undefined;
    await db.sql.begin(async (holder) => {
      await holder`select from auth_users where id = ${user.id} for update`;
      first = create(service, user, { api: 'REST', ...request });
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      const { errors } = await mutate(service, user, request);
      expect(errors?.[0].extensions).toMatchObject({ code: 'CONFLICT', field: 'idempotencyKey' });
    });
    const original = await first;
    expect((await create(service, user, { api: 'GraphQL', ...request })).id).toBe(original?.id);
  });
});

describe('a keyed write in a transaction', () => {
  it('is in progress until the commit, and is then replayed', async ({ db: { url }, createUser, onTestFinished }) => {
    const { id } = await createUser();
    const database = openDatabase({ url, poolSize: 2 });
    onTestFinished(() => database.close(1));
    const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const run = () =>
      withIdempotencyKey(
        { db: database.db, now: () => new Date() },
        {
          operation: { name: 'createNote', contentOf: ({ text }: { text: string }) => ({ text }) },
          owner: { id } as Owner,
          input: { idempotencyKey: 'k-1' },
          content: { text: 'Read Euler' },
        },
        async (tx) => {
          await lockAuthUser(tx, id);
          started.resolve();
          await released.promise;
          return { text: 'Read Euler' };
        },
      );
    const first = run();
    await started.promise;
    await expect(run()).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_FLIGHT' });
    released.resolve();
    expect(await first).toEqual({ result: { text: 'Read Euler' }, isReplay: false });
    expect(await run()).toEqual({ result: { text: 'Read Euler' }, isReplay: true });
  });
});

describe('beside replicas of version 2.0.0', () => {
  const ROUTES = { badges: 'POST /:auth_user_id/badges', goals: 'POST /:auth_user_id/goals' };
  const hashOf = (body: unknown) => createHash('sha256').update(JSON.stringify(body)).digest('base64url');

  it.for(LISTS)(
    'a key that such a replica stored is replayed by both APIs: %s',
    async (list, { service, db, createUser }) => {
      const user = await createUser();
      const { text, id } = await create(service, user, { api: 'REST', list, key: null });
      await db.sql`
      insert into idempotency_keys (auth_user_id, route, key, request_hash, status, body, created_at)
      values (${user.id}, ${ROUTES[list]}, 'k-1', ${hashOf(validBody(list))}, 200, ${text}, now())`;
      expect((await create(service, user, { api: 'REST', list, key: 'k-1' })).text).toBe(text);
      expect((await create(service, user, { api: 'GraphQL', list, key: 'k-1' })).id).toBe(id);
      expect(await countItems(db, list, user)).toBe(1);
    },
  );

  it.for(LISTS)('a key is stored as such a replica reads it: %s', async (list, { service, db, createUser }) => {
    const user = await createUser();
    const body = Object.fromEntries(Object.entries(validBody(list)).reverse());
    const { text } = await create(service, user, { api: 'REST', list, key: 'k-1', body });
    const rows = await db.sql`
      select route, key, request_hash, status, body from idempotency_keys where auth_user_id = ${user.id}`;
    expect([...rows]).toEqual([
      { route: ROUTES[list], key: 'k-1', request_hash: hashOf(body), status: 200, body: text },
    ]);
  });

  it('a key that such a replica has locked is in progress', async ({ service, db, createUser }) => {
    const user = await createUser();
    const name = `${user.id} ${ROUTES.badges} k-1`;
    await db.sql.begin(async (holder) => {
      await holder`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
      const { errors } = await mutate(service, user, { list: 'badges', key: 'k-1' });
      expect(errors?.[0].extensions).toMatchObject({ code: 'CONFLICT', field: 'idempotencyKey' });
    });
  });
});
