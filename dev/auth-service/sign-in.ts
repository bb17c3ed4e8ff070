import type { FastifyInstance, FastifyReply } from 'fastify';
import { TOKEN_SECONDS } from './better-auth.ts';
import { fetchToken } from './client.ts';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-users.ts';

/** Pages of other origins get no tokens, not even after they have pointed their own host name at this machine. */
const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/**
 * Adds the sign-in of the playgrounds, whose pages are on other ports of this machine. GET lists the demo users, and
 * POST with a username returns a token, in the format of RFC 6749, section 5.1.
 */
export function registerSignIn(app: FastifyInstance, authUrl: string): void {
  app.register(async (route) => {
    route.addHook('onRequest', async ({ headers: { origin } }, reply) => {
      reply.headers({ 'cache-control': 'no-store', vary: 'origin' });
      if (origin === undefined || !LOCAL_ORIGIN.test(origin)) return reply.code(403).send({ error: 'access_denied' });
      reply.header('access-control-allow-origin', origin);
      return;
    });
    route.options('/sign-in', async (_request, reply) =>
      reply
        .code(204)
        .headers({ 'access-control-allow-headers': 'content-type', 'access-control-max-age': '600' })
        .send(),
    );
    route.get('/sign-in', async () => ({ users: DEMO_USERS.map(toChoice) }));
    route.post<{ Body: { username?: unknown } | null }>('/sign-in', async ({ body }, reply) => {
      const user = DEMO_USERS.find(({ username }) => username === body?.username);
      return user === undefined ? invalidGrant(reply) : sendToken(reply, authUrl, user.username);
    });
  });
}

function toChoice({ username, displayName, scope }: (typeof DEMO_USERS)[number]) {
  return { username, description: scope === undefined ? displayName : `${displayName}, every scope` };
}

async function sendToken(reply: FastifyReply, authUrl: string, username: string): Promise<FastifyReply> {
  const token = await fetchToken(authUrl, { username, password: DEMO_PASSWORD });
  if (token === null) return invalidGrant(reply);
  return reply.send({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS });
}

function invalidGrant(reply: FastifyReply): FastifyReply {
  return reply.code(400).send({ error: 'invalid_grant', error_description: 'No demo user has this username.' });
}
