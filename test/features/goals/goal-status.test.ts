import type { Service } from '../../support/app.ts';
import { describe, expect, goalBody, it, type SignedIn } from '../../support/fixtures.ts';

const UPDATE = 'mutation($input: UpdateGoalInput!) { updateGoal(input: $input) { goal { status version } } }';

const STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'] as const;
type Status = (typeof STATUSES)[number];

/** Transitions from a row's status to a column's, in the order of STATUSES: `=` same, `+` allowed, `-` rejected. */
const MATRIX: Record<Status, string> = {
  'not-started': '=+-++',
  'in-progress': '-=+++',
  paused: '-+=++',
  completed: '-+-=+',
  archived: '-+--=',
};

const inGraphql = (status: string) => status.toUpperCase().replace('-', '_');

async function createGoal(service: Service, { id, token }: SignedIn, status: string) {
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
  describe(`a goal with the status ${from}`, () => {
    for (const [i, to] of STATUSES.entries()) {
      const outcome = MATRIX[from][i];

      if (outcome === '=') {
        it(`accepts ${to} again and does not change`, async ({ service, db, createUser }) => {
          const { goal, move, moveInGraphql } = await createGoal(service, await createUser(), from);
          const before = await db.snapshot();
          expect(await move(to)).toMatchObject({ status: 200, body: goal });
          expect((await moveInGraphql(to)).data.updateGoal.goal).toEqual({ status: inGraphql(to), version: 1 });
          expect(await db.snapshot()).toEqual(before);
        });
      }
      if (outcome === '+') {
        it(`can become ${to}`, async ({ service, createUser }) => {
          const ada = await createUser();
          const { move } = await createGoal(service, ada, from);
          expect(await move(to)).toMatchObject({ status: 200, body: { status: to } });
          const { moveInGraphql } = await createGoal(service, ada, from);
          expect((await moveInGraphql(to)).data.updateGoal.goal).toEqual({ status: inGraphql(to), version: 2 });
        });
      }
      if (outcome === '-') {
        it(`cannot become ${to} and does not change`, async ({ service, db, createUser }) => {
          const { move, moveInGraphql } = await createGoal(service, await createUser(), from);
          const before = await db.snapshot();
          const detail = `Invalid status transition from ${from} to ${to}`;
          expect(await move(to)).toMatchObject({ status: 400, body: { detail, code: 'INVALID_TRANSITION' } });
          const { data, errors } = await moveInGraphql(to);
          expect(data).toEqual({ updateGoal: null });
          expect(errors?.[0]).toMatchObject({
            message: expect.stringMatching(
              new RegExp(`^Invalid status transition from ${inGraphql(from)} to ${inGraphql(to)}: expected [A-Z]`),
            ),
            extensions: { code: 'BAD_USER_INPUT', field: 'status' },
          });
          expect(await db.snapshot()).toEqual(before);
        });
      }
    }
  });
}

describe('the status of a goal', () => {
  it.for(STATUSES)('can be set at creation: %s', async (status, { service, createUser }) => {
    expect((await createGoal(service, await createUser(), status)).goal.status).toBe(status);
  });

  it.for([
    ['not_started', 'not-started'],
    ['in_progress', 'in-progress'],
  ] as const)(
    'is accepted as %s, which v1 data contains, and returned as %s',
    async ([sent, returned], { service, createUser }) => {
      const ada = await createUser();
      const { goal } = await createGoal(service, ada, sent);
      expect(goal.status).toBe(returned);
      expect((await service.rest(`/users/${ada.id}/goals`)).body).toEqual([goal]);
    },
  );

  it('does not change when an update writes it with an underscore', async ({ service, db, createUser }) => {
    const { goal, move } = await createGoal(service, await createUser(), 'in-progress');
    const before = await db.snapshot();
    expect(await move('in_progress')).toMatchObject({ status: 200, body: goal });
    expect(await db.snapshot()).toEqual(before);
  });

  it('has a hyphen in errors, also when the request has an underscore', async ({ service, createUser }) => {
    const { move } = await createGoal(service, await createUser(), 'in_progress');
    expect((await move('not_started')).body.detail).toBe('Invalid status transition from in-progress to not-started');
  });

  it('rejects the whole update when the transition is invalid', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await createGoal(service, ada, 'archived');
    const before = await db.snapshot();
    const body = { title: 'Run', status: 'paused' };
    const path = `/users/${ada.id}/goals/${goal.id}`;
    expect((await service.rest(path, { method: 'PUT', token: ada.token, body })).status).toBe(400);
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('completed_at', () => {
  it('is set while a goal is completed, and null otherwise', async ({ service, db, createUser }) => {
    const { goal, move } = await createGoal(service, await createUser(), 'in-progress');
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

  it('equals created_at when a goal is created as completed', async ({ service, db, createUser }) => {
    const { goal } = await createGoal(service, await createUser(), 'completed');
    const [row] = await db.sql`select completed_at from learning_goals where id = ${goal.id}`;
    expect(row?.completed_at).toEqual(new Date(goal.created_at));
  });

  it('does not change when a completed goal is renamed', async ({ service, db, createUser }) => {
    const ada = await createUser();
    const { goal } = await createGoal(service, ada, 'completed');
    const path = `/users/${ada.id}/goals/${goal.id}`;
    const { body } = await service.rest(path, { method: 'PUT', token: ada.token, body: { title: 'Renamed' } });
    const [row] = await db.sql`select completed_at, updated_at from learning_goals where id = ${goal.id}`;
    expect(row?.completed_at).toEqual(new Date(goal.created_at));
    expect(row?.updated_at).toEqual(new Date(body.updated_at));
  });
});
