import { describe, expect, goalBody, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { goalTitles, insertGoals } from './rows.ts';

const LIST = `query($first: Int, $after: String, $status: [GoalStatus!]) {
  viewer { goals(first: $first, after: $after, status: $status) { title status } }
}`;
const PAGE = `query($first: Int, $after: String, $status: [GoalStatus!]) {
  viewer {
    goalsConnection(first: $first, after: $after, status: $status) {
      nodes { title } edges { cursor node { title } } totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`;

const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;
const titlesOf = (goals: Json) => goals.map(({ title }: Json) => title);
const nextOf = (link: string | string[] | undefined) => /^<([^>]+)>; rel="next"$/.exec(String(link))?.[1];

describe('GET /users/{auth_user_id}/goals', () => {
  it('returns a bare array of goals, newest first', async ({ service, createUser }) => {
    const ada = await createUser();
    const create = () => service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    const [older, newer] = [await create(), await create()];
    const { status, headers, text } = await service.rest(goalsOf(ada));
    expect([status, text]).toEqual([200, `[${newer.text},${older.text}]`]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('orders goals by creation date, so an update does not move a goal', async ({ service, createUser }) => {
    const ada = await createUser();
    const create = (title: string) => service.rest(goalsOf(ada), { token: ada.token, body: { title } });
    const { body } = await create('Older');
    await create('Newer');
    await service.rest(`${goalsOf(ada)}/${body.id}`, { method: 'PUT', token: ada.token, body: { streak_count: 1 } });
    expect(titlesOf((await service.rest(goalsOf(ada))).body)).toEqual(['Newer', 'Older']);
  });

  it('returns an empty list for an unknown user, without a lookup and without adding a row', async ({
    service,
    auth,
    db,
  }) => {
    const before = await db.snapshot();
    auth.calls.clear();
    const { status, text } = await service.rest('/users/unknown-user/goals');
    expect([status, text]).toEqual([200, '[]']);
    expect(auth.calls).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('returns a long list whole, as valid JSON', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertGoals(db, ada.id, 1700);
    expect(titlesOf((await service.rest(goalsOf(ada))).body)).toEqual(goalTitles(1700));
    expect(titlesOf((await service.rest(`${goalsOf(ada)}?skip=1200`)).body)).toEqual(goalTitles(500));
  });

  it('returns the original list in pages when goals are added between requests', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    await insertGoals(db, ada.id, 20);
    const seen: string[] = [];
    for (let path: string | undefined = `${goalsOf(ada)}?limit=3`; path !== undefined; ) {
      const { body, headers } = await service.rest(path);
      seen.push(...titlesOf(body));
      path = nextOf(headers.link);
      await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    }
    expect(seen).toEqual(goalTitles(20));
  });

  it('accepts a trailing slash, answers HEAD and lists its methods in Allow', async ({ service, createUser }) => {
    const ada = await createUser();
    await service.rest(`${goalsOf(ada)}/`, { token: ada.token, body: goalBody() });
    expect((await service.rest(`${goalsOf(ada)}/`)).body).toHaveLength(1);
    expect(await service.rest(goalsOf(ada), { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await service.rest(goalsOf(ada), { method: 'OPTIONS' })).toMatchObject({ status: 204, text: '' });
    const rejected = await service.rest(goalsOf(ada), { method: 'DELETE', token: ada.token });
    expect(rejected).toMatchObject({ status: 405, headers: { allow: expect.stringContaining('POST') } });
  });
});

describe('User.goals', () => {
  it('returns the newest 100 goals by default, and as many as `first` asks for', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await insertGoals(db, id, 120);
    const titles = async (variables: Json) =>
      titlesOf((await service.graphql(LIST, variables, { token })).data.viewer.goals);
    expect(await titles({})).toEqual(goalTitles(120).slice(0, 100));
    expect(await titles({ first: 120 })).toEqual(goalTitles(120));
  });

  it('returns only goals with a status in the filter, all goals without a filter and none with an empty one', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await insertGoals(db, id, 12);
    const list = async (variables: Json) => (await service.graphql(LIST, variables, { token })).data.viewer.goals;
    const paused = await list({ status: ['PAUSED'] });
    expect(titlesOf(paused)).toEqual(goalTitles(12, (n) => n % 5 === 2));
    expect(new Set(paused.map(({ status }: Json) => status))).toEqual(new Set(['PAUSED']));
    expect(titlesOf(await list({ status: ['ARCHIVED', 'NOT_STARTED', 'ARCHIVED'] }))).toEqual(
      goalTitles(12, (n) => n % 5 === 4 || n % 5 === 0),
    );
    for (const status of [null, undefined]) expect(titlesOf(await list({ status }))).toEqual(goalTitles(12));
    expect(await list({ status: [] })).toEqual([]);
  });

  it('pages within the status filter', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, id, 20);
    const status = ['COMPLETED', 'PAUSED'];
    const seen: string[][] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await service.graphql(PAGE, { first: 3, after, status }, { token });
      const { nodes, pageInfo, totalCount } = data.viewer.goalsConnection;
      expect(totalCount).toBe(8);
      seen.push(titlesOf(nodes));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(seen.flat()).toEqual(goalTitles(20, (n) => n % 5 === 3 || n % 5 === 2));
    expect(seen.map((page) => page.length)).toEqual([3, 3, 2]);
  });
});

describe('User.goalsConnection', () => {
  it('returns the cursors, the total count and whether there are other pages', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, id, 5);
    const page = async (variables: Json) =>
      (await service.graphql(PAGE, variables, { token })).data.viewer.goalsConnection;
    const first = await page({ first: 2 });
    expect(titlesOf(first.nodes)).toEqual(['Goal 5', 'Goal 4']);
    expect(first.edges.map(({ node }: Json) => node)).toEqual(first.nodes);
    expect(first).toMatchObject({
      totalCount: 5,
      pageInfo: {
        hasNextPage: true,
        hasPreviousPage: false,
        startCursor: first.edges[0].cursor,
        endCursor: first.edges[1].cursor,
      },
    });
    const last = await page({ after: first.pageInfo.endCursor });
    expect(titlesOf(last.nodes)).toEqual(goalTitles(3));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('counts the goals of each filter separately in one request', async ({ service, db, createUser }) => {
    const { id, token } = await createUser();
    await insertGoals(db, id, 12);
    const { data } = await service.graphql(
      `{ viewer {
        all: goalsConnection(first: 1) { totalCount }
        paused: goalsConnection(first: 1, status: [PAUSED]) { totalCount }
        none: goalsConnection(first: 1, status: []) { totalCount nodes { id } }
      } }`,
      {},
      { token },
    );
    expect(data.viewer).toEqual({
      all: { totalCount: 12 },
      paused: { totalCount: 3 },
      none: { totalCount: 0, nodes: [] },
    });
  });

  it.for<[Json, string]>([
    [{ first: 0 }, 'first'],
    [{ first: 501 }, 'first'],
    [{ after: 'nonsense' }, 'after'],
    [{ after: '' }, 'after'],
  ])('rejects %j with BAD_USER_INPUT, as User.goals does', async ([variables, field], { service, createUser }) => {
    const { token } = await createUser();
    for (const query of [LIST, PAGE]) {
      const { status, errors } = await service.graphql(query, variables, { token });
      expect(status).toBe(200);
      expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_USER_INPUT', field }]);
    }
  });

  it('rejects an unknown status with 400', async ({ service, createUser }) => {
    const { token } = await createUser();
    for (const status of [['DONE'], ['in-progress'], [null]]) {
      const response = await service.graphql(LIST, { status }, { token });
      expect([response.status, response.errors?.[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });
});
