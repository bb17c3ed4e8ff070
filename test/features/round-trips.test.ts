import { readFile } from 'node:fs/promises';
import type { Service } from '../support/app.ts';
import {
  badgeBody,
  badgeInput,
  it as base,
  describe,
  expect,
  goalBody,
  goalInput,
  type SignedIn,
} from '../support/fixtures.ts';
import type { GraphqlResponse, RestResponse } from '../support/http-client.ts';
import { createTripCounter, type TripCounter } from '../support/trip-counter.ts';
import { ALL_SCOPES, BACKFILL, MANAGED, newSubject, startBackfill } from './managed-operations.ts';

const DEFINE =
  'mutation($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }';

/** `counted` is a service with one connection through `trips`. */
const it = base
  .extend('trips', async ({ db }, { onCleanup }) => {
    const trips = await createTripCounter(db.url);
    onCleanup(() => trips.close());
    return trips;
  })
  .extend('counted', ({ serve, trips }) => serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1' }))
  /** The definitions of a test award no badges in the next one. */
  .extend('archived', { auto: true }, async ({ db }, { onCleanup }) => {
    onCleanup(async () => {
      await db.sql`update badge_definitions set state = 'archived'`;
      await db.sql`update badge_definition_revision set revision = revision + 1`;
    });
  })
  /** Creates a user whose token has every scope. */
  .extend('createManager', ({ auth, createUser }) => async (): Promise<SignedIn> => {
    const user = await createUser();
    return { ...user, token: await auth.token(user.id, { scope: ALL_SCOPES }) };
  })
  /** Creates an active definition. */
  .extend('define', async ({ auth, service }) => {
    const token = await auth.token('manager', { scope: 'badges:manage' });
    return async (rule: object): Promise<void> => {
      const words = { name: 'Finisher', description: 'Reached goals', iconUrl: '/x.svg', state: 'ACTIVE' };
      const input = { key: `d-${crypto.randomUUID()}`, rule, ...words };
      const { errors } = await service.graphql(DEFINE, { input }, { token });
      expect(errors).toBeUndefined();
    };
  });

type Act = (service: Service, user: SignedIn, goalId: number) => Promise<RestResponse>;

const newKey = () => `k-${crypto.randomUUID()}`;
const newStreak = () => Math.floor(Math.random() * 1e9);

const post =
  (list: 'badges' | 'goals', key?: () => string, fields: object = {}): Act =>
  (service, { id, token }) => {
    const body = { ...(list === 'badges' ? badgeBody() : goalBody()), ...fields };
    return service.rest(`/users/${id}/${list}`, { token, body, headers: { 'idempotency-key': key?.() } });
  };
const put =
  (body: () => object): Act =>
  (service, { id, token }, goalId) =>
    service.rest(`/users/${id}/goals/${goalId}`, { method: 'PUT', token, body: body() });
const remove: Act = (service, { id, token }, goalId) =>
  service.rest(`/users/${id}/goals/${goalId}`, { method: 'DELETE', token });
const get =
  (path: string): Act =>
  (service, { id }) =>
    service.rest(`/users/${id}${path}`);

/** Reads a goal or badge by both APIs. */
const viewItem = (list: 'badges' | 'goals'): Act[] => [
  (service, { id }, itemId) => service.rest(`/users/${id}/${list}/${itemId}`),
  (service, _user, itemId) =>
    service.graphql(`query($id: ID!) { ${list.slice(0, -1)}(id: $id) { id } }`, { id: itemId }),
];

const createBadge =
  (key?: () => string): Act =>
  (service, { token }) => {
    const query = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    return service.graphql(query, { input: { ...badgeInput(), idempotencyKey: key?.() } }, { token });
  };
const createGoal =
  (key?: () => string, fields: object = {}): Act =>
  (service, { token }) => {
    const query = 'mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
    return service.graphql(query, { input: { ...goalInput(), ...fields, idempotencyKey: key?.() } }, { token });
  };
const updateGoal =
  (change: () => object): Act =>
  (service, { token }, goalId) => {
    const query = 'mutation($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { id } } }';
    return service.graphql(query, { input: { id: goalId, ...change() } }, { token });
  };
const deleteGoal: Act = (service, { token }, goalId) => {
  const query = 'mutation($input: DeleteGoalInput!) { deleteGoal(input: $input) { deletedId } }';
  return service.graphql(query, { input: { id: goalId } }, { token });
};
const entities =
  (fields: string): Act =>
  (service, { id, token }) => {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on User { ${fields} } } }`;
    return service.graphql(query, { r: [{ __typename: 'User', id }] }, { token });
  };

const RECORD = 'mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activity { id } replayed } }';
const recordActivity =
  (eventId: () => string): Act =>
  (service, { token }) =>
    service.graphql(RECORD, { input: { eventId: eventId(), verb: 'practice' } }, { token });
const postActivity =
  (eventId: () => string): Act =>
  (service, { id, token }) =>
    service.rest(`/users/${id}/activities`, { token, body: { event_id: eventId(), verb: 'practice' } });
const voidActivity: Act = (service, { token }, id) => {
  const query = 'mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }';
  return service.graphql(query, { input: { id } }, { token });
};
let dates = 0;
const excuseDates: Act = (service, { token }) => {
  const query = 'mutation($input: ExcuseDatesInput!) { excuseDates(input: $input) { excusedDates { id } } }';
  const date = new Date(Date.now() + ++dates * 86_400_000).toISOString().slice(0, 10);
  return service.graphql(query, { input: { from: date, to: date } }, { token });
};
const zones = ['Europe/Berlin', 'Asia/Tokyo'];
const setTimeZone: Act = (service, { token }) => {
  const query = 'mutation($input: SetTimeZoneInput!) { setTimeZone(input: $input) { timeZone } }';
  zones.reverse();
  return service.graphql(query, { input: { timeZone: zones[0] } }, { token });
};

const storedKey = () => 'stored';
const completed = () => ({ status: 'completed' });
const createCompleted = (key?: () => string): Act[] => [
  createGoal(key, { status: 'COMPLETED' }),
  post('goals', key, completed()),
];
const complete = [updateGoal(() => ({ status: 'COMPLETED' })), put(completed)];
const updateStreak = [updateGoal(() => ({ streakCount: newStreak() })), put(() => ({ streak_count: newStreak() }))];
const newTitle = () => ({ title: crypto.randomUUID() });
const updateTitle = [updateGoal(newTitle), put(newTitle)];
const noChange = () => ({ title: goalBody().title });

/** Rows of the table in docs/PERFORMANCE.md, with the calls of both APIs. */
const OPERATIONS: [operation: string, trips: number, acts: Act[]][] = [
  ['createBadge', 1, [createBadge(), post('badges')]],
  ['createGoal', 1, [createGoal(), post('goals')]],
  ['createGoal as completed', 1, createCompleted()],
  ['createBadge with an idempotency key', 2, [createBadge(newKey), post('badges', newKey)]],
  ['createGoal with an idempotency key', 2, [createGoal(newKey), post('goals', newKey)]],
  ['createGoal as completed with an idempotency key', 2, createCompleted(newKey)],
  ['a replay of a key', 1, [createBadge(storedKey), post('badges', storedKey)]],
  ['updateGoal', 2, updateStreak],
  ['updateGoal that completes the goal', 2, complete],
  ['updateGoal without a change', 1, [updateGoal(noChange), put(noChange)]],
  ['deleteGoal', 1, [deleteGoal, remove]],
  ['a goal', 1, viewItem('goals')],
  ['a list', 1, [entities('badges { id }'), get('/badges'), get('/goals')]],
  ['recordActivity', 2, [recordActivity(newKey), postActivity(newKey)]],
  ['a repetition of recordActivity', 1, [recordActivity(storedKey), postActivity(storedKey)]],
  ['excuseDates', 2, [excuseDates]],
  ['setTimeZone', 2, [setTimeZone]],
  ['a page with its total count', 2, [entities('badgesConnection { totalCount nodes { id } }')]],
];
/** The operations that award badges, while a rule counts completed goals. */
const WITH_RULE: typeof OPERATIONS = [
  ['createGoal as completed, while a rule counts goals', 5, createCompleted()],
  ['createGoal as completed with an idempotency key, while a rule counts goals', 6, createCompleted(newKey)],
  ['updateGoal that completes the goal, while a rule counts goals', 8, complete],
];
/** The other rows of the table. */
const TRACKED = { operation: 'updateGoal of a goal with activities', trips: 2 };
const BADGE = { operation: 'a badge', trips: 1 };
const VOID = { operation: 'voidActivity', trips: 3 };
const AT_LIMIT = { operation: 'createBadge at the limit, which is rejected', trips: 2 };
const UNKNOWN_COUNTER = { operation: 'createBadge, when the counter is unknown', trips: 7 };

const newGoal = async (service: Service, user: SignedIn) => (await post('goals')(service, user, 0)).body.id as number;

const newBadge: typeof newGoal = async (service, user) => (await post('badges')(service, user, 0)).body.id;
const newActivity: typeof newGoal = async (service, user) => {
  const { data } = (await recordActivity(newKey)(service, user, 0)) as GraphqlResponse;
  return data.recordActivity.activity.id;
};
const newTrackedGoal: typeof newGoal = async (service, user) => {
  const goalId = await newGoal(service, user);
  const input = { eventId: newKey(), verb: 'practice', goalId };
  const { errors } = await service.graphql(RECORD, { input }, { token: user.token });
  expect(errors).toBeUndefined();
  return goalId;
};

interface Measured {
  counted: Service;
  trips: TripCounter;
  user: SignedIn;
  /** Returns the goal of one act. */
  goalOf?: typeof newGoal;
}

/** Returns the round trips of the act, whose statements an earlier act has prepared. */
async function tripsOf(act: Act, { counted, trips, user, goalOf = newGoal }: Measured): Promise<number> {
  await act(counted, user, await goalOf(counted, user));
  const goalId = await goalOf(counted, user);
  trips.take();
  const { status, text } = await act(counted, user, goalId);
  expect({ status, text }).toEqual({ status: 200, text: expect.not.stringContaining('"errors"') });
  return trips.take();
}

describe('an operation with prepared statements', () => {
  it.for(OPERATIONS)('%s takes %i round trips', async ([, expected, acts], { counted, trips, createUser }) => {
    for (const act of acts) expect(await tripsOf(act, { counted, trips, user: await createUser() })).toBe(expected);
  });

  it.for(WITH_RULE)('%s, takes %i round trips', async ([, expected, acts], { counted, trips, createUser, define }) => {
    await define({ goalsCompleted: { gte: 100 } });
    for (const act of acts) expect(await tripsOf(act, { counted, trips, user: await createUser() })).toBe(expected);
  });

  it.for(MANAGED)('%s takes %i round trips', async (row, { counted, trips, createManager }) => {
    const [, expected, acts, prepare] = row;
    for (const act of acts) {
      await act(counted, await newSubject(counted, await createManager(), prepare));
      const subject = await newSubject(counted, await createManager(), prepare);
      trips.take();
      const { status, text } = await act(counted, subject);
      expect({ status, text }).toEqual({ status: 200, text: expect.not.stringContaining('"errors"') });
      expect(trips.take()).toBe(expected);
    }
  });

  // The replica runs the backfill in the background, so statements are counted, each of which is a round trip.
  it(`${BACKFILL.operation} takes ${BACKFILL.trips} round trips`, async ({ service, createManager, db }) => {
    const subject = await newSubject(service, await createManager());
    // Another replica runs this one, so that no other one begins.
    await db.sql`
      insert into badge_backfills (definition_key, dry_run, started_at, owner, heartbeat_at)
      values (${subject.key}, false, now(), 'other', now())`;
    service.statements.clear();
    expect((await startBackfill(service, subject)).errors).toBeUndefined();
    expect(service.statements).toHaveLength(BACKFILL.trips);
    await db.sql`delete from badge_backfills`;
  });

  it(`${TRACKED.operation} takes ${TRACKED.trips} round trips`, async ({ counted, trips, createUser }) => {
    for (const act of updateTitle) {
      const user = await createUser();
      expect(await tripsOf(act, { counted, trips, user, goalOf: newTrackedGoal })).toBe(TRACKED.trips);
    }
  });

  it(`${BADGE.operation} takes ${BADGE.trips} round trips`, async ({ counted, trips, createUser }) => {
    for (const act of viewItem('badges')) {
      const user = await createUser();
      expect(await tripsOf(act, { counted, trips, user, goalOf: newBadge })).toBe(BADGE.trips);
    }
  });

  it(`${VOID.operation} takes ${VOID.trips} round trips`, async ({ counted, trips, createUser }) => {
    const user = await createUser();
    expect(await tripsOf(voidActivity, { counted, trips, user, goalOf: newActivity })).toBe(VOID.trips);
  });

  it(`${AT_LIMIT.operation}, takes ${AT_LIMIT.trips} round trips`, async ({ serve, trips, createUser }) => {
    const limited = await serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1', MAX_BADGES_PER_USER: '1' });
    const user = await createUser();
    await post('badges')(limited, user, 0);
    await post('badges')(limited, user, 0);
    trips.take();
    expect(await post('badges')(limited, user, 0)).toMatchObject({ status: 400 });
    expect(trips.take()).toBe(AT_LIMIT.trips);
  });

  it(`${UNKNOWN_COUNTER.operation}, takes ${UNKNOWN_COUNTER.trips} round trips`, async ({
    counted,
    trips,
    createUser,
    db,
  }) => {
    const user = await createUser();
    await post('badges')(counted, user, 0);
    for (const isPrepared of [false, true]) {
      await db.sql`update auth_users set badge_count = null where id = ${user.id}`;
      trips.take();
      expect(await post('badges')(counted, user, 0)).toMatchObject({ status: 200 });
      if (isPrepared) expect(trips.take()).toBe(UNKNOWN_COUNTER.trips);
    }
  });

  it('has a row in PERFORMANCE.md', async () => {
    const others = [BACKFILL, TRACKED, BADGE, VOID, AT_LIMIT, UNKNOWN_COUNTER].map(({ operation, trips }) => [
      operation,
      trips,
    ]);
    const rows = [...OPERATIONS, ...MANAGED, ...WITH_RULE, ...others].map(
      ([operation, trips]) => `| ${operation} | ${trips} |`,
    );
    expect(await readFile('docs/PERFORMANCE.md', 'utf8')).toContain(`\n|---|---:|\n${rows.join('\n')}\n\n`);
  });
});

describe('replays of a finished key', () => {
  it('all get the response, however many there are at once', async ({ service, createUser }) => {
    const user = await createUser();
    const replay = post('badges', storedKey);
    expect(await replay(service, user, 0)).toMatchObject({ status: 200 });
    const replays = await Promise.all(Array.from({ length: 50 }, () => replay(service, user, 0)));
    expect(new Set(replays.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
