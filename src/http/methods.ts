import type { FastifyInstance, HTTPMethods } from 'fastify';
import { AppError } from '../errors.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'];

/**
 * Watches which methods are served where. The function that it gives, called when all routes are there, has every other
 * method answered: OPTIONS with the methods that are served, anything else with 405 and the same list.
 */
export function watchMethods(http: FastifyInstance): () => Promise<void> {
  const served = new Map<string, Set<HTTPMethods>>();
  let watching = true;

  http.addHook('onRoute', ({ url, method }) => {
    if (!watching || url.includes('*')) return;
    const path = url.length > 1 ? url.replace(/\/$/, '') : url;
    const methods = served.get(path) ?? new Set();
    for (const name of [method].flat()) methods.add(name as HTTPMethods);
    served.set(path, methods);
  });

  return async () => {
    await http.after();
    watching = false;
    for (const [url, methods] of served) addOthers(http, url, methods);
  };
}

function addOthers(http: FastifyInstance, url: string, served: ReadonlySet<HTTPMethods>): void {
  const allow = [...served, 'OPTIONS'].join(', ');
  http.route({
    url,
    method: METHODS.filter((method) => !served.has(method)),
    schema: { hide: true },
    handler: async (request, reply) => {
      reply.header('allow', allow);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      throw new AppError('METHOD_NOT_ALLOWED', 'Method Not Allowed');
    },
  });
}
