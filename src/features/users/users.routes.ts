import { hash } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { matchesIfNoneMatch } from '../../http/rest/etag.ts';
import { operation } from '../../http/rest/operation.ts';
import { IfNoneMatchHeaders, JSON_TYPE, UserParams } from '../../http/rest/schemas.ts';
import { releaseWhenWritten, requireBuffer } from '../../lib/large-response.ts';
import { OwnProfileResponse, ProfileResponse, toProfileResponse } from './profile.schema.ts';
import { viewOwnProfile, viewProfile } from './view-profile.ts';

const NOT_MODIFIED = 'The profile has not changed since the response with the `ETag` of `If-None-Match`.';

const ownProfile = operation({
  operationId: 'viewOwnProfile',
  tag: 'users',
  summary: "The authenticated user's own profile",
  description: 'Names and e-mail address come from the auth-service.',
  headers: IfNoneMatchHeaders,
  success: {
    schema: OwnProfileResponse,
    description: 'The profile, with the e-mail address.',
    headers: ['ETag'],
    notModified: NOT_MODIFIED,
  },
  errors: [404],
});

const publicProfile = operation({
  operationId: 'viewProfile',
  tag: 'users',
  summary: "A user's public profile",
  description: 'Names come from the auth-service. The profile has the whole lists of badges and goals.',
  access: 'public',
  params: UserParams,
  headers: IfNoneMatchHeaders,
  success: {
    schema: ProfileResponse,
    description: 'The profile.',
    headers: ['ETag'],
    notModified: NOT_MODIFIED,
  },
  errors: [404],
});

export async function usersRoutes(rest: FastifyInstance): Promise<void> {
  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();

  typed.get('/me', ownProfile, async (request, reply) => {
    const profile = await viewOwnProfile(request.context);
    const response = { ...toProfileResponse(profile), email: profile.user.email };
    return sendWithEtag(request, reply, { response, release: profile.release });
  });

  typed.get('/:auth_user_id', publicProfile, async (request, reply) => {
    const profile = await viewProfile(request.context, request.params.auth_user_id);
    return sendWithEtag(request, reply, { response: toProfileResponse(profile), release: profile.release });
  });
}

interface ProfileToSend {
  response: object;
  /** Releases the buffer space that the profile has already. */
  release: (() => void) | undefined;
}

/**
 * Sends the profile with an ETag of its content; 304 when `If-None-Match` has that ETag. A large one waits for buffer
 * space.
 * @throws SERVICE_UNAVAILABLE
 */
async function sendWithEtag(
  request: FastifyRequest,
  reply: FastifyReply,
  { response, release }: ProfileToSend,
): Promise<FastifyReply> {
  releaseWhenWritten(release);
  const body = JSON.stringify(response);
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 27)}"`;
  reply.header('etag', etag);
  if (matchesIfNoneMatch(etag, request.headers['if-none-match'])) return reply.code(304).send();
  if (release === undefined && request.method !== 'HEAD') {
    releaseWhenWritten(await requireBuffer(request.context, Buffer.byteLength(body)));
  }
  return reply.type(JSON_TYPE).send(body);
}
