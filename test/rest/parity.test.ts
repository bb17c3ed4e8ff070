import type { TestDatabase } from '../support/database.ts';
import { badgeBody, badgeInput, describe, expect, goalBody, goalInput, it } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

const BADGE = 'id name description iconUrl dateAchieved user { id }';
const GOAL =
  'id title description status streakCount createdAt updatedAt targetQuantity dueOn timesPerWeek user { id }';

const TARGETS = { target_quantity: 40, due_on: '2027-01-31', times_per_week: 3 };

/** Returns a badge of GraphQL in the shape of REST. */
const toRestBadge = ({ id, iconUrl, dateAchieved, user, ...same }: Json) => ({
  ...same,
  id: Number(id),
  icon_url: iconUrl,
  date_achieved: dateAchieved,
  auth_user_id: user.id,
});

const targetsOf = ({ targetQuantity, dueOn, timesPerWeek, ...same }: Json) => ({
  ...same,
  target_quantity: targetQuantity,
  due_on: dueOn,
  times_per_week: timesPerWeek,
});

/** Returns a goal of GraphQL in the shape of REST. */
const toRestGoal = ({ id, status, streakCount, createdAt, updatedAt, user, ...same }: Json) => ({
  ...targetsOf(same),
  id: Number(id),
  status: status.toLowerCase().replace('_', '-'),
  streak_count: streakCount,
  created_at: createdAt,
  updated_at: updatedAt,
  auth_user_id: user.id,
});

/** Returns a badge as each API and the database show it. */
async function readBadgeEverywhere(service: HttpClient, db: TestDatabase, id: number) {
  const { data } = await service.graphql(`query($id: ID!) { badge(id: $id) { ${BADGE} } }`, { id });
  const [row] = await db.sql`
    select id::int, name, description, icon_url, auth_user_id,
      to_json(date_achieved at time zone 'UTC') #>> '{}' || 'Z' as date_achieved
    from badges where id = ${id}`;
  const list = await service.rest(`/users/${row?.auth_user_id}/badges`);
  const profile = await service.rest(`/users/${row?.auth_user_id}`);
  return { graphql: toRestBadge(data.badge), row, listed: list.body[0], inProfile: profile.body.badges[0] };
}

/** Returns a goal as each API and the database show it. */
async function readGoalEverywhere(service: HttpClient, db: TestDatabase, id: number) {
  const { data } = await service.graphql(`query($id: ID!) { goal(id: $id) { ${GOAL} } }`, { id });
  const [row] = await db.sql`
    select id::int, title, description, status, streak_count, auth_user_id, target_quantity, due_on::text, times_per_week,
      to_json(created_at at time zone 'UTC') #>> '{}' || 'Z' as created_at,
      to_json(updated_at at time zone 'UTC') #>> '{}' || 'Z' as updated_at
    from learning_goals where id = ${id}`;
  const list = await service.rest(`/users/${row?.auth_user_id}/goals`);
  const profile = await service.rest(`/users/${row?.auth_user_id}`);
  return { graphql: toRestGoal(data.goal), row, listed: list.body[0], inProfile: profile.body.learning_goals[0] };
}

const everywhere = (expected: unknown) => ({
  graphql: expected,
  row: expected,
  listed: expected,
  inProfile: expected,
});

describe('REST, GraphQL and the database agree on', () => {
  const name = 'שלום 🏅 "quoted" \\ and <b>';

  it('a badge that is created over REST', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    const { body } = await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name }) });
    expect(body.name).toBe(name);
    expect(await readBadgeEverywhere(service, db, body.id)).toEqual(everywhere(body));
  });

  it('a badge that is created over GraphQL', async ({ service, db, createUser }) => {
    const { token } = await createUser();
    const create = `mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { ${BADGE} } } }`;
    const { data } = await service.graphql(create, { input: badgeInput({ name }) }, { token });
    const created = toRestBadge(data.createBadge.badge);
    expect(created.name).toBe(name);
    expect(await readBadgeEverywhere(service, db, created.id)).toEqual(everywhere(created));
  });

  it('a goal that is created over REST and updated over GraphQL', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    const given = goalBody({ title: name, description: 'a\n\tb', status: 'not_started', streak_count: 2, ...TARGETS });
    const { body } = await service.rest(`/users/${id}/goals`, { token, body: given });
    expect(await readGoalEverywhere(service, db, body.id)).toEqual(everywhere(body));

    const update = `mutation($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { ${GOAL} } } }`;
    const { data } = await service.graphql(update, { input: { id: body.id, status: 'IN_PROGRESS' } }, { token });
    const changed = toRestGoal(data.updateGoal.goal);
    expect(changed).toEqual({ ...body, status: 'in-progress', updated_at: changed.updated_at });
    expect(await readGoalEverywhere(service, db, body.id)).toEqual(everywhere(changed));
  });

  it('a goal that is created over GraphQL and updated over REST', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    const create = `mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { ${GOAL} } } }`;
    const { data } = await service.graphql(create, { input: goalInput({ title: name, streakCount: 2 }) }, { token });
    const created = toRestGoal(data.createGoal.goal);
    expect(await readGoalEverywhere(service, db, created.id)).toEqual(everywhere(created));

    const change = { method: 'PUT', token, body: { description: null, status: 'completed' } };
    const { body } = await service.rest(`/users/${id}/goals/${created.id}`, change);
    expect(body).toEqual({ ...created, description: null, status: 'completed', updated_at: body.updated_at });
    expect(await readGoalEverywhere(service, db, created.id)).toEqual(everywhere(body));
  });

  it('the order and the totals of the lists of a user', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const title of ['one', 'two', 'three']) {
      await service.rest(`/users/${id}/goals`, { token, body: { title } });
      await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name: title }) });
    }
    const { data } = await service.graphql(
      `{ viewer {
        badges { ${BADGE} } goals { ${GOAL} } statistics { totalBadges totalGoals level }
        badgesConnection { totalCount nodes { id } } goalsConnection { totalCount nodes { id } }
      } }`,
      {},
      { token },
    );
    const { viewer } = data;
    const { body: profile } = await service.rest(`/users/${id}`);
    expect(viewer.badges.map(toRestBadge)).toEqual(profile.badges);
    expect(viewer.goals.map(toRestGoal)).toEqual(profile.learning_goals);
    expect((await service.rest(`/users/${id}/badges`)).body).toEqual(profile.badges);
    expect((await service.rest(`/users/${id}/goals`)).body).toEqual(profile.learning_goals);
    expect(viewer.statistics).toEqual({ totalBadges: 3, totalGoals: 3, level: 1 });
    expect(profile.statistics).toMatchObject({ total_badges: 3, total_goals: 3, level: 1 });
    for (const [connection, list] of [
      [viewer.badgesConnection, viewer.badges],
      [viewer.goalsConnection, viewer.goals],
    ]) {
      expect(connection).toEqual({ totalCount: 3, nodes: list.map(({ id }: Json) => ({ id })) });
    }
  });
});
