import { fastifyApolloHandler } from '@as-integrations/fastify';
import { toNodeHandler } from 'better-auth/node';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import pg from 'pg';
import { freePort } from '../lib/ports.ts';
import { AUDIENCE } from './audience.ts';
import { callerId, type Identity, openIdentity } from './identity.ts';
import { loadPeople } from './people.ts';
import { buildSubgraph, type Context } from './subgraph.ts';

export interface AuthService {
  url: string;
  issuer: string;
  audience: string;
  jwksUrl: string;
  close(): Promise<void>;
}

export interface AuthServiceOptions {
  /** An existing database; its tables are made at the start. */
  databaseUrl: string;
  /** 0 picks a free one. */
  port: number;
  host?: string;
}

/**
 * The auth-service's stand-in: better-auth under /api/auth, the subgraph that owns User at /graphql, the old look-up at
 * /users/{id}.
 */
export async function startAuthService({
  databaseUrl,
  port,
  host = '127.0.0.1',
}: AuthServiceOptions): Promise<AuthService> {
  const at = port || (await freePort());
  const url = `http://localhost:${at}`;
  const pool = new pg.Pool({ connectionString: databaseUrl });
  // A connection that breaks while idle is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  const app = Fastify({ forceCloseConnections: true, logger: { level: 'error' } });
  app.addHook('onClose', () => pool.end());
  try {
    const identity = await openIdentity(pool, url);
    await app.register(signInRoutes, { identity });
    await addSubgraph(app, (request) => contextOf(request, { pool, identity }));
    app.get<{ Params: { id: string } }>('/users/:id', async (request, reply) => {
      const person = await loadPeople(pool).load(request.params.id);
      if (!person) return reply.code(404).send({ error: 'User not found' });
      return { id: person.id, username: person.username, email: person.email };
    });
    app.get('/health', async () => {
      await pool.query('select 1');
      return { status: 'ok' };
    });
    await app.listen({ port: at, host });
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url, issuer: url, audience: AUDIENCE, jwksUrl: `${url}/api/auth/jwks`, close: () => app.close() };
}

/** better-auth reads the request's body itself, so Fastify must not. */
function signInRoutes(app: FastifyInstance, { identity }: { identity: Identity }, done: () => void): void {
  const handle = toNodeHandler(identity);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  app.all('/api/auth/*', async (request, reply) => {
    reply.hijack();
    await handle(request.raw, reply.raw);
  });
  done();
}

async function addSubgraph(
  app: FastifyInstance,
  context: (request: FastifyRequest) => Promise<Context>,
): Promise<void> {
  const subgraph = buildSubgraph();
  await subgraph.start();
  app.addHook('onClose', () => subgraph.stop());
  app.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(subgraph, { context }) });
}

async function contextOf(
  request: FastifyRequest,
  { pool, identity }: { pool: pg.Pool; identity: Identity },
): Promise<Context> {
  const caller = await callerId(identity, request.headers.authorization);
  if (caller !== undefined) return { callerId: caller, people: loadPeople(pool) };
  const extensions = { code: 'UNAUTHENTICATED', http: { status: 401 } };
  throw new GraphQLError('The token is not valid or has expired.', { extensions });
}
