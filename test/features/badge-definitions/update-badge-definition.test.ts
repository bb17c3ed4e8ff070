import { describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { badge, count, definitionsOf, it, newKey, problemsIn, streak } from './definitions.ts';

const STATES = ['DRAFT', 'ACTIVE', 'LOCKED', 'ARCHIVED'];
const NEXT: Record<string, string[]> = {
  DRAFT: ['ACTIVE', 'ARCHIVED'],
  ACTIVE: ['LOCKED', 'ARCHIVED'],
  LOCKED: ['ACTIVE', 'ARCHIVED'],
  ARCHIVED: [],
};
const PAIRS = STATES.flatMap((from) => STATES.filter((to) => to !== from).map((to): [string, string] => [from, to]));

describe('updateBadgeDefinition', () => {
  it('makes a new version of a changed content, and keeps the earlier versions', async ({ manager, define, db }) => {
    const definition = await define({ rule: count('practice') });
    const changes: Json[] = [
      { name: 'Second steps' },
      { description: 'Another' },
      { iconUrl: 'https://images.example.org/x.png' },
      { rule: count('practice', 2) },
      { repeat: 'WEEKLY' },
      { rule: null },
    ];
    let expected = definition;
    for (const change of changes) {
      const { data } = await manager.update({ key: definition.key, ...change });
      expected = { ...expected, ...change, version: expected.version + 1 };
      expect(data.updateBadgeDefinition.definition).toEqual(expected);
    }
    expect((await manager.view(definition.key)).data.badgeDefinition).toEqual(expected);
    const versions = await db.sql`
      select version, name, rule from badge_definition_versions where key = ${definition.key} order by version`;
    expect(versions.map(({ version, name }) => [version, name])).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((version) => [version, version === 1 ? 'First steps' : 'Second steps']),
    );
    expect(versions[0]?.rule).toBe('{"count":{"verb":"practice","gte":1}}');
  });

  it('changes nothing when no value differs, also in the form of the rule', async ({ manager, define, db }) => {
    const definition = await define({ name: 'Caf\u00e9', rule: count('practice') });
    const { version: _, ...same } = definition;
    const before = await db.snapshot();
    const inputs = [
      { key: same.key },
      same,
      { key: same.key, name: 'Cafe\u0301', rule: { count: { gte: 1, verb: 'practice' } } },
    ];
    for (const input of inputs) {
      const { data, errors } = await manager.update(input);
      expect(errors).toBeUndefined();
      expect(data.updateBadgeDefinition.definition).toEqual(definition);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(PAIRS)(
    'from %s to %s keeps the version, or is CONFLICT and changes nothing',
    async ([from, to], { manager, define, db }) => {
      const definition = await define();
      const { key } = definition;
      await db.sql`update badge_definitions set state = ${from.toLowerCase()} where key = ${key}`;
      const before = await db.snapshot();
      const response = await manager.update({ key, state: to });
      if (NEXT[from]?.includes(to)) {
        expect(response.data.updateBadgeDefinition.definition).toEqual({ ...definition, state: to });
        return;
      }
      expect(problemsIn(response)).toEqual([{ code: 'CONFLICT', field: 'state' }]);
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('changes state and content together, in one version', async ({ manager, define }) => {
    const { key } = await define();
    const { data } = await manager.update({ key, state: 'ACTIVE', name: 'New' });
    expect(data.updateBadgeDefinition.definition).toMatchObject({ state: 'ACTIVE', name: 'New', version: 2 });
  });

  it('is CONFLICT for each change of an archived definition, and changes nothing', async ({ manager, define, db }) => {
    const { key } = await define();
    await manager.update({ key, state: 'ARCHIVED' });
    const before = await db.snapshot();
    for (const change of [{ name: 'New' }, { rule: streak(1) }, { state: 'ACTIVE' }]) {
      expect(problemsIn(await manager.update({ key, ...change }))).toEqual([{ code: 'CONFLICT', field: 'state' }]);
    }
    expect((await manager.update({ key, state: 'ARCHIVED' })).errors).toBeUndefined();
    expect(await db.snapshot()).toEqual(before);
  });

  it('is CONFLICT for another version than the expected one, and changes nothing', async ({ manager, define, db }) => {
    const { key } = await define();
    await manager.update({ key, name: 'New', expectedVersion: 1 });
    const before = await db.snapshot();
    const { errors } = await manager.update({ key, name: 'Newer', expectedVersion: 1 });
    expect(errors).toMatchObject([
      { message: 'The badge definition has changed: its version is 2', extensions: { code: 'CONFLICT' } },
    ]);
    expect(await db.snapshot()).toEqual(before);
    expect((await manager.update({ key, name: 'Newer', expectedVersion: null })).errors).toBeUndefined();
  });

  it.for<[string, Json, string]>([
    ['a null name', { name: null }, 'name'],
    ['a null description', { description: null }, 'description'],
    ['a null iconUrl', { iconUrl: null }, 'iconUrl'],
    ['a null repeat', { repeat: null }, 'repeat'],
    ['a null state', { state: null }, 'state'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['a rule of 21 conditions', { rule: { any: Array(21).fill(streak(1)) } }, 'rule'],
    ['a repeat that the stored rule excludes', { repeat: 'MONTHLY' }, 'rule'],
    ['the badge of an unknown definition', { rule: badge('unknown-key') }, 'rule'],
  ])('is BAD_USER_INPUT for %s, and changes nothing', async ([, change, field], { manager, define, db }) => {
    const { key } = await define({ rule: streak(3) });
    const before = await db.snapshot();
    expect(problemsIn(await manager.update({ key, ...change }))).toEqual([{ code: 'BAD_USER_INPUT', field }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is NOT_FOUND for an unknown key, and BAD_USER_INPUT for text that is no key', async ({ manager }) => {
    expect(problemsIn(await manager.update({ key: 'unknown-key', name: 'x' }))).toEqual([{ code: 'NOT_FOUND' }]);
    expect(problemsIn(await manager.update({ key: 'No key', name: 'x' }))).toEqual([
      { code: 'BAD_USER_INPUT', field: 'key' },
    ]);
  });

  it('is UNAUTHENTICATED without a token and FORBIDDEN without the scope', async ({
    visitor,
    service,
    auth,
    define,
    db,
  }) => {
    const { key } = await define();
    const before = await db.snapshot();
    expect(problemsIn(await visitor.update({ key, name: 'x' }))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    const other = definitionsOf(service, await auth.token('ada', { scope: 'badges:award' }));
    expect(problemsIn(await other.update({ key, name: 'x' }))).toEqual([{ code: 'FORBIDDEN' }]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('gives simultaneous edits a version each', async ({ manager, define, db }) => {
    const { key } = await define();
    const names = Array.from({ length: 10 }, (_, index) => `Name ${index}`);
    const responses = await Promise.all(names.map((name) => manager.update({ key, name })));
    const versions = responses.map(({ data }) => data.updateBadgeDefinition.definition.version);
    expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (const { data } of responses) {
      const { version, name } = data.updateBadgeDefinition.definition;
      const rows = await db.sql`select name from badge_definition_versions where key = ${key} and version = ${version}`;
      expect(rows).toEqual([{ name }]);
    }
  });

  it('accepts one of two simultaneous edits that expect the same version', async ({ manager, define }) => {
    const { key } = await define();
    const edits = await Promise.all(['A', 'B'].map((name) => manager.update({ key, name, expectedVersion: 1 })));
    expect(edits.flatMap(problemsIn)).toEqual([{ code: 'CONFLICT', field: 'expectedVersion' }]);
  });
});

describe('the badges that definitions ask for', () => {
  it('are never a cycle through other definitions, which is BAD_USER_INPUT', async ({ manager, define, db }) => {
    const first = await define();
    const second = await define({ rule: { any: [streak(1), badge(first.key)] } });
    const third = await define({ rule: badge(second.key) });
    const before = await db.snapshot();
    const response = await manager.update({ key: first.key, rule: { all: [streak(1), badge(third.key)] } });
    expect(problemsIn(response)).toEqual([{ code: 'BAD_USER_INPUT', field: 'rule' }]);
    expect(await db.snapshot()).toEqual(before);
    await manager.update({ key: second.key, rule: null });
    expect((await manager.update({ key: first.key, rule: badge(third.key) })).errors).toBeUndefined();
  });

  it('may be a cycle through an archived definition, which awards no badge', async ({ manager, define }) => {
    const first = await define();
    const second = await define({ rule: badge(first.key) });
    await manager.update({ key: second.key, state: 'ARCHIVED' });
    expect((await manager.update({ key: first.key, rule: badge(second.key) })).errors).toBeUndefined();
  });

  it('are never a cycle of two simultaneous edits', async ({ manager, define, db }) => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = [await define({ key: newKey() }), await define({ key: newKey() })];
      const edits = await Promise.all([
        manager.update({ key: one.key, rule: badge(two.key) }),
        manager.update({ key: two.key, rule: badge(one.key) }),
      ]);
      expect(edits.flatMap(problemsIn)).toEqual([{ code: 'BAD_USER_INPUT', field: 'rule' }]);
      const rules = await db.sql`
        select 1 from badge_definitions join badge_definition_versions using (key, version)
        where key in (${one.key}, ${two.key}) and rule is not null`;
      expect(rules).toHaveLength(1);
    }
  });
});
