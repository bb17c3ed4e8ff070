import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { answerOnce } from '../idempotent.ts';
import { answerList, answers, IdempotencyHeaders, JSON_TYPE, ListQuery, UserParams } from '../lib/rest.ts';
import { badgePosition, CREATE_BADGE } from './badge.ts';
import { CreateBadgeBody, WireBadge, wireBadge } from './badge.wire.ts';
import { createBadge } from './create-badge.ts';
import { allBadges, listBadges } from './list-badges.ts';

const BADGES = '/:auth_user_id/badges';

const list = {
  config: { access: 'anybody' },
  schema: {
    operationId: 'listBadges',
    tags: ['badges'],
    summary: "A person's badges, newest first",
    params: UserParams,
    querystring: ListQuery,
    response: answers(Type.Array(WireBadge), 422),
  },
} as const;

const create = {
  config: { access: { deed: CREATE_BADGE } },
  schema: {
    operationId: 'createBadge',
    tags: ['badges'],
    summary: 'Give oneself a badge',
    security: [{ bearer: [] }],
    params: UserParams,
    headers: IdempotencyHeaders,
    body: CreateBadgeBody,
    response: answers(WireBadge, 400, 401, 403, 409, 413, 415, 422),
  },
};

export const badgesRoutes: FastifyPluginAsyncTypebox = async (rest) => {
  rest.get(BADGES, list, async ({ scope, params: { auth_user_id: userId }, query }, reply) => {
    const { link, body } = await answerList({
      path: `/users/${userId}/badges`,
      query,
      all: (offset) => allBadges(scope, userId, offset),
      page: (args) => listBadges(scope, userId, args),
      positionOf: badgePosition,
      present: wireBadge,
    });
    if (link !== undefined) reply.header('link', link);
    return reply.type(JSON_TYPE).send(body);
  });

  rest.post(BADGES, create, async ({ scope, params: { auth_user_id: userId }, body, headers }, reply) => {
    const keyed = { key: headers['idempotency-key'], route: `POST ${BADGES}`, body };
    const { body: badge, replayed } = await answerOnce(scope, keyed, async (once) =>
      wireBadge(await createBadge(once, { ...body, iconUrl: body.icon_url, userId })),
    );
    if (replayed) reply.header('idempotent-replayed', 'true');
    return reply.header('location', `/users/${userId}/badges/${badge.id}`).send(badge);
  });
};
