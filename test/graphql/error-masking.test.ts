import { breakBadges } from '../support/broken-badges.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, describe, expect } from '../support/fixtures.ts';
import { expectNoLeak } from './expect-no-leak.ts';
import { it } from './isolated-service.ts';

const SECRET = 'postgres://admin:hunter2@db.internal/users';

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

/** Makes every insert of a badge fail with an unexpected error, whose message contains a secret. */
async function breakInserts({ sql }: TestDatabase): Promise<void> {
  await sql.unsafe(`
    create function explode() returns trigger language plpgsql as $$
    begin raise exception 'insert into badges failed at ${SECRET}: %', new.name using errcode = 'XX000'; end $$;
    create trigger explode before insert on badges for each row execute function explode();`);
}

describe('an unexpected error', () => {
  it('is INTERNAL with the request id and without details, and changes nothing', async ({ isolated, createUser }) => {
    const { db, service } = isolated;
    await breakInserts(db);
    const { token } = await createUser();
    const before = await db.snapshot();
    const { headers, body, text } = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(body).toEqual({
      data: { createBadge: null },
      errors: [
        {
          message: 'Internal server error',
          path: ['createBadge'],
          locations: [{ line: 1, column: 40 }],
          extensions: { code: 'INTERNAL', requestId: headers['x-request-id'] },
        },
      ],
    });
    expectNoLeak(text);
    expect(await db.snapshot()).toEqual(before);
  });

  it('is logged once with the request id and the SQLSTATE, without the values of the input', async ({
    isolated,
    createUser,
  }) => {
    const { db, service } = isolated;
    await breakInserts(db);
    const { token } = await createUser();
    service.logs.clear();
    const input = badgeInput({ name: 'A private note' });
    const { headers } = await service.graphql(CREATE_BADGE, { input }, { token });
    const problems = service.logs.filter(({ level }) => level !== 'info');
    expect(problems).toMatchObject([{ level: 'error', requestId: headers['x-request-id'], path: ['createBadge'] }]);
    expect(JSON.stringify(problems)).toContain('XX000');
    const log = JSON.stringify(service.logs);
    for (const secret of ['A private note', SECRET, token, 'insert into']) expect(log).not.toContain(secret);
  });

  it('has the request id that the gateway sent', async ({ isolated, createUser }) => {
    await breakInserts(isolated.db);
    const { token } = await createUser();
    const headers = { 'x-request-id': 'from-the-gateway.7' };
    const { errors } = await isolated.service.graphql(CREATE_BADGE, { input: badgeInput() }, { token, headers });
    expect(errors?.[0].extensions.requestId).toBe('from-the-gateway.7');
  });

  it('in one list nulls only the user of that list', async ({ isolated, createUser }) => {
    const { db, service } = isolated;
    const { id, token } = await createUser();
    await breakBadges(db.sql);
    const { status, data, errors, text } = await service.graphql(
      '{ valid: viewer { id goals { id } } viewer { id badges { name } } learner(id: "unknown-user") { id } }',
      {},
      { token },
    );
    expect(status).toBe(200);
    expect(data).toEqual({ valid: { id, goals: [] }, viewer: null, learner: null });
    expect(errors).toMatchObject([
      { message: 'Internal server error', path: ['viewer', 'badges'], extensions: { code: 'INTERNAL' } },
    ]);
    expectNoLeak(text);
  });

  it('in a batch of users is reported and masked for each user', async ({ isolated }) => {
    const { db, service } = isolated;
    await breakBadges(db.sql);
    const { data, errors, text } = await service.graphql(
      'query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { badges { id } } } }',
      { users: ['a', 'b', 'c'].map((id) => ({ __typename: 'User', id })) },
    );
    expect(data).toEqual({ _entities: [null, null, null] });
    expect(errors?.map(({ path, message, extensions: { code } }) => [path, message, code])).toEqual(
      [0, 1, 2].map((index) => [['_entities', index, 'badges'], 'Internal server error', 'INTERNAL']),
    );
    expectNoLeak(text);
  });

  it('does not show an unknown status that the database contains', async ({ isolated }) => {
    const { db, service } = isolated;
    const id = 'ada';
    await db.sql`alter table learning_goals drop constraint learning_goals_status_check`;
    await db.sql`insert into auth_users (id) values (${id})`;
    const [goal] = await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      values (${id}, 'Swim', 'abandoned-status', 0, now(), now()) returning id`;
    const { errors, text } = await service.graphql(`{ goal(id: "${goal?.id}") { status } }`);
    expect(errors).toMatchObject([{ message: 'Internal server error', extensions: { code: 'INTERNAL' } }]);
    expect(text).not.toContain('abandoned-status');
  });

  it('does not affect the next request', async ({ isolated, createUser }) => {
    const { db, service } = isolated;
    await breakInserts(db);
    const { token } = await createUser();
    await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    await db.sql`drop trigger explode on badges`;
    const { errors } = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(errors).toBeUndefined();
  });
});
