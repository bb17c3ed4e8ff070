import { readFileSync } from 'node:fs';
import { AppError } from '../../errors.ts';
import { isInstalled, notInstalled } from '../optional-packages.ts';
import { pagePolicy } from '../security-headers.ts';
import type { Example } from './examples.ts';
import { createPage, escapeHtml, type HtmlPage, sourceHash } from './html-page.ts';

const RENDERER = '@graphql-yoga/render-graphiql';
const SCRIPT = readAsset('playground.js');
const STYLE = readAsset('playground.css');

interface PlaygroundOptions {
  title: string;
  /** The tabs at the first visit. */
  examples: Example[];
  /** Signs demo users in. Without it, developers paste tokens. */
  signInUrl: string | undefined;
}

/** Returns why there can be no playground; undefined if there can. */
export function playgroundProblem(): string | undefined {
  return isInstalled(RENDERER) ? undefined : notInstalled(RENDERER);
}

/**
 * Renders GraphiQL and a bar for the token of all tabs as one self-contained page, which works offline. It blocks the
 * event loop (docs/decisions/0016).
 * @throws NOT_FOUND if the renderer is not installed
 */
export async function createPlayground(options: PlaygroundOptions): Promise<HtmlPage> {
  const problem = playgroundProblem();
  if (problem !== undefined) throw new AppError('NOT_FOUND', problem);
  const graphiql = await import('@graphql-yoga/render-graphiql/graphiql');
  const library = `${workersScript(graphiql)}${graphiql.js};`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(options.title)}</title>
<link rel="icon" href="${graphiql.favicon}">
<style>${graphiql.css}</style>
<style>${STYLE}</style>
</head>
<body class="no-focus-outline">
<header class="bar">
<a href="/" title="All pages">${escapeHtml(options.title)}</a>
<label>Signed in as <select id="user"><option value="">anonymous</option></select></label>
<input id="token" aria-label="Token" placeholder="paste a token" autocomplete="off" spellcheck="false" hidden>
<label>Example <select id="example"><option value="-1" disabled hidden>none</option></select></label>
<button id="restore" type="button" title="Closes all tabs and opens the examples">Restore examples</button>
<output id="hint" role="status"></output>
</header>
<noscript>The playground needs JavaScript.</noscript>
<div id="root"></div>
<script type="application/json" id="options">${toJson(options)}</script>
<script>${library}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return createPage(html, playgroundPolicy([library, SCRIPT], options.signInUrl));
}

interface Workers {
  editorWorkerService: string;
  jsonWorker: string;
  graphqlWorker: string;
}

/** Returns the script that has the editor's workers. The editor starts them from text, because the page is one file. */
function workersScript({ editorWorkerService, jsonWorker, graphqlWorker }: Workers): string {
  return `
const toUrl = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
const workers = {
  editorWorkerService: toUrl(${JSON.stringify(editorWorkerService)}),
  json: toUrl(${JSON.stringify(jsonWorker)}),
  graphql: toUrl(${JSON.stringify(graphqlWorker)}),
};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_id, label) => workers[label] };
`;
}

/**
 * Returns the Content-Security-Policy. The page's own scripts may run. Its editor sets styles and starts workers from
 * text in the page.
 */
function playgroundPolicy(scripts: string[], signInUrl: string | undefined): string {
  const signInOrigin = signInUrl === undefined ? '' : ` ${new URL(signInUrl).origin}`;
  return pagePolicy(
    `script-src ${scripts.map(sourceHash).join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    `connect-src 'self'${signInOrigin}`,
  );
}

/** Returns JSON that cannot end its script element. */
function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function readAsset(name: string): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8');
}
