import { describe, expect, goalBody, it } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';

const CREATE = `mutation($input: CreateGoalInput!) {
  createGoal(input: $input) { goal { id title description status streakCount } }
}`;
const UPDATE = `mutation($input: UpdateGoalInput!) {
  updateGoal(input: $input) { goal { id title description status streakCount } }
}`;

const goalsOf = (user: { id: string }) => `/users/${user.id}/goals`;
const asInput = ({ streak_count: streakCount, ...rest }: Json) => ({ ...rest, streakCount });
const camelCase = (name: string) => name.replace('streak_count', 'streakCount');

describe('a goal may have', () => {
  const FIT: [what: string, field: string, value: unknown][] = [
    ['a title of one character', 'title', 'x'],
    ['a title of 200 emoji, each of two UTF-16 units', 'title', '🎯'.repeat(200)],
    ['a description of 2,000 emoji', 'description', '🎯'.repeat(2000)],
    ['a description of several lines', 'description', 'First:\n\tlearn\nSecond:\n\tdo'],
    ['an empty description', 'description', ''],
    ['no description', 'description', null],
    ['a streak of 0', 'streak_count', 0],
    ['a streak of 2,147,483,647', 'streak_count', 2_147_483_647],
  ];

  it.for(FIT)('%s, when it is set and when it is changed', async ([, field, value], { service, createUser }) => {
    const ada = await createUser();
    const body = goalBody({ [field]: value });
    const created = await service.rest(goalsOf(ada), { token: ada.token, body });
    expect(created).toMatchObject({ status: 200, body });
    const graphql = await service.graphql(CREATE, { input: asInput(body) }, { token: ada.token });
    expect(graphql.data?.createGoal.goal).toMatchObject({ [camelCase(field)]: value });

    const other = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody({ streak_count: 1 }) });
    const path = `${goalsOf(ada)}/${other.body.id}`;
    const change = { [field]: value };
    expect(await service.rest(path, { method: 'PUT', token: ada.token, body: change })).toMatchObject({
      status: 200,
      body: change,
    });
  });

  it('letters and marks apart, and keeps them composed: 200 such letters are 200 characters', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const title = 'e\u0301'.repeat(200);
    const composed = '\u00e9'.repeat(200);
    const { status, body } = await service.rest(goalsOf(ada), { token: ada.token, body: { title } });
    expect([status, body.title]).toEqual([200, composed]);
    const graphql = await service.graphql(CREATE, { input: { title } }, { token: ada.token });
    expect(graphql.data?.createGoal.goal.title).toBe(composed);
  });

  it('a streak that JSON writes with a fraction of nothing', async ({ service, createUser }) => {
    const ada = await createUser();
    const { status, body } = await service.rest(goalsOf(ada), {
      token: ada.token,
      body: '{"title":"Swim","streak_count":3.0}',
    });
    expect([status, body.streak_count]).toEqual([200, 3]);
  });
});

describe('a goal is refused with', () => {
  /** GraphQL refuses the last kind by its types, before it comes to a field of ours. */
  const UNFIT: [what: string, field: string, value: unknown, type: string, byGraphql: 'field' | 'types'][] = [
    ['an empty title', 'title', '', 'string_too_short', 'field'],
    ['a title of 201 emoji', 'title', '🎯'.repeat(201), 'string_too_long', 'field'],
    ['a title with a NUL', 'title', 'a\u0000b', 'value_error', 'field'],
    ['a title of two lines', 'title', 'a\nb', 'value_error', 'field'],
    ['a title with half of a surrogate pair', 'title', 'x\ud800y', 'value_error', 'field'],
    ['a description of 2,001 characters', 'description', 'x'.repeat(2001), 'string_too_long', 'field'],
    ['a description that is a number', 'description', 7, 'string_type', 'types'],
    ['a description with a NUL', 'description', '\u0000', 'value_error', 'field'],
    ['a description with half of a surrogate pair', 'description', '\udc00', 'value_error', 'field'],
    ['a streak of -1', 'streak_count', -1, 'greater_than_equal', 'field'],
    ['a streak of 2,147,483,648', 'streak_count', 2_147_483_648, 'less_than_equal', 'types'],
    ['a streak of 1.5', 'streak_count', 1.5, 'integer_type', 'types'],
    ['a streak in a string', 'streak_count', '5', 'integer_type', 'types'],
    ['a streak of true', 'streak_count', true, 'integer_type', 'types'],
    ['a title that is a number', 'title', 7, 'string_type', 'types'],
    ['a status that there is not', 'status', 'cancelled', 'enum', 'types'],
    ['an empty status', 'status', '', 'enum', 'types'],
    ['a status in capitals', 'status', 'COMPLETED!', 'enum', 'types'],
    ['a status with two underscores', 'status', 'not__started', 'enum', 'types'],
  ];

  for (const [what, field, value, type, byGraphql] of UNFIT) {
    it(`${what}, be it new or a change, and nothing is stored`, async ({ service, db, createUser }) => {
      const ada = await createUser();
      const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
      const before = await db.snapshot();
      const expected = { status: 422, code: 'BAD_USER_INPUT', detail: [{ loc: ['body', field], type }] };
      for (const { path, ...request } of [
        { path: goalsOf(ada), body: goalBody({ [field]: value }), method: 'POST' },
        { path: `${goalsOf(ada)}/${goal.id}`, body: { [field]: value }, method: 'PUT' },
      ]) {
        const { status, body } = await service.rest(path, { ...request, token: ada.token });
        expect({ status, ...body }).toMatchObject(expected);
        expect(body.detail[0].msg).not.toContain('streakCount');
      }
      const change = { [camelCase(field)]: value };
      for (const [mutation, input] of [
        [CREATE, { title: 'Swim', ...change }],
        [UPDATE, { id: goal.id, ...change }],
      ] as const) {
        const { errors } = await service.graphql(mutation, { input }, { token: ada.token });
        const extensions = { code: 'BAD_USER_INPUT', ...(byGraphql === 'field' && { field: camelCase(field) }) };
        expect(errors?.map((error) => error.extensions)).toEqual([extensions]);
      }
      expect(await db.snapshot()).toEqual(before);
    });
  }

  it.for(['title', 'status', 'streak_count'])(
    'null for its %s: null is for the description alone',
    async (field, { service, db, createUser }) => {
      const ada = await createUser();
      const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
      const before = await db.snapshot();
      for (const { path, ...request } of [
        { path: goalsOf(ada), body: goalBody({ [field]: null }), method: 'POST' },
        { path: `${goalsOf(ada)}/${goal.id}`, body: { [field]: null }, method: 'PUT' },
      ]) {
        const { status, body } = await service.rest(path, { ...request, token: ada.token });
        expect(status).toBe(422);
        expect(new Set(body.detail.map(({ loc }: Json) => loc.join(' ')))).toEqual(new Set([`body ${field}`]));
      }
      const input = { id: goal.id, [camelCase(field)]: null };
      const { errors } = await service.graphql(UPDATE, { input }, { token: ada.token });
      expect(errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: camelCase(field) });
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('a number that JSON can write and no number is', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const number of ['1e400', '-1e400', '1e10', '0.1']) {
      const body = `{"title":"Swim","streak_count":${number}}`;
      expect((await service.rest(goalsOf(ada), { token: ada.token, body })).status).toBe(422);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('no title, when it is new', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const { status, body } = await service.rest(goalsOf(ada), { token: ada.token, body: {} });
    expect({ status, detail: body.detail }).toEqual({
      status: 422,
      detail: [{ loc: ['body', 'title'], msg: "must have required property 'title'", type: 'missing' }],
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('a field that nobody asked for: it assigns no id, owner, date or version', async ({ service, db, createUser }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    const before = await db.snapshot();
    const assigned = { id: 7, auth_user_id: eve.id, created_at: '1970-01-01T00:00:00Z', version: 9, streakCount: 1 };
    for (const [field, value] of Object.entries(assigned)) {
      const detail = [{ loc: ['body', field], type: 'extra_forbidden' }];
      const created = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody({ [field]: value }) });
      expect(created).toMatchObject({ status: 422, body: { detail } });
      const path = `${goalsOf(ada)}/${goal.id}`;
      const changed = await service.rest(path, { method: 'PUT', token: ada.token, body: { [field]: value } });
      expect(changed).toMatchObject({ status: 422, body: { detail } });
    }
    expect(await db.snapshot()).toEqual(before);
  });
});
