import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Owner, requireOwner, requireViewer } from '../../auth/viewer.ts';
import type { RequestContext } from '../../request-context.ts';

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
 * `public`: the route does not read the token, as in v1. An action: only the user of the path may perform it; it completes
 * "Not authorized to ...".
 */
type Access = 'public' | { action: string };

export interface RestOptions {
  /**
   * Creates the request's context, with the viewer of its token.
   * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
   */
  createContext: (request: FastifyRequest, options: { anonymous: boolean }) => Promise<RequestContext>;
  routes: readonly FastifyPluginAsync[];
}

/**
 * Adds the REST API under `/users`. Access is checked before parameters and body are read, so that 401 and 403 take
 * precedence over 400 and 422.
 */
export function addRestRoutes(http: FastifyInstance, { createContext, routes }: RestOptions): void {
  http.register(
    async (rest) => {
      rest.addHook('onRequest', async (request) => {
        const { access } = request.routeOptions.config;
        request.context = await createContext(request, { anonymous: access === 'public' });
        requireAccess(request, access);
      });
      for (const route of routes) await rest.register(route);
    },
    { prefix: '/users' },
  );
}

function requireAccess(request: FastifyRequest, access: Access | undefined): void {
  const { viewer } = request.context;
  if (access === 'public') return;
  if (access === undefined) requireViewer(viewer);
  else request.owner = requireOwner(viewer, (request.params as { auth_user_id: string }).auth_user_id, access.action);
}
