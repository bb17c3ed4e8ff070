import { type TestDatabase, withLongLockTimeout } from '../../support/database.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { it as base, createGoal, practise, START, updateGoal, viewGoal, voidActivity } from './tracked-goals.ts';

const WARNING = '299 - "streak_count is computed from activities"';

/** Two replicas: in one, the changes of a user run one after another. */
const it = base
  .extend('longTimeout', ({ serve, clock, db }) =>
    serve({ DATABASE_URL: withLongLockTimeout(db.url) }, { now: () => new Date(clock.now) }),
  )
  .extend('other', ({ serve, clock, db }) =>
    serve({ DATABASE_URL: withLongLockTimeout(db.url) }, { now: () => new Date(clock.now) }),
  );

/** Waits until a statement waits for a lock to which the condition applies. */
async function untilWaiting({ sql }: TestDatabase, condition: string): Promise<void> {
  const waiting = () =>
    sql.unsafe(`
      select from pg_locks l join pg_stat_activity a using (pid)
      where a.datname = current_database() and not granted and ${condition}`);
  await expect.poll(async () => (await waiting()).length, { interval: 5 }).toBeGreaterThan(0);
}

const day = (days: number, time = '12:00:00') =>
  `${new Date(Date.parse(START) + days * 86_400_000).toISOString().slice(0, 10)}T${time}Z`;

describe('the streak count of a goal', () => {
  it('is that of the client until the first activity, and computed from then on', async ({
    tracked,
    travel,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 12 });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(12);
    await travel(day(4));
    await practise(tracked, learner, { goal });
    expect(await viewGoal(tracked, goal)).toMatchObject({ streakCount: 1, streak: { current: 1 } });
    await travel(day(5));
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(2);
  });

  it.for([
    ['on the date before', 1, 13],
    ['on the same date, which it includes', 0, 12],
    ['two dates before', 2, 1],
  ])('continues a count that the client wrote %s', async ([, days, expected], { tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 12 });
    await travel(day(days as number));
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(expected);
  });

  it('continues a count of 0 that was written on the same date as 0', async ({ tracked, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 0 });
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(1);
  });

  it('continues a count that the client wrote again with the same value', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 5 });
    await travel(day(7));
    const same = await updateGoal(tracked, learner, { goal, streak_count: 5 });
    expect(same.body).toEqual(goal);
    await travel(day(8));
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(6);
  });

  it('is not written by an update of other fields', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 5 });
    await travel(day(7));
    await updateGoal(tracked, learner, { goal, title: 'Learn Greek' });
    await travel(day(8));
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(1);
  });

  it('of a goal of an earlier version was written no later than the goal was updated', async ({
    tracked,
    db,
    travel,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 5 });
    await db.sql`update learning_goals set streak_written_at = null where id = ${goal.id}`;
    await travel(day(7));
    await updateGoal(tracked, learner, { goal, title: 'Learn Greek' });
    const [row] =
      await db.sql`select streak_written_at = created_at as frozen from learning_goals where id = ${goal.id}`;
    expect(row?.frozen).toBe(true);
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(1);
  });

  it('loses the days that the client counted when the run breaks', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 12 });
    await travel(day(1));
    await practise(tracked, learner, { goal });
    await travel(day(2));
    expect((await viewGoal(tracked, goal)).streakCount).toBe(13);
    await travel(day(3));
    expect((await viewGoal(tracked, goal)).streakCount).toBe(0);
    await practise(tracked, learner, { goal });
    expect((await viewGoal(tracked, goal)).streakCount).toBe(1);
  });

  it('stays computed when the first activity is void', async ({ tracked, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 12 });
    const { activity } = await practise(tracked, learner, { goal });
    await voidActivity(tracked, learner, activity);
    expect((await viewGoal(tracked, goal)).streakCount).toBe(0);
    const { headers, body } = await updateGoal(tracked, learner, { goal, streak_count: 9 });
    expect([headers.warning, body.streak_count]).toEqual([WARNING, 0]);
  });
});

describe('a count that the client writes while it records the first activity', () => {
  it('is continued when it was written between the reading and the saving of the activity', async ({
    longTimeout,
    other,
    db,
    learner,
  }) => {
    const goal = await createGoal(longTimeout, learner, { streak_count: 5 });
    const { practised, warning } = await db.sql.begin(async (tx) => {
      await tx`lock table badge_evidence in share mode`;
      const recording = practise(longTimeout, learner, { goal });
      await untilWaiting(db, `relation = 'badge_evidence'::regclass`);
      const { headers } = await updateGoal(other, learner, { goal, streak_count: 10 });
      return { practised: recording, warning: headers.warning };
    });
    await practised;
    expect(warning).toBeUndefined();
    expect((await viewGoal(longTimeout, goal)).streakCount).toBe(10);
  });

  it('is ignored with a Warning when the activity was saved first', async ({ longTimeout, other, db, learner }) => {
    const goal = await createGoal(longTimeout, learner, { streak_count: 5 });
    const { recording, updating } = await db.sql.begin(async (tx) => {
      await tx`select from auth_users where id = ${learner.id} for update`;
      const recording = practise(longTimeout, learner, { goal });
      await untilWaiting(db, `locktype = 'transactionid'`);
      const updating = updateGoal(other, learner, { goal, streak_count: 10 });
      await untilWaiting(db, `locktype = 'tuple'`);
      return { recording: [recording], updating: [updating] };
    });
    await Promise.all(recording);
    const [updated] = await Promise.all(updating);
    expect([updated?.headers.warning, updated?.body.streak_count]).toEqual([WARNING, 5]);
    expect((await viewGoal(longTimeout, goal)).streakCount).toBe(5);
  });
});

describe('a client that writes streak_count', () => {
  it('gets a Warning for a goal with activities, and changes the other fields only', async ({
    tracked,
    db,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 3 });
    expect((await updateGoal(tracked, learner, { goal, streak_count: 4 })).headers.warning).toBeUndefined();
    await practise(tracked, learner, { goal });
    const before = await db.snapshot();
    const ignored = await updateGoal(tracked, learner, { goal, streak_count: 40 });
    expect(ignored).toMatchObject({ status: 200, headers: { warning: WARNING, etag: `"${goal.id}-2"` } });
    expect(ignored.body.streak_count).toBe(4);
    expect(await db.snapshot()).toEqual(before);
    const changed = await updateGoal(tracked, learner, { goal, streak_count: 40, title: 'Learn Greek' });
    expect(changed.headers).toMatchObject({ warning: WARNING, etag: `"${goal.id}-3"` });
    expect(changed.body).toMatchObject({ streak_count: 4, title: 'Learn Greek' });
    expect((await updateGoal(tracked, learner, { goal, title: 'Learn Latin' })).headers.warning).toBeUndefined();
    expect((await updateGoal(tracked, learner, { goal, streak_count: -1 })).status).toBe(422);
  });
});

describe('the computed streak count', () => {
  const ENTITIES = `query($refs: [_Any!]!) { _entities(representations: $refs) {
    ... on LearningGoal { streakCount } ... on User { goals { streakCount } goalsConnection { nodes { streakCount } } }
  } }`;

  it('is the same in lists, profiles, entities and the answers to updates', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 6 });
    const other = await createGoal(tracked, learner, { streak_count: 2 });
    await travel(day(1));
    await practise(tracked, learner, { goal });
    const list = await tracked.rest(`/users/${learner.id}/goals`);
    const page = await tracked.rest(`/users/${learner.id}/goals?limit=10`);
    const profile = await tracked.rest(`/users/${learner.id}`);
    expect(list.body.map(({ streak_count }: { streak_count: number }) => streak_count)).toEqual([2, 7]);
    expect(page.body).toEqual(list.body);
    expect(profile.body.learning_goals).toEqual(list.body);
    const refs = [
      { __typename: 'LearningGoal', id: String(goal.id) },
      { __typename: 'LearningGoal', id: String(other.id) },
      { __typename: 'User', id: learner.id },
    ];
    const { data } = await tracked.graphql(ENTITIES, { refs });
    const goals = [{ streakCount: 2 }, { streakCount: 7 }];
    expect(data._entities).toEqual([goals[1], goals[0], { goals, goalsConnection: { nodes: goals } }]);
    expect((await updateGoal(tracked, learner, { goal, title: 'Learn Greek' })).body.streak_count).toBe(7);
  });

  it('is in every page of a list that is streamed', async ({ tracked, db, learner }) => {
    const goal = await createGoal(tracked, learner, { streak_count: 6 });
    await practise(tracked, learner, { goal, quantity: 2 });
    await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      select ${learner.id}, 'Goal ' || n, 'paused', 4, '2026-03-03', '2026-03-03' from generate_series(1, 1100) n`;
    await practise(tracked, learner, {
      goal: { id: (await tracked.rest(`/users/${learner.id}/goals?limit=1`)).body[0].id },
    });
    const { body } = await tracked.rest(`/users/${learner.id}/goals`);
    const counts = body.map(({ streak_count }: { streak_count: number }) => streak_count);
    expect(counts).toEqual([1, ...Array(1099).fill(4), 6]);
  });

  it('takes one statement for all goals of a request, and none without activities', async ({ tracked, learner }) => {
    const goals = [];
    for (let i = 0; i < 5; i++) goals.push(await createGoal(tracked, learner));
    const count = async (fields: string) => {
      tracked.statements.clear();
      await tracked.graphql(`{ viewer { goals { ${fields} } } }`, {}, { token: learner.token });
      return tracked.statements.length;
    };
    const counts = async () => [await count('streakCount'), await count('streakCount streak { current }')];
    expect(await counts()).toEqual([1, 1]);
    for (const goal of goals) {
      await practise(tracked, learner, { goal });
      expect(await counts()).toEqual([2, 2]);
    }
  });
});

describe('the statistics of a profile', () => {
  it('have the overall streak and the number of active days', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner);
    for (const days of [0, 1, 2, 5]) {
      await travel(day(days));
      await practise(tracked, learner, { goal });
    }
    const { body } = await tracked.rest(`/users/${learner.id}`);
    expect(body.statistics).toMatchObject({ current_streak: 1, longest_streak: 3, active_days: 4 });
  });
});
