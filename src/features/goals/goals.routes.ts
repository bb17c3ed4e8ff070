import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { addCreateRoute } from '../../http/rest/create-route.ts';
import { addListRoute } from '../../http/rest/list-route.ts';
import { responses } from '../../http/rest/schemas.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import * as schema from './goal.schema.ts';
import { CREATE_GOAL, DELETE_GOAL, goalProblems, UPDATE_GOAL } from './goal.ts';
import { goalList } from './list-goals.ts';
import { updateGoal } from './update-goal.ts';

const GOAL_PATH = '/:auth_user_id/goals/:goal_id';

const update = {
  config: {
    access: { action: UPDATE_GOAL },
    problems: (body: unknown) => goalProblems(body as object),
  },
  schema: {
    operationId: 'updateGoal',
    tags: ['goals'],
    summary: 'Update some fields of a learning goal; absent fields stay unchanged',
    security: [{ bearer: [] }],
    params: schema.GoalParams,
    headers: schema.IfMatchHeaders,
    body: schema.UpdateGoalBody,
    response: responses(schema.GoalResponse, 400, 401, 403, 404, 412, 413, 415, 422),
  },
};

const remove = {
  config: { access: { action: DELETE_GOAL } },
  schema: {
    operationId: 'deleteGoal',
    tags: ['goals'],
    summary: 'Delete a learning goal',
    security: [{ bearer: [] }],
    params: schema.GoalParams,
    response: responses(Type.Object({ ok: Type.Literal(true) }), 401, 403, 404, 422),
  },
};

export async function goalsRoutes(rest: FastifyInstance): Promise<void> {
  addListRoute(rest, {
    collection: 'goals',
    operationId: 'listGoals',
    summary: "A user's learning goals, newest first",
    item: schema.GoalResponse,
    list: goalList,
    toResponse: schema.toGoalResponse,
  });
  addCreateRoute(rest, {
    collection: 'goals',
    operationId: 'createGoal',
    summary: 'Create a learning goal',
    action: CREATE_GOAL,
    body: schema.CreateGoalBody,
    response: schema.GoalResponse,
    problems: goalProblems,
    create: ({ context, owner, body, keyed }) =>
      createGoal(context, owner, { ...schema.toGoalInput(body), title: body.title, ...keyed }),
    toResponse: schema.toGoalResponse,
    etag: schema.goalEtag,
  });

  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();
  typed.put(GOAL_PATH, update, async ({ context, owner, params, body, headers }, reply) => {
    const goal = await updateGoal(context, owner, {
      id: params.goal_id,
      change: schema.toGoalInput(body),
      isExpected: schema.matchesEtag(headers['if-match']),
    });
    return reply.header('etag', schema.goalEtag(goal)).send(schema.toGoalResponse(goal));
  });
  typed.delete(GOAL_PATH, remove, async ({ context, owner, params }) => {
    await deleteGoal(context, owner, params.goal_id);
    return { ok: true };
  });
}
