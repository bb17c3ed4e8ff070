import type { IncomingMessage, ServerResponse } from 'node:http';
import { prefersPage } from '../../src/http/media-types.ts';
import { playgroundLink, readExamples } from '../../src/http/pages/examples.ts';
import { renderHome } from '../../src/http/pages/home.ts';
import { type HtmlPage, respondWithPage } from '../../src/http/pages/html-page.ts';
import { createPlayground } from '../../src/http/pages/playground.ts';
import { shareSuccess } from '../../src/lib/share-success.ts';

/** The operations that the gateway's playground opens with. */
export const EXAMPLES = readExamples(new URL('examples/', import.meta.url));
/** The port of the gateway that `npm run dev` starts, unless `DEV_PORT_BASE` is set. */
const DEFAULT_PORT = '4000';
const TITLE = 'The supergraph';

/** Sends the page of the path to a browser. Returns whether it does; otherwise the gateway responds. */
type SendPage = (request: IncomingMessage, response: ServerResponse) => boolean;

interface PagesOptions {
  /** The base URL of the gateway. */
  url: string;
  signInUrl: string | undefined;
}

/** Creates the pages of the gateway, which are those of the user-service with other examples and links. */
export function createPages({ url, signInUrl }: PagesOptions): SendPage {
  const pages = new Map<string, () => Promise<HtmlPage>>([
    ['/', shareSuccess(async () => homePage(url))],
    ['/graphql', shareSuccess(() => createPlayground({ title: TITLE, examples: EXAMPLES, signInUrl }))],
  ]);
  return (request, response) => {
    const page = pages.get(request.url?.split('?')[0] ?? '');
    if (page === undefined || request.method !== 'GET' || !prefersPage(request.headers)) return false;
    void page()
      .then((rendered) => respondWithPage(rendered, request.headers))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch((error: Error) => response.writeHead(500).end(error.message));
    return true;
  };
}

function homePage(url: string): HtmlPage {
  const [first = { query: '' }] = EXAMPLES;
  const { port } = new URL(url);
  const portBase = port === DEFAULT_PORT ? '' : `DEV_PORT_BASE=${port} `;
  return renderHome({
    title: TITLE,
    summary: 'The gateway of this machine: one GraphQL API over the auth-service and the user-service.',
    links: [{ href: '/graphql', name: 'Playground', description: 'GraphQL, with examples over both services' }],
    sections: [
      {
        heading: 'A first query',
        text: 'Data of both services for the authenticated user. Choose ada in “Signed in as”, and run it.',
        code: first.query,
        link: { href: playgroundLink(first), name: 'Open it in the playground' },
      },
      {
        heading: 'The same in a terminal',
        text: 'In the folder of the project, with a token of a demo user.',
        code: [
          `TOKEN=$(${portBase}npm run -s token -- ada)`,
          `curl -s ${url}/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
          `  -d '{"query":"{ me { username badges { name } goals { title } streak { current status } } }"}'`,
        ].join('\n'),
      },
    ],
  });
}
