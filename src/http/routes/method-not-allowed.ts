import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify';
import { AppError } from '../../errors.ts';
import { nodeHttp } from '../../lib/node-http.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the path has the method; true by default. */
    hasMethod?: boolean;
  }
}

const COMMON_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'];
/** The other methods that node:http parses, except CONNECT, which is no request for a path. */
const RARE_METHODS = nodeHttp.METHODS.filter((method) => method !== 'CONNECT' && !isCommonMethod(method));

export function isCommonMethod(method: string): boolean {
  return COMMON_METHODS.includes(method);
}

interface RecordedPath {
  methods: Set<HTTPMethods>;
  /** The handler of the routes of this path, whose format of errors the other methods have. */
  errorHandler: RouteOptions['errorHandler'];
}

/**
 * Records the methods of the routes that are added from now on. The returned function, called after the last route,
 * adds the other methods to each path: OPTIONS answers 204 and any other 405, both with `Allow`.
 */
export function recordMethods(http: FastifyInstance): () => Promise<void> {
  // NOTE: no route has them, and Fastify would reject a QUERY without a type before it looks for a route
  for (const method of RARE_METHODS) http.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  const paths = new Map<string, RecordedPath>();
  let isRecording = true;

  http.addHook('onRoute', ({ url, method, errorHandler }) => {
    if (!isRecording || url.includes('*')) return;
    const path = url.length > 1 ? url.replace(/\/$/, '') : url;
    const recorded = paths.get(path) ?? { methods: new Set(), errorHandler };
    for (const name of [method].flat()) recorded.methods.add(name as HTTPMethods);
    paths.set(path, recorded);
  });

  return async () => {
    await http.after();
    isRecording = false;
    for (const [url, path] of paths) addOtherMethods(http, url, path);
  };
}

function addOtherMethods(http: FastifyInstance, url: string, { methods, errorHandler }: RecordedPath): void {
  const allow = [...methods, 'OPTIONS'].join(', ');
  http.route({
    url,
    method: ([...COMMON_METHODS, ...RARE_METHODS] as HTTPMethods[]).filter((method) => !methods.has(method)),
    schema: { hide: true },
    config: { hasMethod: false },
    ...(errorHandler && { errorHandler }),
    // NOTE: after the rate limit, and before the body is parsed, whose error would hide that no body makes the method
    // succeed
    preParsing: async (request, reply) => {
      reply.header('allow', allow);
      if (request.method !== 'OPTIONS') throw new AppError('METHOD_NOT_ALLOWED', 'Method Not Allowed');
    },
    handler: async (_request, reply) => reply.code(204).send(),
  });
}
