import { createHash } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { JSON_TYPE, responses, UserParams } from '../../http/rest/schemas.ts';
import { OwnProfileResponse, ProfileResponse, toProfileResponse } from './profile.schema.ts';
import { viewOwnProfile, viewProfile } from './view-profile.ts';

const ownProfile = {
  schema: {
    operationId: 'viewOwnProfile',
    tags: ['users'],
    summary: "The authenticated user's own profile",
    security: [{ bearer: [] }],
    response: responses(OwnProfileResponse, 401, 404),
  },
};

const publicProfile = {
  config: { access: 'public' },
  schema: {
    operationId: 'viewProfile',
    tags: ['users'],
    summary: "A user's public profile",
    params: UserParams,
    response: responses(ProfileResponse, 404, 422),
  },
} as const;

export async function usersRoutes(rest: FastifyInstance): Promise<void> {
  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();

  typed.get('/me', ownProfile, async (request, reply) => {
    const profile = await viewOwnProfile(request.context);
    return sendWithEtag(request, reply, { ...toProfileResponse(profile), email: profile.user.email });
  });

  typed.get('/:auth_user_id', publicProfile, async (request, reply) => {
    const profile = await viewProfile(request.context, request.params.auth_user_id);
    return sendWithEtag(request, reply, toProfileResponse(profile));
  });
}

/** Sends the profile with an ETag of its content; 304 when `If-None-Match` has that ETag. */
function sendWithEtag(request: FastifyRequest, reply: FastifyReply, profile: object): FastifyReply {
  const body = JSON.stringify(profile);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  reply.header('etag', etag);
  if (known?.some((tag) => tag === etag || tag === '*')) return reply.code(304).send();
  return reply.type(JSON_TYPE).send(body);
}
