import type { TestDatabase } from '../support/database.ts';
import { badgeInput, describe, expect } from '../support/fixtures.ts';
import { it } from './harmed.ts';
import { expectNoLeak } from './leaks.ts';

const SECRET = 'postgres://admin:hunter2@db.internal/users';

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';

/** Every insert of a badge fails as only a bug can make it fail, and says more than clients may know. */
async function breakBadges({ sql }: TestDatabase): Promise<void> {
  await sql.unsafe(`
    create function explode() returns trigger language plpgsql as $$
    begin raise exception 'insert into badges failed at ${SECRET}: %', new.name using errcode = 'XX000'; end $$;
    create trigger explode before insert on badges for each row execute function explode();`);
}

describe('a bug', () => {
  it('is INTERNAL with a request id and nothing of its inside, and changes nothing', async ({ harmed, createUser }) => {
    const { db, service } = harmed;
    await breakBadges(db);
    const { token } = await createUser();
    const before = await db.snapshot();
    const { headers, body, text } = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(body).toEqual({
      data: null,
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

  it('is logged once under that request id, with its kind but without what was being stored', async ({
    harmed,
    createUser,
  }) => {
    const { db, service } = harmed;
    await breakBadges(db);
    const { token } = await createUser();
    service.logs.clear();
    const input = badgeInput({ name: 'A private thought' });
    const { headers } = await service.graphql(CREATE_BADGE, { input }, { token });
    const problems = service.logs.filter(({ level }) => level !== 'info');
    expect(problems).toMatchObject([{ level: 'error', requestId: headers['x-request-id'], path: ['createBadge'] }]);
    expect(JSON.stringify(problems)).toContain('XX000');
    const log = JSON.stringify(service.logs);
    for (const secret of ['A private thought', SECRET, token, 'insert into']) expect(log).not.toContain(secret);
  });

  it('goes by the request id that a gateway gave', async ({ harmed, createUser }) => {
    await breakBadges(harmed.db);
    const { token } = await createUser();
    const headers = { 'x-request-id': 'from-the-gateway.7' };
    const { errors } = await harmed.service.graphql(CREATE_BADGE, { input: badgeInput() }, { token, headers });
    expect(errors?.[0].extensions.requestId).toBe('from-the-gateway.7');
  });

  it('in one list costs that list’s person and nobody else’s fields', async ({ harmed, createUser }) => {
    const { db, service } = harmed;
    const { id, token } = await createUser();
    await db.sql`alter table badges drop column name`;
    const { status, data, errors, text } = await service.graphql(
      '{ mine: viewer { id goals { id } } viewer { id badges { name } } learner(id: "nobody-at-all") { id } }',
      {},
      { token },
    );
    expect(status).toBe(200);
    expect(data).toEqual({ mine: { id, goals: [] }, viewer: null, learner: null });
    expect(errors).toMatchObject([
      { message: 'Internal server error', path: ['viewer', 'badges'], extensions: { code: 'INTERNAL' } },
    ]);
    expectNoLeak(text);
  });

  it('in a batch of people is told for each of them, and is masked every time', async ({ harmed }) => {
    const { db, service } = harmed;
    await db.sql`drop table badges`;
    const { data, errors, text } = await service.graphql(
      'query ($people: [_Any!]!) { _entities(representations: $people) { ... on User { badges { id } } } }',
      { people: ['a', 'b', 'c'].map((id) => ({ __typename: 'User', id })) },
    );
    expect(data).toEqual({ _entities: [null, null, null] });
    expect(errors?.map(({ path, message, extensions: { code } }) => [path, message, code])).toEqual(
      [0, 1, 2].map((place) => [['_entities', place, 'badges'], 'Internal server error', 'INTERNAL']),
    );
    expectNoLeak(text);
  });

  it('in what is stored is no different: a status that nobody knows is not shown', async ({ harmed }) => {
    const { db, service } = harmed;
    const id = 'ada';
    await db.sql`alter table learning_goals drop constraint learning_goals_status_check`;
    await db.sql`insert into auth_users (id) values (${id})`;
    const [goal] = await db.sql`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      values (${id}, 'Swim', 'abandoned in secret', 0, now(), now()) returning id`;
    const { errors, text } = await service.graphql(`{ goal(id: "${goal?.id}") { status } }`);
    expect(errors).toMatchObject([{ message: 'Internal server error', extensions: { code: 'INTERNAL' } }]);
    expect(text).not.toContain('abandoned in secret');
  });

  it('does not stay: the next request is answered as ever', async ({ harmed, createUser }) => {
    const { db, service } = harmed;
    await breakBadges(db);
    const { token } = await createUser();
    await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    await db.sql`drop trigger explode on badges`;
    const { errors } = await service.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    expect(errors).toBeUndefined();
  });
});
