import type { Service } from '../../support/app.ts';
import { it as base, type SignedIn } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';

const RECORD = `mutation($input: RecordActivityInput!) {
  recordActivity(input: $input) { activity { id localDate goal { id } } badges { name dateAchieved } user { id } }
}`;
const VOID = 'mutation($id: ID!) { voidActivity(input: { id: $id }) { activity { voidedAt } } }';
const GOAL = `query($id: ID!) { goal(id: $id) {
  id status streakCount targetQuantity dueOn timesPerWeek isOverdue progress { quantity target ratio neededPerDay }
  streak { unit current longest totalDays status startedOn lastActiveOn }
} }`;

/** The first instant of `clock`: a Monday. */
export const START = '2026-03-02T12:00:00Z';

/**
 * `tracked` is a service whose clock is `clock.now`, and `learner` a user; `travel` sets the clock and signs a new
 * token.
 */
export const it = base
  .extend('clock', () => ({ now: START }))
  .extend('tracked', ({ serve, clock }) => serve({}, { now: () => new Date(clock.now) }))
  .extend('learner', async ({ auth, createUser }): Promise<SignedIn> => {
    const user = await createUser();
    return { ...user, token: await auth.token(user.id, lifetime(START)) };
  })
  .extend('travel', ({ auth, clock, learner }) => async (now: string) => {
    clock.now = now;
    learner.token = await auth.token(learner.id, lifetime(now));
  });

function lifetime(now: string) {
  const iat = Date.parse(now) / 1000;
  return { iat, exp: iat + 3600 };
}

export async function createGoal(service: Service, { id, token }: SignedIn, body: Json = {}): Promise<Json> {
  const response = await service.rest(`/users/${id}/goals`, { token, body: { title: 'Learn Latin', ...body } });
  if (response.status !== 200) throw new Error(response.text);
  return response.body;
}

export function updateGoal(service: Service, { id, token }: SignedIn, { goal, ...body }: Json) {
  return service.rest(`/users/${id}/goals/${goal.id}`, { method: 'PUT', token, body });
}

/** Records a practice for the goal; `given` overrides its input. */
export async function practise(service: Service, { token }: SignedIn, { goal, ...given }: Json): Promise<Json> {
  const input = { eventId: crypto.randomUUID(), verb: 'practice', goalId: goal.id, ...given };
  const { data, errors } = await service.graphql(RECORD, { input }, { token });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.recordActivity;
}

export async function voidActivity(service: Service, { token }: SignedIn, { id }: Json): Promise<void> {
  const { errors } = await service.graphql(VOID, { id }, { token });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

export async function viewGoal(service: Service, goal: Json, options: { token?: string } = {}): Promise<Json> {
  const { data, errors } = await service.graphql(GOAL, { id: goal.id }, options);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.goal;
}
