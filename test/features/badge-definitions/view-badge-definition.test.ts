import { describe, expect } from '../../support/fixtures.ts';
import { badge, definitionsOf, it, newKey, problemsIn, streak } from './definitions.ts';

const ENTITIES = `query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on BadgeDefinition { key state name rule }
    ... on User { id }
  }
}`;
const reference = (key: unknown) => ({ __typename: 'BadgeDefinition', key });

describe('a draft', () => {
  it('is seen with the scope badges:manage only; for others it does not exist', async ({
    service,
    auth,
    manager,
    visitor,
    define,
  }) => {
    const { key } = await define({ rule: streak(2) });
    const others = [visitor, definitionsOf(service, await auth.token('ada', { scope: 'badges:award activity:read' }))];
    expect((await manager.view(key)).data.badgeDefinition).toMatchObject({ key, state: 'DRAFT', rule: streak(2) });
    for (const other of others) {
      const { body } = await other.view(key);
      expect(body).toEqual({ data: { badgeDefinition: null } });
      expect((await other.view('unknown-key')).body).toEqual(body);
      expect(
        (await other.list({ first: 500 })).data.badgeDefinitions.map((item: { key: string }) => item.key),
      ).not.toContain(key);
    }
  });

  it('is null as a reference, without an error, like one to an unknown definition', async ({
    service,
    managerToken,
    define,
  }) => {
    const [draft, active] = [await define(), await define({ state: 'ACTIVE', rule: badge((await define()).key) })];
    const representations = [
      { __typename: 'User', id: 'ada' },
      reference(draft.key),
      reference('unknown-key'),
      reference(active.key),
    ];
    const shown = (definition: { key: string; state: string; name: string }, rule: unknown) => ({
      __typename: 'BadgeDefinition',
      key: definition.key,
      state: definition.state,
      name: definition.name,
      rule,
    });
    const ada = { __typename: 'User', id: 'ada' };
    const visitor = await service.graphql(ENTITIES, { representations });
    expect(visitor.body).toEqual({ data: { _entities: [ada, null, null, shown(active, null)] } });
    const manager = await service.graphql(ENTITIES, { representations }, { token: managerToken });
    expect(manager.body).toEqual({
      data: { _entities: [ada, shown(draft, null), null, shown(active, active.rule)] },
    });
  });
});

describe('a reference to a definition', () => {
  it.for<[string, object]>([
    ['without a key', { __typename: 'BadgeDefinition', id: 'first-steps' }],
    ['with a number as key', reference(7)],
    ['with a list as key', reference(['first-steps'])],
    ['with a text that is no key', reference('First steps')],
    ['with an empty key', reference('')],
  ])('is null with BAD_USER_INPUT %s, beside valid references', async ([, invalid], { service, define }) => {
    const { key } = await define({ state: 'ACTIVE' });
    const { data, errors } = await service.graphql(ENTITIES, { representations: [invalid, reference(key)] });
    expect(data._entities).toEqual([null, expect.objectContaining({ key })]);
    expect(errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('costs one query together with all others of a request', async ({ service, define }) => {
    const keys = [
      await define({ state: 'ACTIVE' }),
      await define({ state: 'ACTIVE' }),
      await define({ state: 'ACTIVE' }),
    ];
    service.statements.clear();
    await service.graphql(ENTITIES, { representations: keys.map(({ key }) => reference(key)) });
    expect(service.statements).toHaveLength(1);
  });
});

describe('badgeDefinition', () => {
  it.for(['', 'A', 'first steps', 'x'.repeat(64)])(
    'is BAD_USER_INPUT for text that is no key: %j',
    async (key, { visitor }) => {
      expect(problemsIn(await visitor.view(key))).toEqual([{ code: 'BAD_USER_INPUT', field: 'key' }]);
    },
  );

  it('says which text is a key: no definition needs to have it', async ({ visitor }) => {
    const [viewed, listed] = [await visitor.view('No key'), await visitor.list({ after: 'No key' })];
    expect([...(viewed.errors ?? []), ...(listed.errors ?? [])].map(({ message }) => message)).toEqual([
      'key must match ^[a-z0-9][a-z0-9-]{1,62}$',
      'after must match ^[a-z0-9][a-z0-9-]{1,62}$',
    ]);
  });

  it.for(['ACTIVE', 'LOCKED', 'ARCHIVED'])(
    'shows a definition that is %s to all, without its rule',
    async (state, { visitor, define, db }) => {
      const definition = await define({ rule: streak(1) });
      await db.sql`update badge_definitions set state = ${state.toLowerCase()} where key = ${definition.key}`;
      expect((await visitor.view(definition.key)).data.badgeDefinition).toEqual({ ...definition, state, rule: null });
    },
  );
});

describe('badgeDefinitions', () => {
  it('lists definitions by the bytes of their keys, page by page', async ({ visitor, manager, define }) => {
    const prefix = newKey();
    const suffixes = ['-', '-a', '-b', '0', '1-', '10', 'a', 'a-b', 'aa', 'z'];
    for (const [index, suffix] of suffixes.toReversed().entries()) {
      await define({ key: `${prefix}${suffix}`, state: index === 3 ? 'DRAFT' : 'ACTIVE' });
    }
    const keys = async (reader: typeof visitor) => {
      const found: string[] = [];
      for (let after = prefix; ; after = found.at(-1) ?? after) {
        const { data } = await reader.list({ first: 3, after });
        const page = data.badgeDefinitions
          .map(({ key }: { key: string }) => key)
          .filter((key: string) => key.startsWith(prefix));
        found.push(...page);
        if (page.length < 3) return found;
      }
    };
    const all = suffixes.map((suffix) => `${prefix}${suffix}`);
    expect(await keys(manager)).toEqual(all);
    expect(await keys(visitor)).toEqual(all.filter((_, index) => index !== suffixes.length - 4));
  });

  it.for<[{ first?: unknown; after?: unknown }, string]>([
    [{ first: 0 }, 'first'],
    [{ first: -1 }, 'first'],
    [{ first: 501 }, 'first'],
    [{ after: '' }, 'after'],
    [{ after: 'No key' }, 'after'],
    [{ after: 'x'.repeat(64) }, 'after'],
  ])('is BAD_USER_INPUT for %j', async ([args, field], { visitor }) => {
    expect(problemsIn(await visitor.list(args))).toEqual([{ code: 'BAD_USER_INPUT', field }]);
  });

  it('has 100 items by default and at most 500', async ({ visitor, db }) => {
    await db.sql`
      with created as (
        insert into badge_definitions (key, state, version, created_at, updated_at)
        select 'z-' || number, 'active', 1, now(), now() from generate_series(1000, 1600) number returning key
      )
      insert into badge_definition_versions (key, version, name, description, icon_url, repeat, created_at)
      select key, 1, 'x', 'x', '/x', 'once', now() from created`;
    expect((await visitor.list()).data.badgeDefinitions).toHaveLength(100);
    expect((await visitor.list({ first: null, after: null })).data.badgeDefinitions).toHaveLength(100);
    expect((await visitor.list({ first: 500 })).data.badgeDefinitions).toHaveLength(500);
  });

  it('takes one statement for equal lists of an operation', async ({ service }) => {
    service.statements.clear();
    await service.graphql(
      '{ a: badgeDefinitions { key } b: badgeDefinitions { name } c: badgeDefinitions(first: 2) { key } }',
    );
    expect(service.statements.filter((text) => text.includes('"badge_definitions"'))).toHaveLength(2);
  });
});
