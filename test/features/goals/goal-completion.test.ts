import type { Service } from '../../support/app.ts';
import { withLongLockTimeout } from '../../support/database.ts';
import { describe, expect, type SignedIn } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { whileLocked } from '../../support/locked-user.ts';
import { countWaiting } from '../../support/waiting.ts';
import { it as base, createGoal, practise, updateGoal } from './tracked-goals.ts';

const DEFINE = `mutation($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }`;
const CHANGE = `mutation($input: UpdateBadgeDefinitionInput!) { updateBadgeDefinition(input: $input) { definition { key } } }`;
const COMPLETE = `mutation($id: ID!) {
  updateGoal(input: { id: $id, status: COMPLETED }) { goal { status } user { badges { name dateAchieved source } } }
}`;
const CREATE_COMPLETED = `mutation($input: CreateGoalInput!) {
  createGoal(input: $input) { goal { id status } user { badges { name source } } }
}`;

let defined = 0;

/** Definitions apply to all users: those of a test are archived when it ends. */
const it = base
  .extend('manager', ({ auth }) => auth.token('manager', { scope: 'badges:manage' }))
  /** Defines an active badge and returns its key. */
  .extend('define', ({ serve, manager }) => async (rule: Json, name = 'Finisher'): Promise<string> => {
    const key = `finisher-${++defined}`;
    const input = { key, name, description: 'Reached goals', iconUrl: '/x.svg', rule, state: 'ACTIVE' };
    const { errors } = await (await serve()).graphql(DEFINE, { input }, { token: manager });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return key;
  })
  .extend('archiveAll', { auto: true }, async ({ db }, { onCleanup }) => {
    onCleanup(async () => {
      await db.sql`update badge_definitions set state = 'archived'`;
      await db.sql`update badge_definition_revision set revision = revision + 1`;
    });
  });

const badgesOf = async (service: Service, { id }: SignedIn): Promise<string[]> =>
  (await service.rest(`/users/${id}/badges`)).body.map(({ name }: Json) => name);

describe('the completion of a goal', () => {
  it('earns the badge of a rule on completed goals over REST, dated by the completion', async ({
    tracked,
    define,
    learner,
    travel,
  }) => {
    await define({ goalsCompleted: { gte: 2 } });
    const goals = [await createGoal(tracked, learner), await createGoal(tracked, learner)];
    await updateGoal(tracked, learner, { goal: goals[0], status: 'completed' });
    expect(await badgesOf(tracked, learner)).toEqual([]);
    await travel('2026-03-04T08:00:00Z');
    expect((await updateGoal(tracked, learner, { goal: goals[1], status: 'completed' })).status).toBe(200);
    const { body } = await tracked.rest(`/users/${learner.id}/badges`);
    expect(body).toMatchObject([{ name: 'Finisher', date_achieved: '2026-03-04T08:00:00Z' }]);
    await updateGoal(tracked, learner, { goal: goals[1], status: 'in-progress' });
    await updateGoal(tracked, learner, { goal: goals[1], status: 'completed' });
    expect(await badgesOf(tracked, learner)).toEqual(['Finisher']);
  });

  it('earns it over GraphQL, in an update and at the creation', async ({ tracked, define, learner }) => {
    await define({ goalsCompleted: { gte: 1 } });
    await define({ goalsCompleted: { gte: 2 } }, 'Twice');
    const { token } = learner;
    const goal = await createGoal(tracked, learner);
    const updated = await tracked.graphql(COMPLETE, { id: goal.id }, { token });
    expect(updated.data.updateGoal.user.badges).toMatchObject([{ name: 'Finisher', source: 'RULE' }]);
    const input = { title: 'Done', status: 'COMPLETED', idempotencyKey: 'done' };
    const created = await tracked.graphql(CREATE_COMPLETED, { input }, { token });
    expect(created.data.createGoal.user.badges).toMatchObject([{ name: 'Twice' }, { name: 'Finisher' }]);
    const again = await tracked.graphql(CREATE_COMPLETED, { input }, { token });
    expect(again.data).toEqual(created.data);
    const { body } = await tracked.rest(`/users/${learner.id}/goals`);
    expect(body).toHaveLength(2);
  });

  it('completes rules that also ask for activities and other badges', async ({ tracked, define, learner }) => {
    const key = await define({ all: [{ goalsCompleted: { gte: 1 } }, { count: { verb: 'practice', gte: 1 } }] });
    await define({ badge: { key } }, 'Meta');
    const goal = await createGoal(tracked, learner);
    await practise(tracked, learner, { goal });
    await updateGoal(tracked, learner, { goal, status: 'completed' });
    expect((await badgesOf(tracked, learner)).sort()).toEqual(['Finisher', 'Meta']);
  });

  it.for<[string, complete: (service: Service, learner: SignedIn) => Promise<unknown>]>([
    [
      'an update',
      async (service, learner) =>
        updateGoal(service, learner, { goal: await createGoal(service, learner), status: 'completed' }),
    ],
    ['a creation', (service, learner) => createGoal(service, learner, { status: 'completed' })],
  ])(
    'decides by the definitions that another replica has just changed, in %s',
    async ([, complete], { tracked, serve, manager, learner, define }) => {
      const key = await define({ count: { verb: 'check-in', gte: 1 } });
      const other = await serve();
      const change = (input: Json) => other.graphql(CHANGE, { input: { key, ...input } }, { token: manager });
      await complete(tracked, learner);
      await change({ rule: { goalsCompleted: { gte: 2 } } });
      await complete(tracked, learner);
      expect(await badgesOf(tracked, learner)).toEqual(['Finisher']);
      const locked = await define({ goalsCompleted: { gte: 3 } }, 'Locked');
      await other.graphql(CHANGE, { input: { key: locked, state: 'LOCKED' } }, { token: manager });
      await complete(tracked, learner);
      expect(await badgesOf(tracked, learner)).toEqual(['Finisher']);
    },
  );

  it('can change timesPerWeek as well, with a rule on goals and without one', async ({ tracked, define, learner }) => {
    for (const badges of [[], ['Finisher']]) {
      if (badges.length > 0) await define({ goalsCompleted: { gte: 1 } });
      const goal = await createGoal(tracked, learner);
      await practise(tracked, learner, { goal });
      const { body } = await updateGoal(tracked, learner, { goal, status: 'completed', times_per_week: 1 });
      expect(body).toMatchObject({ status: 'completed', times_per_week: 1, streak_count: 1 });
      expect(await badgesOf(tracked, learner)).toEqual(badges);
    }
  });

  it('and an activity at the same time earn a badge that needs both', async ({ service, define, createUser }) => {
    await define({ all: [{ goalsCompleted: { gte: 1 } }, { count: { verb: 'practice', gte: 1 } }] });
    for (let round = 0; round < 10; round++) {
      const user = await createUser();
      const goal = await createGoal(service, user);
      await Promise.all([
        practise(service, user, { goal }),
        updateGoal(service, user, { goal, status: 'completed' }),
        practise(service, user, { goal }),
      ]);
      expect(await badgesOf(service, user)).toEqual(['Finisher']);
    }
  });

  it('earns one badge when eight requests complete goals at the same time', async ({ service, define, createUser }) => {
    await define({ goalsCompleted: { gte: 3 } });
    const user = await createUser();
    const goals = [];
    for (let i = 0; i < 6; i++) goals.push(await createGoal(service, user));
    const updates = goals.map((goal) => updateGoal(service, user, { goal, status: 'completed' }));
    const creations = [1, 2].map(() => createGoal(service, user, { status: 'completed' }));
    const responses = await Promise.all(updates);
    await Promise.all(creations);
    expect(responses.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await badgesOf(service, user)).toEqual(['Finisher']);
  });

  it('at the limit of goals is rejected, and changes nothing', async ({ serve, db, define, createUser }) => {
    await define({ goalsCompleted: { gte: 1 } });
    const service = await serve({ MAX_GOALS_PER_USER: '1' });
    const { id, token } = await createUser();
    await service.rest(`/users/${id}/goals`, { token, body: { title: 'x' } });
    const before = await db.snapshot();
    const body = { title: 'y', status: 'completed' };
    const rejected = await service.rest(`/users/${id}/goals`, { token, body, headers: { 'idempotency-key': 'k' } });
    expect(rejected).toMatchObject({ status: 400, body: { code: 'LIMIT_REACHED' } });
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('a change of timesPerWeek', () => {
  it('recomputes the streak of the goal over its whole history', async ({ tracked, travel, learner }) => {
    const goal = await createGoal(tracked, learner);
    for (const date of ['02', '04', '06', '09', '11', '13', '16', '20']) {
      await travel(`2026-03-${date}T12:00:00Z`);
      await practise(tracked, learner, { goal });
    }
    const streakOf = async () =>
      (await tracked.graphql('query($id: ID!) { goal(id: $id) { streak { unit current longest } } }', { id: goal.id }))
        .data.goal.streak;
    expect(await streakOf()).toEqual({ unit: 'DAY', current: 1, longest: 1 });
    tracked.statements.clear();
    const weekly = await updateGoal(tracked, learner, { goal, times_per_week: 3 });
    expect(weekly.body).toMatchObject({ times_per_week: 3, streak_count: 2 });
    // A read after the save could fail, and its error would say nothing about the save.
    expect(tracked.statements.at(-1)).toMatch(/\bchanged as \(/);
    expect(await streakOf()).toEqual({ unit: 'WEEK', current: 2, longest: 2 });
    await updateGoal(tracked, learner, { goal, times_per_week: 2 });
    expect(await streakOf()).toEqual({ unit: 'WEEK', current: 3, longest: 3 });
    await updateGoal(tracked, learner, { goal, times_per_week: null });
    expect(await streakOf()).toEqual({ unit: 'DAY', current: 1, longest: 1 });
  });

  it('at the same time as the first activities leaves a streak of the new unit', async ({ service, createUser }) => {
    for (let round = 0; round < 10; round++) {
      const user = await createUser();
      const goal = await createGoal(service, user);
      await Promise.all([
        practise(service, user, { goal }),
        updateGoal(service, user, { goal, times_per_week: 1 }),
        practise(service, user, { goal }),
      ]);
      const { data } = await service.graphql('query($id: ID!) { goal(id: $id) { streak { unit current } } }', {
        id: goal.id,
      });
      expect(data.goal.streak).toEqual({ unit: 'WEEK', current: 1 });
    }
  });

  it('waits in the process: one connection for a user, and 429 while 100 wait', async ({
    define,
    serve,
    db,
    createUser,
  }) => {
    await define({ goalsCompleted: { gte: 500 } });
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const { id, token } = await createUser();
    const codes: Json[] = [];
    const create = async () => {
      const body = { title: 'Done', status: 'completed' };
      codes.push((await service.rest(`/users/${id}/goals`, { token, body })).body.code);
    };
    const rejected = () => codes.filter((code) => code === 'RATE_LIMITED').length;
    await whileLocked(db.sql, id, {
      start: () => Promise.all(Array.from({ length: 130 }, create)),
      until: async () => {
        // On a slow machine, some exceed the time limit of a lock, 1.4 s, and others take their places.
        await expect.poll(() => codes.length, { interval: 5 }).toBeGreaterThanOrEqual(130 - 101);
        expect(rejected()).toBeGreaterThanOrEqual(130 - 101 - 2);
        expect(await countWaiting(db.sql)).toBeLessThanOrEqual(1);
      },
    });
    expect(rejected()).toBeLessThanOrEqual(130 - 101);
  });
});
