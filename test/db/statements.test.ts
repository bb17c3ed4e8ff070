import { openDatabase } from '../../src/db/client.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { functionalPass } from '../support/functional-pass.ts';

/** The statement names the users whose rows it reads or writes. */
const NAMES_USERS = [
  /"auth_user_id" = (any\()?\$\d/,
  /"auth_users"\."id" = any\(\$\d/,
  /"auth_users"(\."id"| where "id") = \$\d/,
  /^insert into "?\w+"?(?: as \w+)? \([^)]*\b(auth_user_)?id\b/,
  /\bcounted as \(\s*insert into "?auth_users"? as u \(id\b/,
];

/** Statements that name no user, each with the reason. */
const EXCEPTIONS: readonly { reason: string; pattern: RegExp }[] = [
  { reason: 'a lookup by bare id', pattern: /^select .* from "(badges|learning_goals)" where "\w+"\."id" = any\(\$1/s },
  {
    reason: 'the lock of a key, whose hashed text begins with the user',
    pattern: /^select .*pg_try_advisory_xact_lock/,
  },
  { reason: 'the clean-up of expired keys', pattern: /^delete from "?idempotency_keys/ },
  { reason: 'the readiness check', pattern: /^select "key" from "idempotency_keys" limit \$1/ },
];

describe('every statement', () => {
  it('names the users whose rows it reads or writes, or is one of the exceptions', async ({
    service,
    createUser,
    db,
  }) => {
    service.statements.clear();
    await functionalPass(service, await createUser());
    await service.rest('/health/ready');

    const statements = new Set(service.statements.filter(() => true));
    expect(statements.size).toBeGreaterThan(10);
    const unnamed = [...statements].filter((text) => !NAMES_USERS.some((pattern) => pattern.test(text)));
    expect(unnamed.filter((text) => !EXCEPTIONS.some(({ pattern }) => pattern.test(text)))).toEqual([]);
    expect([...statements].filter((text) => /\bunnest\(/.test(text))).toEqual([]);
    expect(await db.rowCounts()).toMatchObject({ badges: 2, learning_goals: 0 });
  });
});

describe('a list of several users', () => {
  it('gives each reference its own list, also when a user is repeated or unknown', async ({ service, createUser }) => {
    const [ada, bob] = [await createUser(), await createUser()];
    for (const { id, token } of [ada, bob]) {
      const body = badgeBody({ name: `of ${id}` });
      expect((await service.rest(`/users/${id}/badges`, { token, body })).status).toBe(200);
    }
    const ids = [bob.id, 'unknown-user', ada.id, bob.id];
    const { body } = await service.graphql(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { badges(first: 5) { name } } } }',
      { r: ids.map((id) => ({ __typename: 'User', id })) },
    );
    const names = body.data._entities.map(({ badges }: { badges: { name: string }[] }) => badges.map((b) => b.name));
    expect(names).toEqual([[`of ${bob.id}`], [], [`of ${ada.id}`], [`of ${bob.id}`]]);
  });
});

describe('plan_cache_mode', () => {
  for (const [parameter, mode] of [
    ['', 'force_generic_plan'],
    ['plan_cache_mode=auto', 'auto'],
  ] as const) {
    it(`is ${mode} with ${parameter || 'no parameter'} in DATABASE_URL`, async ({ db, onTestFinished }) => {
      const url = new URL(db.url);
      url.search = parameter;
      const database = openDatabase({ url: url.href, poolSize: 1 });
      onTestFinished(() => database.close(1));
      expect(await database.db.execute('show plan_cache_mode')).toEqual([{ plan_cache_mode: mode }]);
    });
  }
});
