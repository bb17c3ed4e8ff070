import { fastifyApolloHandler } from '@as-integrations/fastify';
import { toNodeHandler } from 'better-auth/node';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import pg from 'pg';
import { addCors } from '../../src/http/cors.ts';
import { findFreePort } from '../lib/ports.ts';
import { AUDIENCE } from './audience.ts';
import { type Auth, authenticate, createAuth } from './better-auth.ts';
import { registerHome } from './home.ts';
import { registerSignIn } from './sign-in.ts';
import { buildSubgraph, type Context } from './subgraph.ts';
import { createUserLoader } from './users.ts';

export interface AuthService {
  url: string;
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** The sign-in of playgrounds. */
  signInUrl: string;
  close(): Promise<void>;
}

interface AuthServiceOptions {
  /** An existing database; the service creates its tables at start. */
  databaseUrl: string;
  /** 0 picks a free port. */
  port: number;
  host?: string;
  /** Origins whose pages may sign users in; none by default. */
  corsOrigins?: readonly string[];
}

/**
 * Starts a stand-in for the platform's auth-service. It serves better-auth under /api/auth, the subgraph that owns User
 * at /graphql, and the v1 user lookup at /users/{id}. The sign-in of the playgrounds is at /sign-in.
 */
export async function startAuthService(options: AuthServiceOptions): Promise<AuthService> {
  const { databaseUrl, host = '127.0.0.1', corsOrigins = [] } = options;
  const port = options.port || (await findFreePort());
  const url = `http://localhost:${port}`;
  const pool = new pg.Pool({ connectionString: databaseUrl });
  // The pool replaces an idle connection that breaks; without a listener its error would end the process.
  pool.on('error', () => {});
  const app = Fastify({ forceCloseConnections: true, logger: { level: 'error' } });
  app.addHook('onClose', () => pool.end());
  try {
    if (corsOrigins.length > 0) await addCors(app, new Set(corsOrigins));
    const auth = await createAuth(pool, { baseUrl: url, origins: corsOrigins });
    await app.register(authRoutes, { auth });
    await registerSubgraph(app, (request) => createContext(request, { pool, auth }));
    registerUserLookup(app, pool);
    registerSignIn(app, url);
    registerHome(app, url);
    app.get('/health', async () => {
      await pool.query('select 1');
      return { status: 'ok' };
    });
    await app.listen({ port, host });
  } catch (error) {
    await app.close();
    throw error;
  }
  const urls = { url, jwksUrl: `${url}/api/auth/jwks`, signInUrl: `${url}/sign-in` };
  return { ...urls, issuer: url, audience: AUDIENCE, close: () => app.close() };
}

/** Registers better-auth's routes without Fastify's body parsers: better-auth reads the request stream itself. */
function authRoutes(app: FastifyInstance, { auth }: { auth: Auth }, done: () => void): void {
  const handle = toNodeHandler(auth);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  app.all('/api/auth/*', async (request, reply) => {
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    await handle(request.raw, reply.raw);
  });
  done();
}

async function registerSubgraph(
  app: FastifyInstance,
  context: (request: FastifyRequest) => Promise<Context>,
): Promise<void> {
  const subgraph = buildSubgraph();
  await subgraph.start();
  app.addHook('onClose', () => subgraph.stop());
  app.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(subgraph, { context }) });
}

async function createContext(request: FastifyRequest, { pool, auth }: { pool: pg.Pool; auth: Auth }): Promise<Context> {
  const viewerId = await authenticate(auth, request.headers.authorization);
  if (viewerId !== undefined) return { viewerId, users: createUserLoader(pool) };
  const extensions = { code: 'UNAUTHENTICATED', http: { status: 401 } };
  throw new GraphQLError('The token is not valid or has expired.', { extensions });
}

function registerUserLookup(app: FastifyInstance, pool: pg.Pool): void {
  app.get<{ Params: { id: string } }>('/users/:id', async (request, reply) => {
    const user = await createUserLoader(pool).load(request.params.id);
    if (!user) return reply.code(404).send({ error: 'User not found' });
    return { id: user.id, username: user.username, email: user.email };
  });
}
