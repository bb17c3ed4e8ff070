import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { answerOnce } from '../idempotent.ts';
import { answerList, answers, IdempotencyHeaders, JSON_TYPE, ListQuery, UserParams } from '../lib/rest.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import { CREATE_GOAL, DELETE_GOAL, goalPosition, UPDATE_GOAL } from './goal.ts';
import * as wire from './goal.wire.ts';
import { allGoals, listGoals } from './list-goals.ts';
import { updateGoal } from './update-goal.ts';

const GOALS = '/:auth_user_id/goals';
const GOAL = `${GOALS}/:goal_id`;

const list = {
  config: { access: 'anybody' },
  schema: {
    operationId: 'listGoals',
    tags: ['goals'],
    summary: "A person's learning goals, newest first",
    params: UserParams,
    querystring: ListQuery,
    response: answers(Type.Array(wire.WireGoal), 422),
  },
} as const;

const create = {
  config: { access: { deed: CREATE_GOAL } },
  schema: {
    operationId: 'createGoal',
    tags: ['goals'],
    summary: 'Set oneself a learning goal',
    security: [{ bearer: [] }],
    params: UserParams,
    headers: IdempotencyHeaders,
    body: wire.CreateGoalBody,
    response: answers(wire.WireGoal, 400, 401, 403, 409, 413, 415, 422),
  },
};

const update = {
  config: { access: { deed: UPDATE_GOAL } },
  schema: {
    operationId: 'updateGoal',
    tags: ['goals'],
    summary: 'Change some of a learning goal; what is absent stays as it is',
    security: [{ bearer: [] }],
    params: wire.GoalParams,
    headers: wire.IfMatch,
    body: wire.UpdateGoalBody,
    response: answers(wire.WireGoal, 400, 401, 403, 404, 412, 413, 415, 422),
  },
};

const remove = {
  config: { access: { deed: DELETE_GOAL } },
  schema: {
    operationId: 'deleteGoal',
    tags: ['goals'],
    summary: 'Delete a learning goal',
    security: [{ bearer: [] }],
    params: wire.GoalParams,
    response: answers(Type.Object({ ok: Type.Literal(true) }), 401, 403, 404, 422),
  },
};

export const goalsRoutes: FastifyPluginAsyncTypebox = async (rest) => {
  rest.get(GOALS, list, async ({ scope, params: { auth_user_id: userId }, query }, reply) => {
    const { link, body } = await answerList({
      path: `/users/${userId}/goals`,
      query,
      all: (offset) => allGoals(scope, userId, offset),
      page: (args) => listGoals(scope, userId, args),
      positionOf: goalPosition,
      present: wire.wireGoal,
    });
    if (link !== undefined) reply.header('link', link);
    return reply.type(JSON_TYPE).send(body);
  });

  rest.post(GOALS, create, async ({ scope, params: { auth_user_id: userId }, body, headers }, reply) => {
    const keyed = { key: headers['idempotency-key'], route: `POST ${GOALS}`, body };
    const { body: goal, replayed } = await answerOnce(scope, keyed, async (once) =>
      wire.wireGoal(await createGoal(once, { ...wire.readGoalBody(body), title: body.title, userId })),
    );
    if (replayed) reply.header('idempotent-replayed', 'true');
    reply.header('location', `/users/${userId}/goals/${goal.id}`);
    return reply.header('etag', wire.goalEtag({ id: goal.id, version: 1 })).send(goal);
  });

  rest.put(GOAL, update, async ({ scope, params, body, headers }, reply) => {
    const goal = await updateGoal(scope, {
      id: String(params.goal_id),
      userId: params.auth_user_id,
      change: wire.readGoalBody(body),
      isExpected: wire.matchesEtag(headers['if-match']),
    });
    return reply.header('etag', wire.goalEtag(goal)).send(wire.wireGoal(goal));
  });

  rest.delete(GOAL, remove, async ({ scope, params }) => {
    await deleteGoal(scope, { id: String(params.goal_id), userId: params.auth_user_id });
    return { ok: true };
  });
};
