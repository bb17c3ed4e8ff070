import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { shareSuccess } from '../../lib/share-success.ts';
import { prefersPage } from '../media-types.ts';
import { isInstalled } from '../optional-packages.ts';
import { playgroundLink, readExamples } from '../pages/examples.ts';
import { type Link, renderHome, type Section } from '../pages/home.ts';
import { sendPage } from '../pages/html-page.ts';
import { playgroundProblem } from '../pages/playground.ts';

interface HomeRouteOptions {
  playground: boolean;
  docs: boolean;
  operationsPort: number | undefined;
}

const SUMMARY =
  'Badges, learning goals and the learning tracker of a learning platform, as a federated GraphQL subgraph with a REST API.';

/**
 * Adds `/`, a page for browsers that links all that is enabled and installed. Other clients and methods get 404, as on
 * unknown paths.
 */
export function addHomeRoute(http: FastifyInstance, config: HomeRouteOptions): void {
  const options = { ...config, playground: config.playground && playgroundProblem() === undefined };
  const page = shareSuccess(async () =>
    renderHome({ title: 'user-service', summary: SUMMARY, links: linksTo(options), sections: sectionsOf(options) }),
  );
  http.get('/', { schema: { hide: true } }, async (request, reply) => {
    if (!prefersPage(request.headers)) throw new AppError('NOT_FOUND', 'Not Found');
    return sendPage(await page(), request, reply);
  });
}

function linksTo({ playground, docs, operationsPort }: HomeRouteOptions): Link[] {
  const links: (Link & { isEnabled: boolean })[] = [
    {
      isEnabled: playground,
      href: '/graphql',
      name: 'Playground',
      description: 'GraphQL, with an example of each feature',
    },
    {
      isEnabled: docs && isInstalled('@fastify/swagger-ui'),
      href: '/docs',
      name: 'REST',
      description: 'Every call, with its errors',
    },
    { isEnabled: docs, href: '/openapi.json', name: 'OpenAPI', description: 'The same as a document for tools' },
    { isEnabled: true, href: '/health/ready', name: 'Health', description: 'Whether this replica takes requests' },
    {
      isEnabled: operationsPort === undefined,
      href: '/metrics',
      name: 'Metrics',
      description: 'In the format of Prometheus',
    },
  ];
  return links.filter(({ isEnabled }) => isEnabled);
}

function sectionsOf({ playground }: HomeRouteOptions): Section[] {
  const [first] = readExamples();
  if (!playground || first === undefined) return [];
  const link = { href: playgroundLink(first), name: 'Open it in the playground' };
  return [{ heading: 'A first query', text: 'Public data of a user, without a token.', code: first.query, link }];
}
