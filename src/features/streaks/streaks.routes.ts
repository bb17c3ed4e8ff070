import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { operation } from '../../http/rest/operation.ts';
import { UserParams } from '../../http/rest/schemas.ts';
import { StreakResponse, toStreakResponse } from './streak.schema.ts';
import { viewStreak } from './view-streak.ts';

const view = operation({
  operationId: 'viewStreak',
  tag: 'activities',
  summary: "A user's overall streak",
  description: 'All activities of the user count. A user without activities has the status `none`.',
  access: 'public',
  params: UserParams,
  success: { schema: StreakResponse, description: 'The streak, as of now.' },
});

export async function streaksRoutes(rest: FastifyInstance): Promise<void> {
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .get('/:auth_user_id/streak', view, async ({ context, params }) =>
      toStreakResponse(await viewStreak(context, params.auth_user_id)),
    );
}
