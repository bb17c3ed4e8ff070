import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { WireBadge, wireBadge } from '../badges/badge.wire.ts';
import { WireGoal, wireGoal } from '../goals/goal.wire.ts';
import { answers, JSON_TYPE, UserParams, WireUserId, wireUserId } from '../lib/rest.ts';
import { type Profile, viewOwnProfile, viewProfile } from './view-profile.ts';

const NullableText = Type.Union([Type.String(), Type.Null()]);

const WireProfile = Type.Object({
  id: WireUserId,
  username: Type.String(),
  display_name: NullableText,
  avatar_url: NullableText,
  statistics: Type.Object({ total_badges: Type.Integer(), total_goals: Type.Integer(), level: Type.Integer() }),
  badges: Type.Array(WireBadge),
  learning_goals: Type.Array(WireGoal),
});
const WireOwnProfile = Type.Object({ ...WireProfile.properties, email: NullableText });

const own = {
  schema: {
    operationId: 'viewOwnProfile',
    tags: ['users'],
    summary: "The caller's own profile",
    security: [{ bearer: [] }],
    response: answers(WireOwnProfile, 401, 404),
  },
};

const anyones = {
  config: { access: 'anybody' },
  schema: {
    operationId: 'viewProfile',
    tags: ['users'],
    summary: "A person's public profile",
    params: UserParams,
    response: answers(WireProfile, 404, 422),
  },
} as const;

export const usersRoutes: FastifyPluginAsyncTypebox = async (rest) => {
  rest.get('/me', own, async (request, reply) => {
    const profile = await viewOwnProfile(request.scope);
    return sendTagged(request, reply, { ...wireProfile(profile), email: profile.user.email });
  });

  rest.get('/:auth_user_id', anyones, async (request, reply) => {
    const profile = await viewProfile(request.scope, request.params.auth_user_id);
    return sendTagged(request, reply, wireProfile(profile));
  });
};

function wireProfile({ user, badges, goals, level }: Profile): Static<typeof WireProfile> {
  return {
    id: wireUserId(user.id),
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    statistics: { total_badges: badges.length, total_goals: goals.length, level },
    badges: badges.map(wireBadge),
    learning_goals: goals.map(wireGoal),
  };
}

/** Sends the profile with an ETag of its content, or 304 to a client that has just this. */
function sendTagged(request: FastifyRequest, reply: FastifyReply, profile: object): FastifyReply {
  const body = JSON.stringify(profile);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  reply.header('etag', etag);
  if (known?.some((tag) => tag === etag || tag === '*')) return reply.code(304).send();
  return reply.type(JSON_TYPE).send(body);
}
