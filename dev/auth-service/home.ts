import type { FastifyInstance } from 'fastify';
import { prefersPage } from '../../src/http/media-types.ts';
import { renderHome } from '../../src/http/pages/home.ts';
import { sendPage } from '../../src/http/pages/html-page.ts';
import { DEMO_PASSWORD } from './demo-users.ts';

/** Adds `/`, a page for browsers. Other clients get 404, as on unknown paths. */
export function registerHome(app: FastifyInstance, authUrl: string): void {
  const page = renderHome({
    title: 'auth-service',
    summary:
      'A stand-in for the auth-service of the platform, for development: accounts, tokens, and the subgraph of User.',
    links: [
      { href: '/api/auth/jwks', name: 'JWKS', description: 'The keys by which services verify tokens' },
      { href: '/health', name: 'Health', description: 'Whether its database responds' },
    ],
    sections: [
      {
        heading: 'A token of a demo user',
        text: 'The users are ada, grace and platform. Tokens of platform have every scope. Playgrounds get tokens by themselves.',
        code: 'npm run -s token -- ada',
      },
      {
        heading: 'A session, over HTTP',
        text: 'The token of the response is that of the session. GET /api/auth/token exchanges it for a token of the user.',
        code: [
          `curl -s ${authUrl}/api/auth/sign-in/username \\`,
          `  -H 'Origin: ${authUrl}' -H 'Content-Type: application/json' \\`,
          `  -d '{"username":"ada","password":"${DEMO_PASSWORD}"}'`,
        ].join('\n'),
      },
    ],
  });
  app.get('/', async (request, reply) => {
    if (!prefersPage(request.headers)) return reply.callNotFound();
    return sendPage(page, request, reply);
  });
}
