import { readFileSync } from 'node:fs';
import { pagePolicy } from '../security-headers.ts';
import { createPage, escapeHtml, type HtmlPage, sourceHash } from './html-page.ts';

const STYLE = readFileSync(new URL('assets/home.css', import.meta.url), 'utf8');

interface HomeOptions {
  title: string;
  summary: string;
  links: Link[];
  sections: Section[];
}

export interface Link {
  href: string;
  name: string;
  description: string;
}

export interface Section {
  heading: string;
  text: string;
  code: string;
  link?: { href: string; name: string };
}

/** Returns the page of `/`: a summary, links and code, without scripts. */
export function renderHome({ title, summary, links, sections }: HomeOptions): HtmlPage {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="summary">${escapeHtml(summary)}</p>
<ul>
${links.map(renderLink).join('\n')}
</ul>
${sections.map(renderSection).join('\n')}
</main>
</body>
</html>
`;
  return createPage(html, pagePolicy(`style-src ${sourceHash(STYLE)}`, 'img-src data:'));
}

function renderLink({ href, name, description }: Link): string {
  return `<li><a href="${escapeHtml(href)}"><strong>${escapeHtml(name)}</strong> ${escapeHtml(description)}</a></li>`;
}

function renderSection({ heading, text, code, link }: Section): string {
  const action = link && `<p><a class="action" href="${escapeHtml(link.href)}">${escapeHtml(link.name)}</a></p>`;
  return `<section>
<h2>${escapeHtml(heading)}</h2>
<p>${escapeHtml(text)}</p>
<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>
${action ?? ''}
</section>`;
}
