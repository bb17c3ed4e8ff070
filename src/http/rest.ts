import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { requireOwner, requireViewer } from '../auth/viewer.ts';
import { normalizeText } from '../lib/text.ts';
import type { Scope } from '../scope.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every REST request before its body is read. */
    scope: Scope;
  }
  interface FastifyContextConfig {
    /** Who may call; without it, whoever has a good token. */
    access?: Access;
  }
}

/**
 * `anybody`: the route is the same for all, and looks at no token, as in the service's first version. Otherwise only
 * the person in the path may do the `deed`, which completes "Not authorized to ...".
 */
type Access = 'anybody' | { deed: string };

export interface RestOptions {
  /**
   * The request's scope, with the caller that its token speaks for.
   * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
   */
  scopeOf: (request: FastifyRequest, options: { anonymous: boolean }) => Promise<Scope>;
  routes: readonly FastifyPluginAsync[];
}

/**
 * The REST shim under `/users`. Whether the caller may is decided before anything else of a request is read, so that
 * 401 and 403 come before what is wrong with its parameters or its body.
 */
export function addRestRoutes(http: FastifyInstance, { scopeOf, routes }: RestOptions): void {
  http.register(
    async (rest) => {
      rest.addHook('onRequest', async (request) => {
        const { access } = request.routeOptions.config;
        request.scope = await scopeOf(request, { anonymous: access === 'anybody' });
        requireAccess(request, access);
      });
      rest.addHook('preValidation', async ({ body }) => normalizeTexts(body));
      for (const route of routes) await rest.register(route);
    },
    { prefix: '/users' },
  );
}

function requireAccess({ scope, params }: FastifyRequest, access: Access | undefined): void {
  if (access === 'anybody') return;
  if (access === undefined) requireViewer(scope.viewer);
  else requireOwner(scope.viewer, (params as { auth_user_id: string }).auth_user_id, access.deed);
}

/** Before the schemas count characters: as many as will be stored, which is what GraphQL counts too. */
function normalizeTexts(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const fields = body as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') fields[name] = normalizeText(value);
  }
}
