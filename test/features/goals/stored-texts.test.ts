import { it as base, describe, expect } from '../../support/fixtures.ts';

const UPDATE = `mutation($input: UpdateGoalInput!) {
  updateGoal(input: $input) { goal { title description streakCount version } }
}`;

/** Texts that the cut-over keeps, though their rules reject them, and one that NFC would change. */
const TEXTS: [label: string, texts: { title: string; description: string }][] = [
  ['control characters', { title: 'Learn\u0085Rust', description: 'First\r\nSecond' }],
  ['no visible character', { title: '\u2028', description: '\u00a0' }],
  ['an open bidi control and a decomposed letter', { title: '\u202eRust', description: 'e\u0301t\u00e9' }],
];
const CONTROLS = { title: 'Rust\u009f', description: 'First\r\nSecond' };

/** `insertGoal` creates a goal with these texts, as the cut-over does. */
const it = base.extend('insertGoal', ({ db, createUser }) => async (texts: { title: string; description: string }) => {
  const { id: userId, token } = await createUser();
  await db.sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  const [goal] = await db.sql<{ id: number }[]>`
    insert into learning_goals (auth_user_id, status, streak_count, created_at, updated_at, title, description)
    values (${userId}, 'in-progress', 3, now(), now(), ${texts.title}, ${texts.description}) returning id::int`;
  const id = goal?.id ?? 0;
  return { id, token, path: `/users/${userId}/goals/${id}` };
});

describe('an update with the texts that are stored, which their rules reject', () => {
  it.for(TEXTS)('keeps them byte for byte: %s', async ([, texts], { service, db, insertGoal }) => {
    const { id, token, path } = await insertGoal(texts);
    const before = await db.snapshot();
    const whole = { ...texts, status: 'in-progress' };
    const unchanged = await service.rest(path, { method: 'PUT', token, body: whole });
    expect(unchanged).toMatchObject({ status: 200, body: whole, headers: { etag: `"${id}-1"` } });
    const same = await service.graphql(UPDATE, { input: { id, ...texts } }, { token });
    expect(same.data?.updateGoal.goal).toMatchObject({ ...texts, version: 1 });
    expect(await db.snapshot()).toEqual(before);

    const changed = await service.rest(path, { method: 'PUT', token, body: { ...whole, streak_count: 4 } });
    expect(changed).toMatchObject({ status: 200, body: { ...texts, streak_count: 4 }, headers: { etag: `"${id}-2"` } });
    const input = { id, ...texts, streakCount: 5 };
    const second = await service.graphql(UPDATE, { input }, { token });
    expect(second.data?.updateGoal.goal).toEqual({ ...texts, streakCount: 5, version: 3 });
    expect(await db.sql`select title, description from learning_goals where id = ${id}`).toEqual([texts]);
  });

  it('changes the other text', async ({ service, insertGoal }) => {
    const { token, path } = await insertGoal(CONTROLS);
    const body = { ...CONTROLS, title: 'Rust' };
    expect(await service.rest(path, { method: 'PUT', token, body })).toMatchObject({ status: 200, body });
  });

  it('gets 422 for another such text, and names that text alone', async ({ service, db, insertGoal }) => {
    const { id, token, path } = await insertGoal(CONTROLS);
    const before = await db.snapshot();
    const body = { ...CONTROLS, description: 'First\r\nsecond' };
    const { status, body: error } = await service.rest(path, { method: 'PUT', token, body });
    expect([status, error.detail]).toEqual([
      422,
      [
        {
          loc: ['body', 'description'],
          msg: 'description must not contain control characters',
          type: 'value_error',
        },
      ],
    ]);
    const swapped = { id, title: CONTROLS.description, description: CONTROLS.description };
    const { errors } = await service.graphql(UPDATE, { input: swapped }, { token });
    expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'title' });
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets 422 before 404 and 412, and these for the stored text', async ({ service, insertGoal }) => {
    const { token, path } = await insertGoal(CONTROLS);
    const put = (address: string, body: unknown) =>
      service.rest(address, { method: 'PUT', token, body, headers: { 'if-match': '"0-0"' } });
    const missing = path.replace(/\d+$/, '999999999');
    const statuses = [
      (await put(missing, CONTROLS)).status,
      (await put(path, { title: '\r' })).status,
      (await put(path, CONTROLS)).status,
      (await put(missing, { title: 'x' })).status,
    ];
    expect(statuses).toEqual([422, 422, 412, 404]);
  });
});
