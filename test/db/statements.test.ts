import { openDatabase } from '../../src/db/client.ts';
import { startKeyCleanup } from '../../src/idempotency/key-cleanup.ts';
import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeBody, describe, expect, it, type SignedIn } from '../support/fixtures.ts';
import { functionalPass } from '../support/functional-pass.ts';
import { trackerPass } from '../support/tracker-pass.ts';

const CHANGE_OF_USER = /\bchanged as \(\s*insert into auth_users as u \(id\b/;
const OF_ONE_USER = new RegExp(`\\bauth_user_id = \\$\\d+::text|${CHANGE_OF_USER.source}`);

/** The statement names the users whose rows it reads or writes. */
const NAMES_USERS = [
  /"auth_user_id" = (any\()?\$\d/,
  /"auth_users"\."id" = any\(\$\d/,
  /"auth_users"(\."id"| where "id") = \$\d/,
  /^insert into "?\w+"?(?: as \w+)? \([^)]*\b(auth_user_)?id\b/,
  /\bcounted as \(\s*insert into "?auth_users"? as u \(id\b/,
  /\("\w+"\."auth_user_id", "\w+"\."series"\) in\s+\(select \* from unnest\(\$\d/,
  OF_ONE_USER,
  /\bauth_user_id = t\."userId"/,
  /from unnest\(\$1::text\[\], [^)]*\) as goals\(user_id, series\)\s+join "auth_users" on "auth_users"\."id" = goals\.user_id/,
];

/** Matches a statement on the tables that names no column or table of users. */
const onTables = (...tables: string[]) => new RegExp(`^(?!.*auth_user).*"(${tables.join('|')})"`, 's');

/** Statements that name no user, each with the reason. */
const EXCEPTIONS: readonly { reason: string; pattern: RegExp }[] = [
  {
    reason: 'a lookup by bare id',
    pattern:
      /^select ([^(]|\(\s*select g\.id [^(]*\))* from "(badges|learning_goals|activities|excused_dates)" where "\w+"\."id" = any\(\$1/,
  },
  {
    reason: 'the badge definitions, which belong to no user',
    pattern: onTables('badge_definitions', 'badge_definition_versions', 'badge_definition_revision'),
  },
  { reason: 'the readiness probe, which reads the catalog', pattern: /^select has_column_privilege\(/ },
  { reason: 'the backfills, which belong to a definition', pattern: onTables('badge_backfills') },
  {
    reason: 'the next users of a backfill',
    pattern: /^select "id" from "auth_users" where "auth_users"\."id" > \$1 order by "auth_users"\."id" limit \$2$/,
  },
  { reason: 'the clean-up of expired keys', pattern: /^\s*with deleted as \(\s*delete from "idempotency_keys"/ },
];

/** Cleans up keys, and returns the statements of the clean-up. */
async function cleanUpKeys({ sql, url }: TestDatabase, userId: string): Promise<string[]> {
  await sql`
    insert into idempotency_keys (auth_user_id, route, key, request_hash, status, body, created_at)
    values (${userId}, 'POST /:auth_user_id/badges', 'expired', 'hash', 200, '{}', now() - interval '25 hours')`;
  const statements: string[] = [];
  const { db, close } = openDatabase({ url, poolSize: 1, onQuery: (statement) => statements.push(statement) });
  const log = { error: () => undefined, warn: () => undefined, info: () => undefined };
  const countFailure = () => undefined;
  const stop = startKeyCleanup({ db, now: () => new Date(), log, countFailure, firstRunMs: 0 });
  await expect.poll(() => sql`select from idempotency_keys where key = 'expired'`, { timeout: 20_000 }).toHaveLength(0);
  stop();
  await close(1);
  return statements;
}

/** Creates badges of a user at the same time, until some of them have shared a statement. */
async function shareStatement(service: Service, { id, token }: SignedIn): Promise<void> {
  const create = () => service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
  const isShared = (statement: string) => statement.includes('key_locks as materialized');
  const tryToShare = async () => {
    await Promise.all(Array.from({ length: 20 }, create));
    return service.statements.some(isShared);
  };
  await expect.poll(tryToShare, { timeout: 20_000 }).toBe(true);
}

describe('every statement', () => {
  it('names the users whose rows it reads or writes, or is one of the exceptions', { timeout: 60_000 }, async ({
    service,
    createUser,
    auth,
    db,
  }) => {
    const { badges = 0, learning_goals } = await db.rowCounts();
    service.statements.clear();
    await functionalPass(service, await createUser());
    expect(await db.rowCounts()).toMatchObject({ badges: badges + 2, learning_goals });
    await trackerPass(service, { user: await createUser(), tokenOf: (scope) => auth.token('tracker', { scope }) });
    await service.rest('/health/ready');
    const user = await createUser();
    await shareStatement(service, user);

    const statements = new Set([...service.statements, ...(await cleanUpKeys(db, user.id))]);
    expect(statements.size).toBeGreaterThan(10);
    const unnamed = [...statements].filter((text) => !NAMES_USERS.some((pattern) => pattern.test(text)));
    expect(unnamed.filter((text) => !EXCEPTIONS.some(({ pattern }) => pattern.test(text)))).toEqual([]);
    expect(EXCEPTIONS.filter(({ pattern }) => !unnamed.some((text) => pattern.test(text)))).toEqual([]);
    // A database that is distributed by user cannot join an array of users laterally.
    const ofManyUsers = [...statements].filter((text) => !OF_ONE_USER.test(text));
    expect(ofManyUsers.filter((text) => /\blateral\b.*\bunnest\(|\bunnest\(.*\blateral\b/s.test(text))).toEqual([]);
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

describe('JIT compilation', () => {
  it('is off in the sessions of the service', async ({ db, onTestFinished }) => {
    const database = openDatabase({ url: db.url, poolSize: 1 });
    onTestFinished(() => database.close(1));
    expect(await database.db.execute('show jit')).toEqual([{ jit: 'off' }]);
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
