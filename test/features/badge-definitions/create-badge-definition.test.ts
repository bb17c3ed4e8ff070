import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { badge, count, definitionInput, definitionsOf, it, newKey, problemsIn, streak } from './definitions.ts';

const invalid = (field: string) => [{ code: 'BAD_USER_INPUT', field }];

describe('createBadgeDefinition', () => {
  it('creates a draft that is awarded once and by hand, unless the input says otherwise', async ({ manager }) => {
    const input = definitionInput();
    const { data, errors } = await manager.create(input);
    expect(errors).toBeUndefined();
    const { definition } = data.createBadgeDefinition;
    expect(definition).toEqual({ ...input, state: 'DRAFT', version: 1, rule: null, repeat: 'ONCE' });
  });

  it('stores all fields, and returns them as later reads do', async ({ manager, visitor }) => {
    const rule = { any: [count('lesson.completed', 10), { all: [streak(7), { goalsCompleted: { gte: 1 } }] }] };
    const input = definitionInput({ rule, state: 'ACTIVE', description: 'Two\nlines' });
    const { data } = await manager.create(input);
    const { definition } = data.createBadgeDefinition;
    expect(definition).toEqual({ ...input, version: 1, repeat: 'ONCE' });
    expect((await manager.view(input.key)).data).toEqual({ badgeDefinition: definition });
    expect((await visitor.view(input.key)).data).toEqual({ badgeDefinition: { ...definition, rule: null } });
  });

  it('stores texts in composed form', async ({ define }) => {
    expect((await define({ name: 'Cafe\u0301' })).name).toBe('Caf\u00e9');
  });

  it.for(['ACTIVE', 'DRAFT'])('accepts the state %s', async (state, { define }) => {
    expect((await define({ state })).state).toBe(state);
  });

  it.for(['WEEKLY', 'MONTHLY', 'PER_STREAK'])('accepts counts that repeat %s', async (repeat, { define }) => {
    expect((await define({ repeat, rule: count('practice', 5) })).repeat).toBe(repeat);
  });

  it('accepts a streak that repeats PER_STREAK', async ({ define }) => {
    expect((await define({ repeat: 'PER_STREAK', rule: streak(7) })).rule).toEqual(streak(7));
  });

  it.for<[string, Json, string]>([
    ['a key of one character', { key: 'a' }, 'key'],
    ['a key of 64 characters', { key: 'a'.repeat(64) }, 'key'],
    ['a key with capital letters', { key: 'First' }, 'key'],
    ['a key with a line feed', { key: 'first\n' }, 'key'],
    ['a key that starts with a hyphen', { key: '-first' }, 'key'],
    ['an empty name', { name: '' }, 'name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
    ['an invisible description', { description: ' \n ' }, 'description'],
    ['an icon of another scheme', { iconUrl: 'javascript:alert(1)' }, 'iconUrl'],
    ['an icon of another host', { iconUrl: '//evil.test/x.svg' }, 'iconUrl'],
    ['the state LOCKED', { state: 'LOCKED' }, 'state'],
    ['the state ARCHIVED', { state: 'ARCHIVED' }, 'state'],
    ['a null state', { state: null }, 'state'],
    ['a null repeat', { repeat: null }, 'repeat'],
    ['an unknown rule', { rule: { never: [] } }, 'rule'],
    ['a text as rule', { rule: '{"streak":{"gte":1}}' }, 'rule'],
    ['a streak that repeats WEEKLY', { repeat: 'WEEKLY', rule: { all: [count('a'), streak(2)] } }, 'rule'],
    ['goals that repeat MONTHLY', { repeat: 'MONTHLY', rule: { goalsCompleted: { gte: 1 } } }, 'rule'],
    ['a badge that repeats WEEKLY', { repeat: 'WEEKLY', rule: badge('any-key') }, 'rule'],
    ['the badge of an unknown definition', { rule: { any: [streak(1), badge('unknown-key')] } }, 'rule'],
    ['its own badge', { key: 'own-badge', rule: badge('own-badge') }, 'rule'],
  ])('is BAD_USER_INPUT for %s, and changes nothing', async ([, given, field], { manager, db }) => {
    const before = await db.snapshot();
    const response = await manager.create(given);
    expect(problemsIn(response)).toEqual(invalid(field));
    expect(response.data).toEqual({ createBadgeDefinition: null });
    expect(await db.snapshot()).toEqual(before);
  });

  it('names the place of the problem in the rule', async ({ manager }) => {
    const { errors } = await manager.create({ rule: { all: [streak(1), { count: { verb: 'x', gte: 0 } }] } });
    expect(errors?.[0].message).toBe('rule.all[1].count.gte must be an integer from 1 to 100000000');
  });

  it('accepts the badge of an existing definition, in any state', async ({ define }) => {
    const { key } = await define();
    expect((await define({ rule: badge(key) })).rule).toEqual(badge(key));
  });

  it('is UNAUTHENTICATED without a token, and changes nothing', async ({ visitor, db }) => {
    const before = await db.snapshot();
    expect(problemsIn(await visitor.create())).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is FORBIDDEN for other scopes, and changes nothing', async ({ service, auth, db }) => {
    const before = await db.snapshot();
    for (const scope of [undefined, 'badges:award activity:write', 'badges']) {
      const { errors } = await definitionsOf(service, await auth.token('ada', { scope })).create();
      expect(errors).toMatchObject([
        { message: 'Not authorized to manage badge definitions', extensions: { code: 'FORBIDDEN' } },
      ]);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('creates one definition for simultaneous requests with the same key; the others are CONFLICT', async ({
    manager,
    db,
  }) => {
    const key = newKey();
    const names = Array.from({ length: 10 }, (_, index) => `Name ${index}`);
    const responses = await Promise.all(names.map((name) => manager.create({ key, name })));
    const created = responses.flatMap(({ data }) => data.createBadgeDefinition?.definition ?? []);
    expect(created).toHaveLength(1);
    expect(responses.flatMap(problemsIn)).toEqual(Array(9).fill({ code: 'CONFLICT', field: 'key' }));
    expect((await manager.view(key)).data.badgeDefinition).toEqual(created[0]);
    expect(await db.sql`select name from badge_definition_versions where key = ${key}`).toEqual([
      { name: created[0].name },
    ]);
  });

  it('is LIMIT_REACHED beyond 500 definitions that are not archived, exact under concurrency', async ({
    manager,
    db,
  }) => {
    await db.sql`update badge_definitions set state = 'archived'`;
    await db.sql`
      insert into badge_definitions (key, state, version, created_at, updated_at)
      select 'many-' || number, (array['draft', 'active', 'locked'])[number % 3 + 1], 1, now(), now()
      from generate_series(1, 497) number`;
    const responses = await Promise.all(Array.from({ length: 8 }, () => manager.create()));
    expect(responses.flatMap(({ data }) => data.createBadgeDefinition ?? [])).toHaveLength(3);
    expect(responses.flatMap(problemsIn)).toEqual(Array(5).fill({ code: 'LIMIT_REACHED' }));
    expect((await db.sql`select count(*)::int from badge_definitions where state <> 'archived'`)[0]?.count).toBe(500);
  });
});
