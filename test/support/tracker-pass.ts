import { expect } from 'vitest';
import { goalInput } from './builders.ts';
import type { SignedIn } from './fixtures.ts';
import type { HttpClient } from './http-client.ts';
import type { Json } from './json.ts';

const DEFINITION = 'definition { key state } ';
const STREAK = 'streak { current status expiresAt }';

const EVERYTHING = `query ($id: ID!, $goal: ID!, $key: ID!, $from: Date!, $to: Date!) {
  activity(id: $id) { id goal { id } user { id } }
  goal(id: $goal) { ${STREAK} progress { quantity neededPerDay } }
  badgeDefinition(key: $key) { key }
  badgeDefinitions(first: 5) { key }
  viewer {
    timeZone ${STREAK} excusedDates { id } activityCalendar(from: $from, to: $to) { count excused }
    activities(first: 1) { nodes { id } pageInfo { endCursor } }
    lessons: activities(verb: "lesson.completed") { nodes { id } }
    badgeProgress { current badge { id } }
    badges(first: 10) { name source ${DEFINITION} evidence { replay activities { id } } }
    badgesConnection(first: 1) { totalCount }
    statistics { level }
  }
}`;

const RULES: [name: string, rule: Json | null, repeat?: string][] = [
  ['hand', null],
  ['count', { count: { verb: 'practice', gte: 1 } }],
  ['objects', { count: { verb: 'practice', gte: 1, distinct: 'object' } }, 'WEEKLY'],
  ['sum', { all: [{ sum: { verb: 'practice', gte: 2 } }, { count: { verb: 'practice', gte: 1, distinct: 'date' } }] }],
  ['streak', { streak: { gte: 1 } }],
  ['run', { count: { verb: 'practice', gte: 1 } }, 'PER_STREAK'],
  ['goals', { goalsCompleted: { gte: 1 } }],
];

interface TrackerPass {
  user: SignedIn;
  /** Returns a token of a service with the scopes. */
  tokenOf: (scope: string) => Promise<string>;
}

/** A backfill of the 10,000 users of `test/db/plans.test.ts` takes 14 s. */
const BACKFILL_MS = 180_000;

/** Calls every operation of the tracker, and expects success. It archives the definitions that it creates. */
export async function trackerPass(service: HttpClient, { user, tokenOf }: TrackerPass): Promise<void> {
  const tracker = await tokenOf('badges:manage badges:award activity:write activity:read streaks:write');
  const call = async (text: string, variables: Json, token = user.token): Promise<Json> => {
    const { body } = await service.graphql(text, variables, { token });
    expect(body.errors).toBeUndefined();
    return body.data;
  };
  const mutate = async (name: string, input: Json, { result, token }: { result: string; token?: string }) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    return (await call(`mutation ($input: ${type}!) { ${name}(input: $input) { ${result} } }`, { input }, token))[name];
  };
  const keyOf = (name: string) => `${name}-${user.id.slice(-12)}`;
  const words = { description: 'For practice', iconUrl: '/icon.svg' };
  for (const [name, rule, repeat = 'ONCE'] of RULES) {
    const input = { key: keyOf(name), name, rule, repeat, ...words };
    await mutate('createBadgeDefinition', input, { result: DEFINITION, token: tracker });
    await mutate(
      'updateBadgeDefinition',
      { key: keyOf(name), state: 'ACTIVE' },
      { result: DEFINITION, token: tracker },
    );
  }

  await mutate('setTimeZone', { timeZone: 'Europe/Berlin' }, { result: 'timeZone' });
  const goalFields = { ...goalInput(), timesPerWeek: 2, targetQuantity: 10, dueOn: '2100-01-01' };
  const { goal } = await mutate('createGoal', goalFields, { result: 'goal { id }' });
  const practice = { eventId: 'practice-1', verb: 'practice', objectId: 'lesson 1', goalId: goal.id, quantity: 2 };
  const recorded = await mutate('recordActivity', practice, { result: 'activity { id localDate } badges { name }' });
  expect(recorded.badges.length).toBeGreaterThan(2);
  const activities = ['lesson-1', 'lesson-2'].map((eventId) => ({
    userId: user.id,
    eventId,
    verb: 'lesson.completed',
  }));
  const batch = await mutate('recordActivities', { activities }, { result: 'results { status }', token: tracker });
  expect(batch.results).toHaveLength(2);
  const body = { event_id: 'rest-1', verb: 'practice' };
  const posted = await service.rest(`/users/${user.id}/activities`, { token: user.token, body });
  expect(posted.status).toBe(200);
  await mutate('updateGoal', { id: goal.id, timesPerWeek: 3 }, { result: 'goal { id }' });

  const range = await mutate(
    'excuseDates',
    { from: '2099-01-01', to: '2099-01-02' },
    { result: 'excusedDates { id }' },
  );
  const dates = { userId: user.id, from: '2020-01-01', to: '2020-01-02', reason: 'Outage' };
  await mutate('excuseDates', dates, { result: 'excusedDates { id }', token: tracker });
  const { localDate } = recorded.activity;
  const everything = await call(EVERYTHING, {
    id: recorded.activity.id,
    goal: goal.id,
    key: keyOf('count'),
    from: localDate,
    to: localDate,
  });
  expect(everything.viewer.badges.length).toBeGreaterThan(2);
  for (const path of ['activities', 'streak', `activity/calendar?from=${localDate}&to=${localDate}`]) {
    expect((await service.rest(`/users/${user.id}/${path}`, { token: user.token })).status).toBe(200);
  }

  await mutate('cancelExcusedDates', { id: range.excusedDates.id }, { result: 'excusedDates { id }' });
  await mutate('updateGoal', { id: goal.id, status: 'COMPLETED' }, { result: 'goal { status }' });
  const granted = await mutate(
    'awardBadge',
    { userId: user.id, key: keyOf('hand') },
    { result: 'badge { id }', token: tracker },
  );
  await mutate('revokeBadge', { id: granted.badge.id }, { result: 'badge { status }', token: tracker });
  await mutate('reinstateBadge', { id: granted.badge.id }, { result: 'badge { status }', token: tracker });
  const started = await mutate(
    'startBadgeBackfill',
    { key: keyOf('count') },
    { result: 'backfill { id }', token: tracker },
  );
  const backfill = `query ($id: ID!) { badgeBackfill(id: $id) { finishedAt ${DEFINITION} samples { user { id } } } }`;
  const isFinished = async () => (await call(backfill, started.backfill, tracker)).badgeBackfill.finishedAt !== null;
  await expect.poll(isFinished, { timeout: BACKFILL_MS }).toBe(true);
  await mutate('voidActivity', { id: recorded.activity.id }, { result: 'activity { voidedAt }' });
  await mutate('deleteGoal', { id: goal.id }, { result: 'deletedId' });
  for (const [name] of RULES) {
    const archived = { key: keyOf(name), state: 'ARCHIVED' };
    await mutate('updateBadgeDefinition', archived, { result: DEFINITION, token: tracker });
  }
}
