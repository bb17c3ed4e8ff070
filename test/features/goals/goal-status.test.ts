import type { Service } from '../../support/app.ts';
import { describe, expect, goalBody, it, type SignedIn } from '../../support/fixtures.ts';

const UPDATE = 'mutation($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { status version } } }';

const STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'] as const;
type Status = (typeof STATUSES)[number];

/** The rows lead from a state, the columns to one, in the order of STATUSES: `=` same, `+` allowed, `-` refused. */
const MATRIX: Record<Status, string> = {
  'not-started': '=+-++',
  'in-progress': '-=+++',
  paused: '-+=++',
  completed: '-+-=+',
  archived: '-+--=',
};

const inGraphql = (status: string) => status.toUpperCase().replace('-', '_');

async function givenGoal(service: Service, { id, token }: SignedIn, status: string) {
  const { body } = await service.rest(`/users/${id}/goals`, { token, body: goalBody({ status }) });
  const path = `/users/${id}/goals/${body.id}`;
  return {
    goal: body,
    move: (to: string) => service.rest(path, { method: 'PUT', token, body: { status: to } }),
    moveInGraphql: (to: string) =>
      service.graphql(UPDATE, { input: { id: body.id, status: inGraphql(to) } }, { token }),
  };
}

for (const from of STATUSES) {
  describe(`a goal that is ${from}`, () => {
    for (const [i, to] of STATUSES.entries()) {
      const fate = MATRIX[from][i];

      if (fate === '=') {
        it(`may be called ${to} again, and stays as it is`, async ({ service, db, createUser }) => {
          const { goal, move, moveInGraphql } = await givenGoal(service, await createUser(), from);
          const before = await db.snapshot();
          expect(await move(to)).toMatchObject({ status: 200, body: goal });
          expect((await moveInGraphql(to)).data.updateGoal.goal).toEqual({ status: inGraphql(to), version: 1 });
          expect(await db.snapshot()).toEqual(before);
        });
      }
      if (fate === '+') {
        it(`can become ${to}`, async ({ service, createUser }) => {
          const ada = await createUser();
          const { move } = await givenGoal(service, ada, from);
          expect(await move(to)).toMatchObject({ status: 200, body: { status: to } });
          const { moveInGraphql } = await givenGoal(service, ada, from);
          expect((await moveInGraphql(to)).data.updateGoal.goal).toEqual({ status: inGraphql(to), version: 2 });
        });
      }
      if (fate === '-') {
        it(`cannot become ${to}, and stays as it is`, async ({ service, db, createUser }) => {
          const { move, moveInGraphql } = await givenGoal(service, await createUser(), from);
          const before = await db.snapshot();
          const detail = `Invalid status transition from ${from} to ${to}`;
          expect(await move(to)).toMatchObject({ status: 400, body: { detail, code: 'INVALID_TRANSITION' } });
          const { data, errors } = await moveInGraphql(to);
          expect(data).toBeNull();
          expect(errors?.[0]).toMatchObject({
            message: detail,
            extensions: { code: 'BAD_USER_INPUT', field: 'status' },
          });
          expect(await db.snapshot()).toEqual(before);
        });
      }
    }
  });
}

describe('a status', () => {
  it.for(STATUSES)('may be the first: %s', async (status, { service, createUser }) => {
    expect((await givenGoal(service, await createUser(), status)).goal.status).toBe(status);
  });

  it.for([
    ['not_started', 'not-started'],
    ['in_progress', 'in-progress'],
  ] as const)(
    'may come as %s, as the first version’s data had it, and goes out as %s',
    async ([sent, emitted], { service, createUser }) => {
      const ada = await createUser();
      const { goal } = await givenGoal(service, ada, sent);
      expect(goal.status).toBe(emitted);
      expect((await service.rest(`/users/${ada.id}/goals`)).body).toEqual([goal]);
    },
  );

  it('with an underscore is the same status, and no change', async ({ service, db, createUser }) => {
    const { goal, move } = await givenGoal(service, await createUser(), 'in-progress');
    const before = await db.snapshot();
    expect(await move('in_progress')).toMatchObject({ status: 200, body: goal });
    expect(await db.snapshot()).toEqual(before);
  });

  it('with an underscore is named with a dash in a refusal', async ({ service, createUser }) => {
    const { move } = await givenGoal(service, await createUser(), 'in_progress');
    expect((await move('not_started')).body.detail).toBe('Invalid status transition from in-progress to not-started');
  });

  it('is refused together with what came along', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await givenGoal(service, ada, 'archived');
    const before = await db.snapshot();
    const body = { title: 'Run', status: 'paused' };
    const path = `/users/${ada.id}/goals/${goal.id}`;
    expect((await service.rest(path, { method: 'PUT', token: ada.token, body })).status).toBe(400);
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('the date of completion', () => {
  it('is kept while a goal is completed, and only then', async ({ service, db, createUser }) => {
    const { goal, move } = await givenGoal(service, await createUser(), 'in-progress');
    const completedAt = async () =>
      (await db.sql`select completed_at from learning_goals where id = ${goal.id}`)[0]?.completed_at;
    expect(await completedAt()).toBeNull();
    const first = await move('completed');
    expect(await completedAt()).toEqual(new Date(first.body.updated_at));
    await move('in-progress');
    expect(await completedAt()).toBeNull();
    const second = await move('completed');
    expect(await completedAt()).toEqual(new Date(second.body.updated_at));
    await move('archived');
    expect(await completedAt()).toBeNull();
  });

  it('is that of a goal’s making when it starts out completed', async ({ service, db, createUser }) => {
    const { goal } = await givenGoal(service, await createUser(), 'completed');
    const [row] = await db.sql`select completed_at from learning_goals where id = ${goal.id}`;
    expect(row?.completed_at).toEqual(new Date(goal.created_at));
  });

  it('does not move when a completed goal is renamed', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await givenGoal(service, ada, 'completed');
    const path = `/users/${ada.id}/goals/${goal.id}`;
    const { body } = await service.rest(path, { method: 'PUT', token: ada.token, body: { title: 'Renamed' } });
    const [row] = await db.sql`select completed_at, updated_at from learning_goals where id = ${goal.id}`;
    expect(row?.completed_at).toEqual(new Date(goal.created_at));
    expect(row?.updated_at).toEqual(new Date(body.updated_at));
  });
});
