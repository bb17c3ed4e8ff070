import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { hasScope, maySee, requireScope, type Scope } from '../../auth/scopes.ts';
import { type Owner, requireOwner, requireViewer, type Viewer } from '../../auth/viewer.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { ME_IS_NO_ID } from '../errors/rest-error.ts';
import type { Access } from '../rest/access.ts';
import { requireFewMembers } from '../rest/body-members.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body of a REST or GraphQL request is read. */
    context: RequestContext;
    /** The proof of ownership; set on routes whose access is an action. */
    owner: Owner;
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
        requireAccess(request, access);
      });
      rest.addHook('preValidation', async ({ body }) => requireFewMembers(body));
      for (const route of routes) await rest.register(route);
    },
    { prefix: '/users' },
  );
}

function requireAccess(request: FastifyRequest, access: Access | undefined): void {
  const { viewer } = request.context;
  if (access === 'public') return;
  const authenticated = requireViewer(viewer);
  if (access === undefined) return;
  if ('requires' in access) return void requireScope(authenticated, access.requires, access.action);
  const userId = (request.params as { auth_user_id: string }).auth_user_id;
  if ('private' in access) return void requireReader(authenticated, userId, access.private);
  if (access.scope !== undefined && hasScope(authenticated, access.scope)) return;
  if (userId === 'me') throw new AppError('FORBIDDEN', ME_IS_NO_ID);
  request.owner = requireOwner(authenticated, userId, access.action);
}

function requireReader(viewer: Viewer, userId: string, scope: Scope): void {
  if (maySee(viewer, userId, scope)) return;
  throw new AppError('FORBIDDEN', userId === 'me' ? ME_IS_NO_ID : 'This section is private');
}
