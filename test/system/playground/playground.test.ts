import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { signUp, tokenFor } from '../../../dev/auth-service/accounts.ts';
import { composeSupergraph } from '../../../dev/compose.ts';
import { startGateway } from '../../../dev/gateway.ts';
import { it as base } from '../../federation/supergraph.ts';
import { badgeInput, describe, expect } from '../../support/fixtures.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const PASSWORD = 'for-this-test-only';

if (CHROMIUM === undefined) console.warn('The playground is not tested: no Chromium is installed.');

/** A page that has been opened and has the schema, and every address it asked for. */
async function open(browser: Browser, url: string): Promise<{ page: Page; addresses: string[] }> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  const schema = page.waitForResponse((response) => response.request().postData()?.includes('__schema') === true);
  await page.goto(`${url}/graphql`);
  await page.locator('.graphiql-execute-button').waitFor();
  await schema;
  return { page, addresses };
}

/** Runs what the editor holds and waits until the answer has `text`; the editor shows spaces as no-break spaces. */
async function expectAnswer(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-execute-button').click();
  const shown = async () => (await page.locator('.graphiql-response').innerText()).replaceAll('\u00a0', ' ');
  await expect.poll(shown, { timeout: 20_000 }).toContain(text);
}

/** Fills the editor of the Headers tab as a person would: select what is there, and paste. */
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
  /** The supergraph of `npm run dev`, on free ports, and somebody who has a badge there. */
  .extend('visit', { scope: 'file' }, async ({ authority, subgraph }, { onCleanup }) => {
    const urls = { authUrl: authority.url, usersUrl: subgraph.url };
    const gateway = await startGateway({ supergraph: composeSupergraph(urls), port: 0 });
    onCleanup(() => gateway.close());
    const ada = { username: 'ada', displayName: 'Ada', email: 'ada@example.com', password: PASSWORD };
    await signUp(authority.url, ada);
    const token = (await tokenFor(authority.url, ada)) as string;
    const create = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    await subgraph.graphql(create, { input: badgeInput({ name: 'Explorer' }) }, { token });
    return { token, gatewayUrl: gateway.url, serviceUrl: subgraph.url };
  });

describe.skipIf(CHROMIUM === undefined)('the playground in a browser', { timeout: 60_000 }, () => {
  it('shows through the gateway what the bearer of a token is and has', async ({
    browser,
    visit: { token, gatewayUrl },
  }) => {
    const { page } = await open(browser, gatewayUrl);
    await setHeaders(page, { Authorization: `Bearer ${token}` });
    await expectAnswer(page, '"username": "ada"');
    await expectAnswer(page, '"name": "Explorer"');
    await page.close();
  });

  it('runs against the service itself', async ({ browser, visit: { token, serviceUrl } }) => {
    const { page } = await open(browser, serviceUrl);
    await setHeaders(page, { Authorization: `Bearer ${token}` });
    await expectAnswer(page, '"name": "Explorer"');
    await page.close();
  });

  it('offers at least four examples', async ({ browser, visit: { gatewayUrl, serviceUrl } }) => {
    for (const url of [gatewayUrl, serviceUrl]) {
      const { page } = await open(browser, url);
      expect(await page.locator('.graphiql-tab').count()).toBeGreaterThanOrEqual(4);
      await page.close();
    }
  });

  it('asks no other host for anything', async ({ browser, visit: { gatewayUrl, serviceUrl } }) => {
    for (const url of [gatewayUrl, serviceUrl]) {
      const { page, addresses } = await open(browser, url);
      await expectAnswer(page, '{');
      const own = new URL(url).host;
      const others = addresses.filter((address) => /^https?:/.test(address) && new URL(address).host !== own);
      expect(others).toEqual([]);
      await page.close();
    }
  });
});

describe('the playground', () => {
  it('is off in production, and so is introspection', async ({ serve }) => {
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
