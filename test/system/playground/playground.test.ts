import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { fetchToken, signUp } from '../../../dev/auth-service/client.ts';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';
import { startGateway } from '../../../dev/gateway/server.ts';
import { it as base } from '../../federation/supergraph.ts';
import { badgeInput, describe, expect } from '../../support/fixtures.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const PASSWORD = 'for-this-test-only';

if (CHROMIUM === undefined) console.warn('Skipping the playground tests: Chromium is not installed.');

/** Opens the playground, waits for the schema, and records the URL of every request. */
async function openPlayground(browser: Browser, url: string): Promise<{ page: Page; urls: string[] }> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  const schema = page.waitForResponse((response) => response.request().postData()?.includes('__schema') === true);
  await page.goto(`${url}/graphql`);
  await page.locator('.graphiql-execute-button').waitFor();
  await schema;
  return { page, urls };
}

/** Executes the editor's operation and waits for `text` in the response, which shows spaces as no-break spaces. */
async function expectResponse(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-execute-button').click();
  const shown = async () => (await page.locator('.graphiql-response').innerText()).replaceAll('\u00a0', ' ');
  await expect.poll(shown, { timeout: 20_000 }).toContain(text);
}

/** Replaces the text of the Headers tab with the keyboard: select all, paste. */
async function setHeaders(page: Page, headers: object): Promise<void> {
  const editor = page.locator('[aria-label="Headers"] .graphiql-editor:not(.hidden) .monaco-editor');
  await editor.click();
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(headers));
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
}

const it = base
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    onCleanup(() => browser.close());
    return browser;
  })
  /** The supergraph of `npm run dev` on free ports, with a user who has a badge. */
  .extend('playground', { scope: 'file' }, async ({ authority, subgraph }, { onCleanup }) => {
    const subgraphUrls = { authUrl: authority.url, usersUrl: subgraph.url };
    const gateway = await startGateway({ supergraph: composeSupergraph(subgraphUrls), port: 0 });
    onCleanup(() => gateway.close());
    const ada = { username: 'ada', displayName: 'Ada', email: 'ada@example.com', password: PASSWORD };
    await signUp(authority.url, ada);
    const token = (await fetchToken(authority.url, ada)) as string;
    const create = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    await subgraph.graphql(create, { input: badgeInput({ name: 'Explorer' }) }, { token });
    return { token, gatewayUrl: gateway.url, serviceUrl: subgraph.url };
  });

describe.skipIf(CHROMIUM === undefined)('the playground in a browser', { timeout: 60_000 }, () => {
  it('shows the viewer and the viewer’s badges through the gateway', async ({
    browser,
    playground: { token, gatewayUrl },
  }) => {
    const { page } = await openPlayground(browser, gatewayUrl);
    await setHeaders(page, { Authorization: `Bearer ${token}` });
    await expectResponse(page, '"username": "ada"');
    await expectResponse(page, '"name": "Explorer"');
    await page.close();
  });

  it('executes operations of the user-service itself', async ({ browser, playground: { token, serviceUrl } }) => {
    const { page } = await openPlayground(browser, serviceUrl);
    await setHeaders(page, { Authorization: `Bearer ${token}` });
    await expectResponse(page, '"name": "Explorer"');
    await page.close();
  });

  it('offers at least four examples', async ({ browser, playground: { gatewayUrl, serviceUrl } }) => {
    for (const url of [gatewayUrl, serviceUrl]) {
      const { page } = await openPlayground(browser, url);
      expect(await page.locator('.graphiql-tab').count()).toBeGreaterThanOrEqual(4);
      await page.close();
    }
  });

  it('sends no request to another host', async ({ browser, playground: { gatewayUrl, serviceUrl } }) => {
    for (const url of [gatewayUrl, serviceUrl]) {
      const { page, urls } = await openPlayground(browser, url);
      await expectResponse(page, '{');
      const own = new URL(url).host;
      const others = urls.filter((each) => /^https?:/.test(each) && new URL(each).host !== own);
      expect(others).toEqual([]);
      await page.close();
    }
  });
});

describe('the playground', () => {
  it('and introspection are off in production', async ({ serve }) => {
    const service = await serve({ NODE_ENV: 'production' });
    const page = await service.rest('/graphql', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('<html');
    expect((await service.graphql('{ __schema { queryType { name } } }')).status).toBe(400);
  });

  it('can be turned on in production', async ({ serve }) => {
    const service = await serve({ NODE_ENV: 'production', PLAYGROUND: 'true' });
    const page = await service.rest('/graphql', { headers: { accept: 'text/html' } });
    expect(page.headers['content-type']).toContain('text/html');
  });
});
