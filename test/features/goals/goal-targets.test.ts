import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { createGoal, it, practise, START, updateGoal, viewGoal, voidActivity } from './tracked-goals.ts';

const CREATE = `mutation($input: CreateGoalInput!) {
  createGoal(input: $input) { goal { id targetQuantity dueOn timesPerWeek version } }
}`;
const UPDATE = `mutation($input: UpdateGoalInput!) {
  updateGoal(input: $input) { goal { id targetQuantity dueOn timesPerWeek version } }
}`;
const TARGETS = { target_quantity: 100, due_on: '2026-03-11', times_per_week: 3 };
const NONE = { target_quantity: null, due_on: null, times_per_week: null };
const camel = { target_quantity: 'targetQuantity', due_on: 'dueOn', times_per_week: 'timesPerWeek' };
const asInput = (body: Json) =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [camel[name as keyof typeof camel], value]));

describe('target, due date and times per week', () => {
  it('are null by default, and set, kept, changed and removed over both APIs', async ({ tracked, learner }) => {
    expect(await createGoal(tracked, learner)).toMatchObject(NONE);
    const goal = await createGoal(tracked, learner, TARGETS);
    expect(goal).toMatchObject(TARGETS);
    expect((await updateGoal(tracked, learner, { goal, title: 'Learn Greek' })).body).toMatchObject(TARGETS);
    const change = async (input: Json) =>
      (await tracked.graphql(UPDATE, { input: { id: goal.id, ...input } }, { token: learner.token })).data.updateGoal
        .goal;
    expect(await change({ targetQuantity: 7, timesPerWeek: 1 })).toMatchObject({
      targetQuantity: 7,
      timesPerWeek: 1,
      dueOn: TARGETS.due_on,
      version: 3,
    });
    expect(await change({ targetQuantity: 7 })).toMatchObject({ version: 3 });
    expect((await updateGoal(tracked, learner, { goal, ...NONE })).body).toMatchObject(NONE);
    const { data } = await tracked.graphql(
      CREATE,
      { input: { title: 'x', ...asInput(TARGETS) } },
      { token: learner.token },
    );
    expect(data.createGoal.goal).toMatchObject(asInput(TARGETS));
  });

  it.for([
    ['target_quantity', 1],
    ['target_quantity', 1_000_000_000],
    ['due_on', '0001-01-01'],
    ['due_on', '2028-02-29'],
    ['due_on', '9999-12-31'],
    ['times_per_week', 1],
    ['times_per_week', 7],
  ] as const)('accepts %s %s', async ([field, value], { tracked, learner }) => {
    expect(await createGoal(tracked, learner, { [field]: value })).toMatchObject({ [field]: value });
  });

  it.for([
    ['target_quantity', 0],
    ['target_quantity', 1_000_000_001],
    ['target_quantity', 1.5],
    ['target_quantity', '5'],
    ['due_on', '2026-02-29'],
    ['due_on', '0000-01-01'],
    ['due_on', '2026-3-1'],
    ['due_on', '2026-03-01T00:00:00Z'],
    ['due_on', ''],
    ['due_on', 20260301],
    ['times_per_week', 0],
    ['times_per_week', 8],
    ['times_per_week', true],
  ] as const)('rejects %s %s, and changes nothing', async ([field, value], { tracked, db, learner }) => {
    const goal = await createGoal(tracked, learner, TARGETS);
    const before = await db.snapshot();
    const path = `/users/${learner.id}/goals`;
    const { token } = learner;
    const created = await tracked.rest(path, { token, body: { title: 'x', [field]: value } });
    const updated = await updateGoal(tracked, learner, { goal, [field]: value });
    for (const { status, body } of [created, updated]) {
      expect({ status, loc: body.detail[0].loc }).toEqual({ status: 422, loc: ['body', field] });
    }
    const input = asInput({ [field]: value });
    for (const [mutation, rest] of [
      [CREATE, { title: 'x' }],
      [UPDATE, { id: goal.id }],
    ] as const) {
      const { errors } = await tracked.graphql(mutation, { input: { ...rest, ...input } }, { token });
      expect(errors?.[0].extensions.code).toBe('BAD_USER_INPUT');
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('reject a date that does not exist in the text of a mutation', async ({ tracked, learner }) => {
    const query = 'mutation { createGoal(input: { title: "x", dueOn: "2026-02-30" }) { goal { id } } }';
    const { errors } = await tracked.graphql(query, {}, { token: learner.token });
    expect(errors?.[0].message).toMatch(/Date must be an existing date such as 2026-03-01/);
  });

  it('are part of the content of an idempotency key', async ({ tracked, learner }) => {
    const create = (body: Json) =>
      tracked.rest(`/users/${learner.id}/goals`, {
        token: learner.token,
        body: { title: 'x', ...body },
        headers: { 'idempotency-key': 'targets' },
      });
    const first = await create(TARGETS);
    const again = await create({ ...TARGETS, status: 'in-progress' });
    expect(again).toMatchObject({ status: 200, text: first.text, headers: { 'idempotent-replayed': 'true' } });
    expect(await create({ ...TARGETS, times_per_week: 4 })).toMatchObject({ body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await create({})).toMatchObject({ body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('are null in a response that a replica of version 2.0.0 has stored', async ({ tracked, db, learner }) => {
    const options = { token: learner.token, body: { title: 'x' }, headers: { 'idempotency-key': 'old' } };
    const first = await tracked.rest(`/users/${learner.id}/goals`, options);
    await db.sql`update idempotency_keys set body = regexp_replace(body, ',"target_quantity".*$', '}') where key = 'old'`;
    const { text, headers } = await tracked.rest(`/users/${learner.id}/goals`, options);
    expect([text, headers['idempotent-replayed']]).toEqual([first.text, 'true']);
  });
});

describe('progress', () => {
  it('is null without a target, and counts the quantities of the activities of the goal', async ({
    tracked,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner);
    const other = await createGoal(tracked, learner, { target_quantity: 3 });
    expect((await viewGoal(tracked, goal)).progress).toBeNull();
    const { activity } = await practise(tracked, learner, { goal: other, quantity: 2 });
    await practise(tracked, learner, { goal, quantity: 50 });
    expect((await viewGoal(tracked, other)).progress).toEqual({
      quantity: 2,
      target: 3,
      ratio: 0.66,
      neededPerDay: null,
    });
    await voidActivity(tracked, learner, activity);
    expect((await viewGoal(tracked, other)).progress).toMatchObject({ quantity: 0, ratio: 0 });
  });

  it.for([
    [999, 1000, 0.99],
    [1000, 1000, 1],
    [1001, 1000, 1],
    [1, 3, 0.33],
    [29, 100, 0.29],
    [58, 100, 0.58],
    [999_999, 1_000_000_000, 0],
  ] as const)('of %i of %i has the ratio %d', async ([quantity, target, ratio], { tracked, learner }) => {
    const goal = await createGoal(tracked, learner, { target_quantity: target });
    await practise(tracked, learner, { goal, quantity });
    expect((await viewGoal(tracked, goal)).progress).toMatchObject({ quantity, target, ratio });
  });

  it('needs per day what is missing over the dates to the due date, and all of it afterwards', async ({
    tracked,
    travel,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner, { target_quantity: 100, due_on: '2026-03-11' });
    await practise(tracked, learner, { goal, quantity: 9 });
    const needed = async (now: string) => {
      await travel(now);
      const { progress, isOverdue } = await viewGoal(tracked, goal);
      return [progress.neededPerDay, isOverdue];
    };
    expect(await needed(START)).toEqual([10, false]);
    expect(await needed('2026-03-10T00:00:00Z')).toEqual([46, false]);
    expect(await needed('2026-03-11T23:59:59Z')).toEqual([91, false]);
    expect(await needed('2026-03-12T00:00:00Z')).toEqual([91, true]);
    await practise(tracked, learner, { goal, quantity: 91 });
    expect(await needed('2026-03-12T00:00:00Z')).toEqual([0, true]);
  });

  it('stops at a quantity of 2,147,483,647', async ({ tracked, db, learner }) => {
    const goal = await createGoal(tracked, learner, { target_quantity: 1_000_000_000 });
    await practise(tracked, learner, { goal });
    await db.sql`update activity_totals set quantity = 5000000000 where series = ${`goal:${goal.id}`}`;
    expect((await viewGoal(tracked, goal)).progress).toMatchObject({ quantity: 2_147_483_647, ratio: 1 });
  });

  it('of all goals of a request takes one statement, with isOverdue', async ({ tracked, learner }) => {
    for (let i = 0; i < 5; i++) await createGoal(tracked, learner, TARGETS);
    tracked.statements.clear();
    await tracked.graphql('{ viewer { goals { isOverdue progress { quantity } } } }', {}, { token: learner.token });
    expect(tracked.statements).toHaveLength(2);
  });
});

describe('isOverdue', () => {
  it('follows the date of the user, and is false for a completed or archived goal', async ({
    tracked,
    db,
    travel,
    learner,
  }) => {
    const goal = await createGoal(tracked, learner, { due_on: '2026-03-02' });
    await practise(tracked, learner, { goal });
    await db.sql`insert into user_time_zones values (${learner.id}, '1970-01-01T00:00:00Z', 'Pacific/Honolulu')`;
    const isOverdue = async () => (await viewGoal(tracked, goal)).isOverdue;
    await travel('2026-03-03T09:59:59Z');
    expect(await isOverdue()).toBe(false);
    await travel('2026-03-03T10:00:00Z');
    expect(await isOverdue()).toBe(true);
    for (const [status, expected] of [
      ['completed', false],
      ['in-progress', true],
      ['archived', false],
    ]) {
      await updateGoal(tracked, learner, { goal, status });
      expect(await isOverdue()).toBe(expected);
    }
  });
});
