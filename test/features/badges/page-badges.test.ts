import type { Service } from '../../support/app.ts';
import { badgeInput, describe, expect, it, type SignedIn } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { badgeNames, insertBadges } from './rows.ts';

const LIST = 'query($first: Int, $after: String) { viewer { badges(first: $first, after: $after) { name } } }';
const PAGE = `query($first: Int, $after: String) {
  viewer {
    badgesConnection(first: $first, after: $after) {
      nodes { name } edges { cursor node { name } } totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`;
const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

const namesOf = (badges: Json) => badges.map(({ name }: Json) => name);

async function pageOf(service: Service, { token }: SignedIn, variables: Json): Promise<Json> {
  const { data, errors } = await service.graphql(PAGE, variables, { token });
  expect(errors).toBeUndefined();
  return data.viewer.badgesConnection;
}

const cursor = (text: string) => Buffer.from(text).toString('base64url');

describe('User.badges', () => {
  it('returns the newest 100 badges by default, and as many as `first` asks for', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await insertBadges(db, id, 600);
    const names = async (variables: Json) =>
      namesOf((await service.graphql(LIST, variables, { token })).data.viewer.badges);
    expect(await names({})).toEqual(badgeNames(600, 501));
    expect(await names({ first: null, after: null })).toEqual(badgeNames(600, 501));
    expect(await names({ first: 1 })).toEqual(['Badge 600']);
    expect(await names({ first: 500 })).toEqual(badgeNames(600, 101));
  });

  it('continues after the cursor of a connection', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 9);
    const { pageInfo } = await pageOf(service, ada, { first: 4 });
    const { data } = await service.graphql(LIST, { after: pageInfo.endCursor }, { token: ada.token });
    expect(namesOf(data.viewer.badges)).toEqual(badgeNames(5));
  });

  it('is empty for a user without badges', async ({ service, createUser }) => {
    const { token } = await createUser();
    expect((await service.graphql(LIST, {}, { token })).data).toEqual({ viewer: { badges: [] } });
  });

  it('returns the same list under each alias, with one statement for each set of arguments', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await insertBadges(db, id, 3);
    service.statements.clear();
    const { data } = await service.graphql(
      '{ viewer { a: badges { name } b: badges { name } c: badges(first: 100) { name } d: badges(first: 1) { name } } }',
      {},
      { token },
    );
    expect(Object.values(data.viewer).map(namesOf)).toEqual([...Array(3).fill(badgeNames(3)), ['Badge 3']]);
    expect(service.statements).toHaveLength(2);
  });
});

describe('User.badgesConnection', () => {
  it('returns the cursors, the total count and whether there are other pages', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 5);
    const first = await pageOf(service, ada, { first: 2 });
    expect(first.nodes).toEqual([{ name: 'Badge 5' }, { name: 'Badge 4' }]);
    expect(first.edges.map(({ node }: Json) => node)).toEqual(first.nodes);
    expect(first.totalCount).toBe(5);
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0].cursor,
      endCursor: first.edges[1].cursor,
    });
    const last = await pageOf(service, ada, { first: 3, after: first.pageInfo.endCursor });
    expect(namesOf(last.nodes)).toEqual(badgeNames(3));
    expect([last.totalCount, last.pageInfo.hasNextPage, last.pageInfo.hasPreviousPage]).toEqual([5, false, true]);
  });

  it('returns 20 badges by default', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 21);
    const page = await pageOf(service, ada, {});
    expect([page.nodes.length, page.pageInfo.hasNextPage]).toEqual([20, true]);
  });

  it('has null cursors on an empty page', async ({ service, createUser }) => {
    const page = await pageOf(service, await createUser(), {});
    expect(page).toEqual({
      nodes: [],
      edges: [],
      totalCount: 0,
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it.for([1, 2, 7, 20])(
    'returns the original list in pages of %i when badges are added between requests',
    async (first, { service, db, createUser }) => {
      const ada = await createUser();
      await insertBadges(db, ada.id, 20);
      const seen: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { nodes, pageInfo, totalCount } = await pageOf(service, ada, { first, after });
        expect(totalCount).toBeGreaterThanOrEqual(20);
        seen.push(...namesOf(nodes));
        [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
        await service.graphql(CREATE, { input: badgeInput() }, { token: ada.token });
      }
      expect(seen).toEqual(badgeNames(20));
    },
  );

  it('continues after the cursor of any edge, also when the badge of the cursor is deleted', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 6);
    const { edges } = await pageOf(service, ada, {});
    await db.sql`delete from badges where auth_user_id = ${ada.id} and name = 'Badge 4'`;
    const namesAfter = async (edge: Json) => namesOf((await pageOf(service, ada, { after: edge.cursor })).nodes);
    expect(await namesAfter(edges[0])).toEqual(['Badge 5', ...badgeNames(3)]);
    expect(await namesAfter(edges[2])).toEqual(badgeNames(3));
  });

  it('continues after badges with ids of v1, which may be 0 or negative', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 5);
    const first = db.sql`select min(id) from badges where auth_user_id = ${ada.id}`;
    await db.sql`update badges set id = id - (${first}) - 2, date_achieved = now() where auth_user_id = ${ada.id}`;
    const names: string[] = [];
    const rest: string[] = [];
    let path: string | undefined = `/users/${ada.id}/badges?limit=1`;
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await pageOf(service, ada, { first: 1, after });
      names.push(...namesOf(nodes));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
      const { body, headers } = await service.rest(path ?? '/');
      rest.push(...namesOf(body));
      path = /^<([^>]+)>/.exec(String(headers.link))?.[1];
    }
    expect([names, rest, path]).toEqual([badgeNames(5), badgeNames(5), undefined]);
  });

  it('has the same cursors as the pages of REST', async ({ service, db, createUser }) => {
    const ada = await createUser();
    await insertBadges(db, ada.id, 3);
    const { headers } = await service.rest(`/users/${ada.id}/badges?limit=2`);
    const { edges } = await pageOf(service, ada, {});
    expect(headers.link).toBe(`</users/${ada.id}/badges?limit=2&after=${edges[1].cursor}>; rel="next"`);
  });
});

describe('User.badges and User.badgesConnection', () => {
  const INVALID: [label: string, variables: Json, field: string][] = [
    ['first: 0', { first: 0 }, 'first'],
    ['first: -1', { first: -1 }, 'first'],
    ['first: 501', { first: 501 }, 'first'],
    ['the largest Int as first', { first: 2_147_483_647 }, 'first'],
    ['an empty cursor', { after: '' }, 'after'],
    ['a cursor that does not decode to text', { after: 'nonsense' }, 'after'],
    ['a cursor with characters outside base64url', { after: '🏅\u0000' }, 'after'],
    ['a cursor without an id', { after: cursor('2026-01-01T00:00:00Z') }, 'after'],
    ['a cursor with two ids', { after: cursor('2026-01-01T00:00:00Z 1 2') }, 'after'],
    ['a cursor whose id is not a number', { after: cursor('2026-01-01T00:00:00Z x') }, 'after'],
    ['a cursor whose id is not a safe integer', { after: cursor('2026-01-01T00:00:00Z 9007199254740993') }, 'after'],
    ['a cursor with a day that does not exist', { after: cursor('2026-02-30T00:00:00Z 1') }, 'after'],
    ['a cursor with a time that does not exist', { after: cursor('2026-02-03T24:00:00Z 1') }, 'after'],
    ['a cursor with the year 0', { after: cursor('0000-01-01T00:00:00Z 1') }, 'after'],
    ['a cursor with an infinite timestamp', { after: cursor('infinity 1') }, 'after'],
    ['a cursor with base64 padding', { after: `${cursor('2026-01-01T00:00:00Z 11')}=` }, 'after'],
    ['a cursor with SQL', { after: cursor("2026-01-01T00:00:00Z' or 1=1 -- 1") }, 'after'],
  ];

  it.for(INVALID)(
    'return BAD_USER_INPUT, which names the argument, without a statement for %s',
    async ([, variables, field], { service, createUser }) => {
      const { token } = await createUser();
      service.statements.clear();
      for (const query of [LIST, PAGE]) {
        const { status, data, errors } = await service.graphql(query, variables, { token });
        expect({ status, data }).toEqual({ status: 200, data: { viewer: null } });
        expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_USER_INPUT', field }]);
      }
      expect(service.statements).toEqual([]);
    },
  );
});
