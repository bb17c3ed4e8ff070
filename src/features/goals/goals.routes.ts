import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { addCreateRoute } from '../../http/rest/create-route.ts';
import { matchesIfMatch, matchesIfNoneMatch } from '../../http/rest/etag.ts';
import { addListRoute } from '../../http/rest/list-route.ts';
import { operation } from '../../http/rest/operation.ts';
import { IfNoneMatchHeaders } from '../../http/rest/schemas.ts';
import { createGoal } from './create-goal.ts';
import { deleteGoal } from './delete-goal.ts';
import * as schema from './goal.schema.ts';
import { CREATE_GOAL, DELETE_GOAL, type Goal, goalNotFound, goalProblems, UPDATE_GOAL } from './goal.ts';
import { goalList } from './list-goals.ts';
import { toGoalResponse } from './response.ts';
import { updateGoal } from './update-goal.ts';
import { viewUserGoal } from './view-goal.ts';
import { withStreakCountsOfPage } from './with-streak-counts.ts';

const GOAL_PATH = '/:auth_user_id/goals/:goal_id';
/** RFC 7234, section 5.5. */
const STREAK_COUNT_IGNORED = '299 - "streak_count is computed from activities"';

const view = operation({
  operationId: 'viewGoal',
  tag: 'goals',
  summary: "One of a user's learning goals",
  description:
    'The `ETag` is that of the version, for `If-Match`. `If-None-Match` has no effect for a goal with activities, whose `streak_count` also depends on the date.',
  access: 'public',
  params: schema.GoalParams,
  headers: IfNoneMatchHeaders,
  success: {
    schema: schema.GoalResponse,
    description: 'The goal.',
    headers: ['ETag'],
    notModified: 'The goal has not changed since the response with the `ETag` of `If-None-Match`.',
  },
  errors: [404],
});

const update = operation({
  operationId: 'updateGoal',
  tag: 'goals',
  summary: 'Update some fields of a learning goal',
  description:
    'Absent members stay unchanged. `If-Match` detects concurrent changes. A `streak_count` of a goal with activities is not saved, and the response has a `Warning`.',
  access: { action: UPDATE_GOAL },
  problems: (body) => goalProblems(body as object),
  params: schema.GoalParams,
  headers: schema.IfMatchHeaders,
  body: schema.UpdateGoalBody,
  success: { schema: schema.GoalResponse, description: 'The goal with its changes.', headers: ['ETag', 'Warning'] },
  errors: [404, 412],
});

const remove = operation({
  operationId: 'deleteGoal',
  tag: 'goals',
  summary: 'Delete a learning goal',
  description:
    'The activities of the goal remain, without a goal. A second deletion is a 404. `If-Match` detects concurrent changes.',
  access: { action: DELETE_GOAL },
  params: schema.GoalParams,
  headers: schema.IfMatchHeaders,
  success: { schema: schema.DeletedResponse, description: 'The goal is deleted.' },
  errors: [404, 412],
});

export async function goalsRoutes(rest: FastifyInstance): Promise<void> {
  addListRoute(rest, {
    collection: 'goals',
    operationId: 'listGoals',
    summary: "A user's learning goals, newest first",
    item: schema.GoalResponse,
    list: goalList,
    addValues: withStreakCountsOfPage,
    toResponse: toGoalResponse,
  });
  addCreateRoute(rest, {
    collection: 'goals',
    operationId: 'createGoal',
    summary: 'Create a learning goal',
    description:
      'A user has at most 500 goals by default (`MAX_GOALS_PER_USER`). Completing a goal, also at its creation, can earn badges.',
    action: CREATE_GOAL,
    body: schema.CreateGoalBody,
    response: schema.GoalResponse,
    problems: goalProblems,
    create: ({ context, owner, body, keyed }) =>
      createGoal(context, owner, { ...schema.toGoalInput(body), title: body.title, ...keyed }),
    toResponse: toGoalResponse,
    etag: schema.goalEtag,
  });

  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();
  typed.get(GOAL_PATH, view, async ({ context, params, headers }, reply) => {
    const goal = await viewUserGoal(context, params.auth_user_id, params.goal_id);
    if (goal === null) throw goalNotFound();
    const etag = schema.goalEtag(goal);
    reply.header('etag', etag);
    const isOfVersion = goal.firstActivityOn === null;
    if (isOfVersion && matchesIfNoneMatch(etag, headers['if-none-match'])) return reply.code(304).send();
    return reply.send(toGoalResponse(goal));
  });
  typed.put(GOAL_PATH, update, async ({ context, proof: owner, params, body, headers }, reply) => {
    const { goal, isStreakCountIgnored } = await updateGoal(context, owner, {
      id: params.goal_id,
      change: schema.toGoalInput(body),
      isExpected: expectedBy(headers['if-match']),
    });
    if (isStreakCountIgnored) reply.header('warning', STREAK_COUNT_IGNORED);
    return reply.header('etag', schema.goalEtag(goal)).send(toGoalResponse(goal));
  });
  typed.delete(GOAL_PATH, remove, async ({ context, proof: owner, params, headers }) => {
    await deleteGoal(context, owner, { id: params.goal_id, isExpected: expectedBy(headers['if-match']) });
    return { ok: true };
  });
}

/** Returns the test of the versions for which a change with `If-Match` is meant; undefined without that header. */
function expectedBy(ifMatch: string | undefined): ((goal: Goal) => boolean) | undefined {
  return ifMatch === undefined ? undefined : (goal) => matchesIfMatch(schema.goalEtag(goal), ifMatch);
}
