import type { FastifyInstance } from 'fastify';
import { addCreateRoute } from '../../http/rest/create-route.ts';
import { addListRoute } from '../../http/rest/list-route.ts';
import { BadgeResponse, CreateBadgeBody, toBadgeContent } from './badge.schema.ts';
import { badgeProblems, CREATE_BADGE } from './badge.ts';
import { createBadge } from './create-badge.ts';
import { badgeList } from './list-badges.ts';
import { toBadgeResponse } from './response.ts';

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
}
