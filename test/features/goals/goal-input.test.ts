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

describe('goal input', () => {
  const VALID: [label: string, field: string, value: unknown][] = [
    ['a title of 1 code point', 'title', 'x'],
    ['a title of 200 emoji, each of two UTF-16 code units', 'title', '🎯'.repeat(200)],
    ['a description of 2,000 emoji', 'description', '🎯'.repeat(2000)],
    ['a description with tabs and line feeds', 'description', 'First:\n\tlearn\nSecond:\n\tdo'],
    ['an empty description', 'description', ''],
    ['null as the description', 'description', null],
    ['a streak count of 0', 'streak_count', 0],
    ['a streak count of 2,147,483,647', 'streak_count', 2_147_483_647],
  ];

  it.for(VALID)('accepts %s at creation and in an update', async ([, field, value], { service, createUser }) => {
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

  it('normalizes a title to NFC before it counts code points: 200 decomposed letters are accepted', async ({
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

  it('accepts a streak count that JSON writes as 3.0', async ({ service, createUser }) => {
    const ada = await createUser();
    const { status, body } = await service.rest(goalsOf(ada), {
      token: ada.token,
      body: '{"title":"Swim","streak_count":3.0}',
    });
    expect([status, body.streak_count]).toEqual([200, 3]);
  });

  /** GraphQL rejects values of the kind `types` by their type, before the service checks the field. */
  const INVALID: [label: string, field: string, value: unknown, type: string, byGraphql: 'field' | 'types'][] = [
    ['an empty title', 'title', '', 'string_too_short', 'field'],
    ['a title of 201 emoji', 'title', '🎯'.repeat(201), 'string_too_long', 'field'],
    ['a title with a NUL character', 'title', 'a\u0000b', 'value_error', 'field'],
    ['a title with a line feed', 'title', 'a\nb', 'value_error', 'field'],
    ['a title with an unpaired surrogate', 'title', 'x\ud800y', 'value_error', 'field'],
    ['a description of 2,001 code points', 'description', 'x'.repeat(2001), 'string_too_long', 'field'],
    ['a number as the description', 'description', 7, 'string_type', 'types'],
    ['a description with a NUL character', 'description', '\u0000', 'value_error', 'field'],
    ['a description with an unpaired surrogate', 'description', '\udc00', 'value_error', 'field'],
    ['a streak count of -1', 'streak_count', -1, 'greater_than_equal', 'field'],
    ['a streak count of 2,147,483,648', 'streak_count', 2_147_483_648, 'less_than_equal', 'types'],
    ['a streak count of 1.5', 'streak_count', 1.5, 'int_from_float', 'types'],
    ['a string as the streak count', 'streak_count', '5', 'int_parsing', 'types'],
    ['true as the streak count', 'streak_count', true, 'int_type', 'types'],
    ['a number as the title', 'title', 7, 'string_type', 'types'],
    ['an unknown status', 'status', 'cancelled', 'enum', 'types'],
    ['an empty status', 'status', '', 'enum', 'types'],
    ['a status with an exclamation mark', 'status', 'COMPLETED!', 'enum', 'types'],
    ['a status with two underscores', 'status', 'not__started', 'enum', 'types'],
  ];

  for (const [label, field, value, type, byGraphql] of INVALID) {
    it(`rejects ${label} at creation and in an update, and stores nothing`, async ({ service, db, createUser }) => {
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
        expect(errors?.map((error) => error.extensions)).toMatchObject([extensions]);
      }
      expect(await db.snapshot()).toEqual(before);
    });
  }

  it.for(['title', 'status', 'streak_count'])(
    'rejects null as the %s: only the description can be null',
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
      expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: camelCase(field) });
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('rejects a streak count that is not a 32-bit integer', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    for (const number of ['1e400', '-1e400', '1e10', '0.1']) {
      const body = `{"title":"Swim","streak_count":${number}}`;
      expect((await service.rest(goalsOf(ada), { token: ada.token, body })).status).toBe(422);
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects a new goal without a title', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const { status, body } = await service.rest(goalsOf(ada), { token: ada.token, body: {} });
    expect({ status, detail: body.detail }).toEqual({
      status: 422,
      detail: [{ loc: ['body', 'title'], msg: "must have required property 'title'", type: 'missing' }],
    });
    expect(await db.snapshot()).toEqual(before);
  });

  it('rejects unknown fields, so a client cannot set the id, user, dates or version', async ({
    service,
    db,
    createUser,
  }) => {
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

describe('a request with several invalid fields', () => {
  const TOO_LONG = { description: 'x'.repeat(2001), title: 'x'.repeat(201) };

  it('gets a REST detail for each text that is too long, at creation and in an update', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    const before = await db.snapshot();
    for (const { path, method } of [
      { path: goalsOf(ada), method: 'POST' },
      { path: `${goalsOf(ada)}/${goal.id}`, method: 'PUT' },
    ]) {
      const { status, body } = await service.rest(path, { method, token: ada.token, body: TOO_LONG });
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: [
          { loc: ['body', 'title'], msg: 'title must have at most 200 characters', type: 'string_too_long' },
          {
            loc: ['body', 'description'],
            msg: 'description must have at most 2000 characters',
            type: 'string_too_long',
          },
        ],
      });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it('gets a REST detail for a field that the schema rejects and for a text that is too long', async ({
    service,
    createUser,
  }) => {
    const ada = await createUser();
    const body = { ...TOO_LONG, streak_count: -1 };
    const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    for (const { path, method } of [
      { path: goalsOf(ada), method: 'POST' },
      { path: `${goalsOf(ada)}/${goal.id}`, method: 'PUT' },
    ]) {
      const { status, body: error } = await service.rest(path, { method, token: ada.token, body });
      expect(status).toBe(422);
      expect(error.detail.map(({ loc, type }: Json) => [...loc, type].join(' ')).sort()).toEqual([
        'body description string_too_long',
        'body streak_count greater_than_equal',
        'body title string_too_long',
      ]);
    }
  });

  it('gets one GraphQL error that names the first, at creation and in an update', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const { body: goal } = await service.rest(goalsOf(ada), { token: ada.token, body: goalBody() });
    const before = await db.snapshot();
    const invalid = { streakCount: -1, ...TOO_LONG };
    for (const [mutation, input] of [
      [CREATE, invalid],
      [UPDATE, { ...invalid, id: goal.id }],
    ] as const) {
      const { data, errors } = await service.graphql(mutation, { input }, { token: ada.token });
      expect(data).toEqual({ [mutation === CREATE ? 'createGoal' : 'updateGoal']: null });
      expect(errors?.map(({ message, extensions }) => ({ message, ...extensions }))).toMatchObject([
        { message: 'title must have at most 200 characters', code: 'BAD_USER_INPUT', field: 'title' },
      ]);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});
