import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { addCreateRoute } from '../../http/rest/create-route.ts';
import { addListRoute } from '../../http/rest/list-route.ts';
import { operation } from '../../http/rest/operation.ts';
import { BadgeParams, BadgeResponse, CreateBadgeBody, toBadgeContent } from './badge.schema.ts';
import { badgeNotFound, badgeProblems, CREATE_BADGE } from './badge.ts';
import { createBadge } from './create-badge.ts';
import { badgeList } from './list-badges.ts';
import { toBadgeResponse } from './response.ts';
import { viewUserBadge } from './view-badge.ts';

const view = operation({
  operationId: 'viewBadge',
  tag: 'badges',
  summary: "One of a user's badges",
  description: 'A revoked badge is a 404, as lists leave it out.',
  access: 'public',
  params: BadgeParams,
  success: { schema: BadgeResponse, description: 'The badge.' },
  errors: [404],
});

export async function badgesRoutes(rest: FastifyInstance): Promise<void> {
  addListRoute(rest, {
    collection: 'badges',
    operationId: 'listBadges',
    summary: "A user's badges, newest first",
    item: BadgeResponse,
    list: badgeList,
    toResponse: toBadgeResponse,
  });
  addCreateRoute(rest, {
    collection: 'badges',
    operationId: 'createBadge',
    summary: 'Create a badge',
    description: 'A user has at most 1,000 badges by default (`MAX_BADGES_PER_USER`).',
    action: CREATE_BADGE,
    body: CreateBadgeBody,
    response: BadgeResponse,
    problems: (body) => badgeProblems(toBadgeContent(body)),
    create: ({ context, owner, body, keyed }) => createBadge(context, owner, { ...toBadgeContent(body), ...keyed }),
    toResponse: toBadgeResponse,
  });

  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();
  typed.get('/:auth_user_id/badges/:badge_id', view, async ({ context, params }) => {
    const badge = await viewUserBadge(context, params.auth_user_id, params.badge_id);
    if (badge === null) throw badgeNotFound();
    return toBadgeResponse(badge);
  });
}
