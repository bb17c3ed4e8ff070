import { forEachConcurrently } from '../../../src/lib/for-each-concurrently.ts';
import type { Service } from '../../support/app.ts';
import type { AuthService } from '../../support/auth-service.ts';
import type { TestDatabase } from '../../support/database.ts';
import { expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import type { Tracker } from '../awards/tracker.ts';
import { HALF_HOUR_MS } from '../streaks/worlds.ts';
import type { DefinitionInput, RecordedItem, Round } from './award-histories.ts';
import { type Definition, earn, type RuleInput } from './naive-awards.ts';
import {
  activityInput,
  addActivities,
  FIELDS,
  type Moment,
  type Mutation,
  mutationsOf,
  type Subject,
} from './step-mutations.ts';

/** A service whose clock the histories move. */
export interface World {
  service: Service;
  auth: AuthService;
  db: TestDatabase;
  tracker: Tracker;
  clock: { now: number };
}

/** The users of a round with what they have, and the definitions, of which the first one has no rule. */
export interface Recorded {
  subjects: Subject[];
  definitions: Definition[];
}

/** Claims of tokens that are valid at every time of the histories. */
export const CLAIMS = { iat: undefined, exp: Date.parse('2200-01-01') / 1000 };
const GOALS = 3;
/** The time from the start of a round to its first step: late activities are of this time. */
const BEFORE_MS = 36 * 48 * HALF_HOUR_MS;
/** Fields of one mutation. */
const MAX_FIELDS = 20;
const MAX_CONCURRENT = 8;

/** Records the histories of a round. */
export async function recordRound(world: World, round: Round): Promise<Recorded> {
  const { clock, tracker } = world;
  clock.now = Date.parse(round.start) + BEFORE_MS;
  const definitions: Definition[] = [{ key: await tracker.define(null), repeat: 'ONCE', rule: null }];
  for (const definition of round.definitions) await addDefinition(world, definitions, definition);
  const recorded = { definitions, subjects: await insertUsers(world, round) };
  for (const [index, wait] of round.waits.entries()) {
    clock.now += wait * HALF_HOUR_MS;
    await takeSteps(world, recorded, index);
  }
  return recorded;
}

/** Creates a definition whose rule asks for badges of the earlier ones only. */
export async function addDefinition(
  { tracker }: World,
  definitions: Definition[],
  { repeat, rule: given }: DefinitionInput,
): Promise<string> {
  const rule = withKeys(
    given,
    definitions.map(({ key }) => key),
  );
  const key = await tracker.define(rule, { repeat });
  definitions.push({ key, repeat, rule });
  return key;
}

function withKeys(rule: RuleInput, keys: readonly string[]): RuleInput {
  if ('all' in rule) return { all: rule.all.map((part) => withKeys(part, keys)) };
  if ('any' in rule) return { any: rule.any.map((part) => withKeys(part, keys)) };
  return 'badge' in rule ? { badge: { key: keys[Number(rule.badge.key) % keys.length] ?? '' } } : rule;
}

async function insertUsers({ db: { sql } }: World, { start, histories }: Round): Promise<Subject[]> {
  const users = histories.map((history) => ({ ...history, id: `u-${crypto.randomUUID()}` }));
  const rows = sql`json_to_recordset(${JSON.stringify(users)}::text::json) as r(id text, zone text)`;
  await sql`insert into auth_users (id, goal_count) select id, ${GOALS}::int from ${rows}`;
  await sql`
    insert into user_time_zones (auth_user_id, effective_from, time_zone, is_from_token)
    select id, '1970-01-01', zone, false from ${rows}`;
  const goals = await sql<{ id: string; userId: string }[]>`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
    select id, 'Goal', 'in-progress', 0, '2000-01-01', '2000-01-01' from ${rows}, generate_series(1, ${GOALS}::int)
    returning id, auth_user_id as "userId"`;
  return users.map((user) => ({
    ...user,
    naive: {
      start,
      history: [{ effectiveFrom: '1970-01-01T00:00:00Z', timeZone: user.zone }],
      ...{ excused: [], activities: [], awards: [], goals: Array.from({ length: GOALS }, () => null) },
    },
    goalIds: goals.filter(({ userId }) => userId === user.id).map(({ id }) => id),
    ...{ activityIds: [], excusedIds: [] },
  }));
}

/** Takes the step of each user. Users change their own zones and goals, and a service all else. */
async function takeSteps(world: World, { subjects, definitions }: Recorded, index: number): Promise<void> {
  const { tracker, auth, clock } = world;
  const moment = { now: clock.now, definitions, badgeId: await badgeIdsOf(world, subjects) };
  const batch = subjects.flatMap((subject) => {
    const step = subject.steps[index];
    return step?.kind === 'record' && step.items.length > 1 ? { subject, items: step.items } : [];
  });
  const batched = new Set(batch.map(({ subject }) => subject));
  const mutations = subjects
    .filter((subject) => !batched.has(subject))
    .flatMap((subject) => mutationsOf(subject, subject.steps[index], moment));
  const isOwned = ({ field }: Mutation) => field === 'setTimeZone' || field === 'updateGoal';
  const issued = mutations.filter((mutation) => !isOwned(mutation));
  for (let from = 0; from < issued.length; from += MAX_FIELDS) {
    await send(world, issued.slice(from, from + MAX_FIELDS), { ...moment, token: tracker.token });
  }
  await forEachConcurrently(mutations.filter(isOwned), MAX_CONCURRENT, async (mutation) => {
    await send(world, [mutation], { ...moment, token: await auth.token(mutation.subject.id, CLAIMS) });
  });
  if (batch.length > 0) await recordBatch(world, batch, moment);
}

async function badgeIdsOf({ db: { sql } }: World, subjects: readonly Subject[]): Promise<Moment['badgeId']> {
  const rows = await sql<{ name: string; id: string }[]>`
    select auth_user_id || ' ' || definition_key || ' ' || award_key as name, id from badges
    where auth_user_id = any(${subjects.map(({ id }) => id)})`;
  const ids = new Map(rows.map(({ name, id }) => [name, id]));
  return (userId, key, awardKey) => ids.get(`${userId} ${key} ${awardKey}`) ?? '';
}

async function send(
  { service }: World,
  mutations: readonly Mutation[],
  { token, now, definitions }: Moment & { token: string },
): Promise<void> {
  const variables = mutations.map(({ field }, index) => `$i${index}: ${FIELDS[field][0]}!`);
  const fields = mutations.map(({ field }, index) => `f${index}: ${field}(input: $i${index}) { ${FIELDS[field][1]} }`);
  const inputs = Object.fromEntries(mutations.map(({ input }, index) => [`i${index}`, input]));
  const query = `mutation(${variables}) { ${fields} }`;
  const { data, errors, text } = await service.graphql(query, inputs, { token });
  expect(errors, text).toBeUndefined();
  for (const [index, { subject, apply }] of mutations.entries()) {
    const change = apply(data[`f${index}`]);
    if (change !== undefined) earn(subject.naive, definitions, { now, ...change });
  }
}

/** Records the activities of many users in one request. */
async function recordBatch(
  { tracker }: World,
  batch: readonly { subject: Subject; items: readonly RecordedItem[] }[],
  { now, definitions }: Moment,
): Promise<void> {
  const inputs = batch.flatMap(({ subject, items }) => items.map((item) => activityInput(subject, item, now)));
  const { results } = await tracker.recordMany('', inputs);
  const ids: string[] = results.map(({ activity }: Json) => activity.id);
  for (const { subject, items } of batch) {
    const change = addActivities(subject, { items, ids: ids.splice(0, items.length), now });
    earn(subject.naive, definitions, { now, ...change });
  }
}
