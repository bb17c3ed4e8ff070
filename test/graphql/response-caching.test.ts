import { type Service, serviceEnv, startService } from '../support/app.ts';
import { badgeInput, it as base, describe, expect, goalInput } from '../support/fixtures.ts';
import type { GraphqlResponse } from '../support/http-client.ts';

const PUBLIC = 'public, max-age=60';
const PRIVATE = 'private, no-store, max-age=0';

const it = base.extend('cached', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
  const started = await startService(serviceEnv(db, auth, { CACHE_MAX_AGE_SECONDS: '60' }));
  onCleanup(() => started.close());
  return started;
});

const cacheControlOf = ({ headers }: GraphqlResponse) => headers['cache-control'];
const entities = (selection: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { ${selection} } } }`;
const users = (...ids: string[]) => ids.map((id) => ({ __typename: 'User', id }));

/** Sends the query three times, so that the last execution is a compiled one. */
async function send(service: Service, query: string, variables: Record<string, unknown> = {}) {
  const responses: GraphqlResponse[] = [];
  for (let i = 0; i < 3; i++) responses.push(await service.graphql(query, variables));
  return responses;
}

/** Creates a goal and records an activity for it. */
async function practise(service: Service, token: string): Promise<void> {
  const createGoal = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
  const { data } = await service.graphql(createGoal, { input: goalInput() }, { token });
  const input = { eventId: crypto.randomUUID(), verb: 'check-in', goalId: data.createGoal.goal.id };
  const record = 'mutation ($input: RecordActivityInput!) { recordActivity(input: $input) { replayed } }';
  expect((await service.graphql(record, { input }, { token })).errors).toBeUndefined();
}

describe('the response to an anonymous query', () => {
  it.for<[string, string]>([
    ['badges and goals', 'badges { id name status } goalsConnection { totalCount nodes { title streakCount } }'],
    ['statistics', 'statistics { totalBadges level }'],
    ['a streak without its expiry', 'streak { current longest status startedOn }'],
  ])('is public when it does not depend on the viewer: %s', async ([, selection], { cached, createUser }) => {
    const { id, token } = await createUser();
    await practise(cached, token);
    for (const response of await send(cached, entities(selection), { of: users(id) })) {
      expect(response.errors).toBeUndefined();
      expect([cacheControlOf(response), response.headers.vary]).toEqual([PUBLIC, 'Accept, Authorization']);
    }
  });

  it.for([
    'timeZone',
    'excusedDates { id }',
    'badgeProgress { current }',
    'activities { nodes { id } }',
    'activityCalendar(from: "2026-03-01", to: "2026-03-02") { count }',
    'streak { expiresAt }',
    'goals { streak { expiresAt } }',
  ])(
    'is private with a field that is hidden from some viewers: %s',
    async (selection, { cached, auth, createUser }) => {
      const { id, token } = await createUser();
      const { data } = await cached.graphql(
        'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }',
        { input: goalInput() },
        { token },
      );
      expect(data.createGoal.goal.id).toBeDefined();
      const scope = await auth.token('reader', { scope: 'activity:read badges:manage' });
      expect((await cached.graphql(entities(selection), { of: users(id) }, { token: scope })).errors).toBeUndefined();
      for (const response of await send(cached, entities(`badges { id } ${selection}`), { of: users(id) })) {
        expect(cacheControlOf(response)).toBe(PRIVATE);
      }
    },
  );

  it.for<[string, string]>([
    ['viewer', '{ viewer { id } }'],
    ['an activity', '{ activity(id: "1") { id } }'],
    ['badge definitions', '{ badgeDefinitions { key } }'],
    ['a backfill', '{ badgeBackfill(id: "1") { id } }'],
    ['a hidden entity', '{ _entities(representations: [{ __typename: "Activity", id: "1" }]) { __typename } }'],
    ['an error', '{ badge(id: "x") { id } }'],
    ['an error beside data', '{ goal(id: "1") { id } badge(id: "x") { id } }'],
    ['an invalid document', '{ nope }'],
    ['a mutation', 'mutation { deleteGoal(input: { id: "1" }) { deletedId } }'],
  ])('is private with %s', async ([, query], { cached }) => {
    for (const response of await send(cached, query)) expect(cacheControlOf(response)).toBe(PRIVATE);
  });

  it.for([
    ['private for a draft of a badge definition, which is null', 'DRAFT', PRIVATE],
    ['private for an unknown badge definition, as for a draft', undefined, PRIVATE],
    ['public for an active badge definition', 'ACTIVE', PUBLIC],
  ])('is %s', async ([, state, expected], { cached, auth }) => {
    const key = `d-${crypto.randomUUID()}`;
    const token = await auth.token('manager', { scope: 'badges:manage' });
    const create =
      'mutation ($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }';
    if (state !== undefined) await cached.graphql(create, { input: { ...badgeInput(), key, state } }, { token });
    const byKey = `{ badgeDefinition(key: "${key}") { key name } }`;
    const entity = `{ _entities(representations: [{ __typename: "BadgeDefinition", key: "${key}" }]) { __typename } }`;
    for (const response of [...(await send(cached, byKey)), ...(await send(cached, entity))]) {
      expect(cacheControlOf(response)).toBe(expected);
    }
    const withRule = await send(cached, `{ badgeDefinition(key: "${key}") { key rule } }`);
    expect(new Set(withRule.map(cacheControlOf))).toEqual(new Set([PRIVATE]));
  });
});

describe('the response to a query with a token', () => {
  it('is private, also for public data and for an invalid token', async ({ cached, createUser }) => {
    const { id, token } = await createUser();
    const query = entities('badges { id }');
    for (let i = 0; i < 3; i++) {
      const response = await cached.graphql(query, { of: users(id) }, { token });
      expect(cacheControlOf(response)).toBe(PRIVATE);
    }
    expect(cacheControlOf(await cached.graphql(query, { of: users(id) }, { token: 'bad' }))).toMatch(/no-store/);
    const headers = { authorization: 'Basic x' };
    expect(cacheControlOf(await cached.graphql(query, { of: users(id) }, { headers }))).toMatch(/no-store/);
  });

  it('is private with RATE_LIMIT_PER_MINUTE, and public without a token', async ({ serve, createUser }) => {
    const service = await serve({ CACHE_MAX_AGE_SECONDS: '60', RATE_LIMIT_PER_MINUTE: '100' });
    const { id, token } = await createUser();
    const query = entities('badges { id }');
    expect(cacheControlOf(await service.graphql(query, { of: users(id) }, { token }))).toBe(PRIVATE);
    expect(cacheControlOf(await service.graphql(query, { of: users(id) }))).toBe(PUBLIC);
  });
});

describe('without CACHE_MAX_AGE_SECONDS', () => {
  it('no response may be stored', async ({ service, createUser }) => {
    const { id } = await createUser();
    const { headers, body } = await service.graphql(entities('badges { id }'), { of: users(id) });
    expect([headers['cache-control'], headers.vary]).toEqual(['no-store', undefined]);
    expect(body).toEqual({ data: { _entities: [{ badges: [] }] } });
  });
});
