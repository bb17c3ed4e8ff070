import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { hasScope, type Reader, readerOf, requireScope, type Scope } from '../../auth/scopes.ts';
import { type Actor, type Owner, requireActor, requireOwner, requireViewer, type Viewer } from '../../auth/viewer.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { ME_IS_NO_ID } from '../errors/rest-error.ts';
import { assumeJson } from '../json-body.ts';
import type { Access, Proof, ProofOf } from '../rest/access.ts';
import { requireFewMembers } from '../rest/body-members.ts';

declare module 'fastify' {
  interface FastifyRequest<RouteGeneric, RawServer, RawRequest, SchemaCompiler, TypeProvider, ContextConfig> {
    /** Set before the body of a REST or GraphQL request is read. */
    context: RequestContext;
    /** The proof of the access that the route declares. */
    proof: ProofOf<ContextConfig>;
  }
  interface FastifyContextConfig {
    /** Without it, a route requires a valid token. */
    access?: Access;
  }
}

/**
 * Creates the context of a request, with the viewer of its token unless it is anonymous.
 * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
 */
export type CreateContext = (
  request: FastifyRequest,
  reply: FastifyReply,
  options?: { anonymous: boolean },
) => Promise<RequestContext>;

interface RestOptions {
  createContext: CreateContext;
  routes: readonly FastifyPluginAsync[];
}

/**
 * Adds the REST API under `/users`. Access is checked before parameters and body are read, so that 401 and 403 take
 * precedence over 400 and 422.
 */
export function addRestRoutes(http: FastifyInstance, { createContext, routes }: RestOptions): void {
  http.register(
    async (rest) => {
      rest.addHook('onRequest', async (request, reply) => {
        const { access } = request.routeOptions.config;
        request.context = await createContext(request, reply, { anonymous: access === 'public' });
        request.proof = proveAccess(request, access);
        assumeJson(request.raw.headers);
      });
      rest.addHook('preValidation', async ({ body }) => requireFewMembers(body));
      for (const route of routes) await rest.register(route);
    },
    { prefix: '/users' },
  );
}

/** @throws UNAUTHENTICATED, FORBIDDEN */
function proveAccess({ context, params }: FastifyRequest, access: Access | undefined): Proof<Access> {
  if (access === 'public') return undefined;
  const viewer = requireViewer(context.viewer);
  if (access === undefined) return undefined;
  if ('requires' in access) return requireScope(viewer, access.requires, access.action);
  const { auth_user_id: userId } = params as { auth_user_id: string };
  return 'private' in access
    ? requireReader(viewer, userId, access.private)
    : requireOwnerOrActor(viewer, userId, access);
}

function requireReader(viewer: Viewer, userId: string, scope: Scope): Reader<Scope> {
  const reader = readerOf(viewer, userId, scope);
  if (reader !== null) return reader;
  throw new AppError('FORBIDDEN', userId === 'me' ? ME_IS_NO_ID : 'This section is private');
}

function requireOwnerOrActor(
  viewer: Viewer,
  userId: string,
  { action, scope }: { action: string; scope?: Scope | undefined },
): Owner | Actor<Scope> {
  const mayChangeAny = scope !== undefined && hasScope(viewer, scope);
  if (userId === 'me' && !mayChangeAny) throw new AppError('FORBIDDEN', ME_IS_NO_ID);
  return scope === undefined ? requireOwner(viewer, userId, action) : requireActor(viewer, userId, { action, scope });
}
