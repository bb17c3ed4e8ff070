import { badgeInput, describe, expect, goalInput, it } from '../support/fixtures.ts';

const STATUSES = 'NOT_STARTED, IN_PROGRESS, PAUSED, COMPLETED or ARCHIVED';
const LONG = 'x'.repeat(2001);

const mutation = (name: string, payload: string) => {
  const input = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${payload} } }`;
};

describe('a value that an enum does not have', () => {
  it('is an error that names the values that it has', async ({ service, createUser }) => {
    const { token } = await createUser();
    const asVariable = { status: 'DONE', title: 'Swim' };
    const create = mutation('createGoal', 'goal { id }');
    const responses = [
      await service.graphql(create, { input: asVariable }, { token }),
      await service.graphql('{ viewer { goals(status: [DONE]) { id } } }', {}, { token }),
      await service.graphql('{ viewer { goals(status: "PAUSED") { id } } }', {}, { token }),
      await service.graphql(
        'query ($of: [GoalStatus!]) { viewer { goals(status: $of) { id } } }',
        { of: [7] },
        { token },
      ),
    ];
    for (const { status, errors } of responses) {
      expect(status).toBe(400);
      expect(errors?.[0].message).toMatch(new RegExp(`Expected ${STATUSES}\\.$`));
    }
  });

  it('names them over REST too', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const { status, body } = await service.rest(`/users/${id}/goals`, {
      token,
      body: { title: 'Swim', status: 'done' },
    });
    const names = 'not-started, in-progress, paused, completed, archived, not_started or in_progress';
    expect([status, body.detail]).toEqual([422, [{ loc: ['body', 'status'], msg: `must be ${names}`, type: 'enum' }]]);
  });
});

describe('an input with several invalid fields', () => {
  const scope = 'badges:manage badges:award activity:write streaks:write';
  const definition = { key: 'No key', name: '', description: '', iconUrl: 'x', rule: { none: 1 }, state: 'LOCKED' };
  it.for<[string, string, Record<string, unknown>, string[]]>([
    [
      'createBadge',
      'badge { id }',
      { name: '', iconUrl: 'x', description: LONG, idempotencyKey: 'a b' },
      ['name', 'description', 'iconUrl', 'idempotencyKey'],
    ],
    [
      'createGoal',
      'goal { id }',
      { title: '', description: LONG, streakCount: -1, targetQuantity: 0, timesPerWeek: 8, idempotencyKey: '' },
      ['title', 'description', 'streakCount', 'targetQuantity', 'timesPerWeek', 'idempotencyKey'],
    ],
    [
      'updateGoal',
      'goal { id }',
      { id: '1', title: null, status: null, streakCount: -1 },
      ['title', 'status', 'streakCount'],
    ],
    ['updateGoal', 'goal { id }', { id: 'abc', title: '', timesPerWeek: 9 }, ['id', 'title', 'timesPerWeek']],
    [
      'recordActivity',
      'replayed',
      { userId: 'me', eventId: 'a b', verb: 'No', objectId: '', goalId: 'x', quantity: 0 },
      ['userId', 'eventId', 'verb', 'objectId', 'goalId', 'quantity'],
    ],
    ['excuseDates', 'user { id }', { from: '2026-03-02', to: '2026-03-01', reason: '' }, ['to', 'reason']],
    [
      'excuseDates',
      'user { id }',
      { userId: 'me', from: '2026-03-02', to: '2026-03-01', reason: '' },
      ['userId', 'to', 'reason'],
    ],
    ['revokeBadge', 'badge { id }', { id: 'x', reason: '' }, ['id', 'reason']],
    [
      'createBadgeDefinition',
      'definition { key }',
      definition,
      ['key', 'name', 'description', 'iconUrl', 'rule', 'state'],
    ],
    [
      'updateBadgeDefinition',
      'definition { key }',
      { ...definition, key: 'k1' },
      ['name', 'description', 'iconUrl', 'rule'],
    ],
    ['updateBadgeDefinition', 'definition { key }', { key: 'X', name: '', rule: [] }, ['key', 'name', 'rule']],
    [
      'awardBadge',
      'badge { id }',
      { userId: 'me', key: 'No key', awardKey: 'a\nb', dateAchieved: '1969-01-01T00:00:00Z' },
      ['userId', 'key', 'awardKey', 'dateAchieved'],
    ],
  ])(
    'names all of them in extensions.fields: %s, %s, %j',
    async ([name, payload, input, fields], { service, auth, db }) => {
      const before = await db.snapshot();
      const token = await auth.token('ada', { scope });
      const { errors } = await service.graphql(mutation(name, payload), { input }, { token });
      expect(errors).toHaveLength(1);
      const [{ message, extensions }] = errors as [{ message: string; extensions: Record<string, never> }];
      const {
        code,
        field,
        fields: problems,
      } = extensions as unknown as {
        code: string;
        field: string;
        fields: { field: string; message: string }[];
      };
      expect(new Set(problems.map((problem) => problem.field))).toEqual(new Set(fields));
      expect({ code, field, message }).toEqual({ code: 'BAD_USER_INPUT', ...problems[0] });
      expect(await db.snapshot()).toEqual(before);
    },
  );
});

describe('a malformed Idempotency-Key of REST', () => {
  it('is no field of an invalid body', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const headers = { 'idempotency-key': 'a b' };
    const { status, body } = await service.rest(`/users/${id}/goals`, { token, headers, body: { title: '' } });
    expect([status, body.detail]).toMatchObject([422, [{ loc: ['body', 'title'] }]]);
  });
});

describe('a transition that is not allowed', () => {
  it('is an error that names the statuses that are, as GraphQL writes them', async ({ service, createUser }) => {
    const { token } = await createUser();
    const input = goalInput({ status: 'ARCHIVED' });
    const { data } = await service.graphql(mutation('createGoal', 'goal { id }'), { input }, { token });
    const change = { id: data.createGoal.goal.id, status: 'COMPLETED' };
    const { errors } = await service.graphql(mutation('updateGoal', 'goal { id }'), { input: change }, { token });
    expect(errors?.[0].message).toBe('Invalid status transition from ARCHIVED to COMPLETED: expected IN_PROGRESS');
  });

  it('of a badge definition likewise', async ({ service, auth }) => {
    const token = await auth.token('ada', { scope: 'badges:manage' });
    const input = { ...badgeInput(), key: `k-${crypto.randomUUID()}` };
    await service.graphql(mutation('createBadgeDefinition', 'definition { key }'), { input }, { token });
    const change = { key: input.key, state: 'LOCKED' };
    const { errors } = await service.graphql(
      mutation('updateBadgeDefinition', 'definition { key }'),
      { input: change },
      { token },
    );
    expect(errors?.[0].message).toBe('Invalid state transition from DRAFT to LOCKED: expected ACTIVE or ARCHIVED');
  });
});

describe('a verb that users do not report themselves', () => {
  it('is an error that names the verbs that they do', async ({ service, createUser }) => {
    const { token } = await createUser();
    const input = { eventId: 'e-1', verb: 'exam.passed' };
    const { errors } = await service.graphql(mutation('recordActivity', 'replayed'), { input }, { token });
    expect(errors?.[0].message).toBe(
      'Not authorized to record activities with the verb exam.passed: expected check-in, lesson.completed or practice',
    );
  });
});

describe('every error of an operation', () => {
  it.for([
    '{',
    '{ nope }',
    '{ badge(id: "x") { id } }',
    '{ ...A }',
    'mutation { deleteGoal(input: { id: "1" }) { deletedId } }',
  ])('has the id of the request: %s', async (query, { service }) => {
    const { errors, headers } = await service.graphql(query, {}, { headers: { 'x-request-id': 'r-7' } });
    expect(headers['x-request-id']).toBe('r-7');
    expect(errors?.map(({ extensions }) => extensions.requestId)).toEqual(errors?.map(() => 'r-7'));
  });
});

describe('a rejected request', () => {
  it('for introspection names the setting that turns it on', async ({ serve }) => {
    const service = await serve({ PLAYGROUND: 'false' });
    const { status, errors } = await service.graphql('{ __schema { types { name } } }');
    expect([status, errors?.[0].message]).toEqual([400, 'Introspection is off: PLAYGROUND=true turns it on']);
  });

  it('for its media type names the one that is wanted, over both APIs', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const request = { token, body: 'x', headers: { 'content-type': 'text/plain' } };
    const [graphql, rest] = [
      await service.rest('/graphql', request),
      await service.rest(`/users/${id}/goals`, request),
    ];
    expect([graphql.status, rest.status]).toEqual([415, 415]);
    expect(graphql.body.errors[0].message).toBe(
      'The request body must be application/json in UTF-8, without Content-Encoding',
    );
    expect(rest.body.detail).toBe('The request body must be application/json in UTF-8, without Content-Encoding');
  });

  it('for a path below /users/me says to use the id, with the status of any id that is none', async ({
    service,
    createUser,
  }) => {
    const { token } = await createUser();
    const text = '"me" stands for the viewer in /users/me only: put the id of the user into the path';
    const read = await service.rest('/users/me/goals', { token });
    expect([read.status, read.body.detail[0].msg]).toEqual([422, text]);
    for (const [method, path] of [
      ['POST', 'goals'],
      ['PUT', 'goals/1'],
      ['GET', 'activities'],
    ]) {
      const { status, body } = await service.rest(`/users/me/${path}`, { method: String(method), token });
      expect([status, body.detail]).toEqual([403, text]);
    }
    expect((await service.rest('/users/me/goals', { method: 'POST' })).status).toBe(401);
  });
});
