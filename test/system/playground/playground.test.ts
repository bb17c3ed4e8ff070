import { setTimeout } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { signUp } from '../../../dev/auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS } from '../../../dev/auth-service/demo-users.ts';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';
import { startGateway } from '../../../dev/gateway/server.ts';
import { it as base } from '../../federation/supergraph.ts';
import { badgeInput, describe, expect } from '../../support/fixtures.ts';
import {
  CHROMIUM,
  closeFirstTab,
  expectResponse,
  launchChromium,
  openPlayground,
  openTab,
  tabTitles,
  untilSchema,
  untilStored,
} from './chromium.ts';

if (CHROMIUM === undefined) console.warn('Skipping the playground tests: Chromium is not installed.');

const PHONE = { viewport: { width: 360, height: 740 } };
const ME = encodeURIComponent('{ me { username } }');
const VIEWER = encodeURIComponent('{ viewer { id } }');

const it = base
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium();
    onCleanup(() => browser.close());
    return browser;
  })
  /** The supergraph of `npm run dev` on free ports, with a user who has a badge. The service has no sign-in. */
  .extend('playground', { scope: 'file' }, async ({ authority, subgraph }, { onCleanup }) => {
    const supergraph = composeSupergraph({ authUrl: authority.url, usersUrl: subgraph.url });
    const gateway = await startGateway({ supergraph, port: 0, signInUrl: authority.signInUrl });
    onCleanup(() => gateway.close());
    for (const user of DEMO_USERS) await signUp(authority.url, { ...user, password: DEMO_PASSWORD });
    const signIn = { method: 'POST', headers: { origin: gateway.url, 'content-type': 'application/json' } };
    const response = await fetch(authority.signInUrl, { ...signIn, body: '{"username":"ada"}' });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const create = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    await subgraph.graphql(create, { input: badgeInput({ name: 'Explorer' }) }, { token });
    return { token, gatewayUrl: `${gateway.url}/graphql`, serviceUrl: `${subgraph.url}/graphql` };
  });

describe.skipIf(CHROMIUM === undefined)('the playground in a browser', { timeout: 270_000 }, () => {
  it('is anonymous at first, and says how to get data of a user', async ({ browser, playground: { gatewayUrl } }) => {
    const { page } = await openPlayground(browser, gatewayUrl);
    expect(await page.locator('#user').inputValue()).toBe('');
    await expectResponse(page, '"me": null');
    expect(await page.locator('#hint').innerText()).toBe('Choose a user, and run it again.');
    await page.context().close();
  });

  it('opens an example with the first click of the first visit', async ({ browser, playground: { serviceUrl } }) => {
    const { page } = await openPlayground(browser, serviceUrl);
    await openTab(page, 'Goals');
    await page.context().close();
  });

  it('signs a demo user in for all tabs, and for the next visit of the browser tab', async ({
    browser,
    playground: { gatewayUrl },
  }) => {
    const { page } = await openPlayground(browser, gatewayUrl);
    await page.selectOption('#user', 'ada');
    await expectResponse(page, '"username": "ada"');
    await expectResponse(page, '"name": "Explorer"');
    await openTab(page, 'Tracker');
    await expectResponse(page, '"timeZone": "UTC"');
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"timeZone": "UTC"');
    await page.selectOption('#user', '');
    await expectResponse(page, '"me": null');
    await page.context().close();
  });

  it('gets one token for many operations, and another before it expires', async ({
    browser,
    authority,
    playground: { gatewayUrl, token },
  }) => {
    const { page, requests } = await openPlayground(browser, `${gatewayUrl}?query=${ME}`);
    const signIns = () => requests.filter((each) => each === `POST ${authority.signInUrl}`).length;
    await page.selectOption('#user', 'ada');
    for (const _ of [1, 2]) await expectResponse(page, '"username": "ada"');
    expect(signIns()).toBe(1);
    const { exp = 0, iat = 0 } = decodeJwt(token);
    await page.clock.setSystemTime(Date.now() + (exp - iat - 30) * 1000);
    await expectResponse(page, '"username": "ada"');
    await expect.poll(signIns).toBe(2);
    await page.context().close();
  });

  it('takes a token where there is no sign-in, and keeps it out of the next browser tab', async ({
    browser,
    playground: { token, serviceUrl },
  }) => {
    const { page } = await openPlayground(browser, `${serviceUrl}?query=${VIEWER}`);
    await page.selectOption('#user', { label: 'a token of yours' });
    await page.locator('#token').fill(`Bearer ${token}`);
    await expectResponse(page, '"id": "ada"');
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"id": "ada"');
    const other = await page.context().newPage();
    await untilSchema(other, () => other.goto(serviceUrl));
    expect(await other.locator('#user').inputValue()).toBe('');
    await page.context().close();
  });

  it('has the schema although a stored token is not valid', async ({ browser, playground: { serviceUrl } }) => {
    const { page } = await openPlayground(browser, `${serviceUrl}?query=${VIEWER}`);
    await page.selectOption('#user', { label: 'a token of yours' });
    await page.locator('#token').fill('stale');
    await expectResponse(page, 'Could not validate credentials');
    const hint = 'The token is not valid. Paste another one, or choose another user.';
    expect(await page.locator('#hint').innerText()).toBe(hint);
    expect(await untilSchema(page, () => page.reload())).toBe(200);
    await page.getByRole('button', { name: 'Documentation Explorer' }).click();
    await page.locator('.graphiql-doc-explorer', { hasText: 'Query' }).waitFor();
    await page.context().close();
  });

  it('lets the Headers tab override the token of the bar', async ({ browser, playground: { gatewayUrl } }) => {
    const { page } = await openPlayground(browser, `${gatewayUrl}?query=${ME}`);
    await page.selectOption('#user', 'ada');
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('[aria-label="Headers"] .graphiql-editor:not(.hidden) .monaco-editor').click();
    await page.keyboard.insertText('{"Authorization": "Bearer stale"}');
    await expectResponse(page, '"errors"');
    await page.context().close();
  });

  it('opens with the query of the address, also after a reload', async ({ browser, playground: { serviceUrl } }) => {
    const query = 'query Mine { __typename }';
    const { page } = await openPlayground(browser, `${serviceUrl}?query=${encodeURIComponent(query)}`);
    await expectResponse(page, '"__typename": "Query"');
    const [first, ...others] = await tabTitles(page);
    expect([first, others[0]]).toEqual(['Mine', 'Learner']);
    await page.locator('.graphiql-query-editor .monaco-editor').click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('query Yours { typename: __typename }');
    await expect.poll(() => page.url()).toContain('Yours');
    await untilStored(page, ['Yours', ...others]);
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"typename": "Query"');
    expect(await tabTitles(page)).toEqual(['Yours', ...others]);
    await page.context().close();
  });

  it('opens with the same tabs at each visit', async ({ browser, playground: { serviceUrl } }) => {
    const { page } = await openPlayground(browser, serviceUrl);
    const titles = await tabTitles(page);
    await untilStored(page, titles);
    await untilSchema(page, () => page.goto(serviceUrl));
    expect(await tabTitles(page)).toEqual(titles);
    await page.context().close();
  });

  it('restores the examples, although GraphiQL has yet to store a change', async ({
    browser,
    playground: { serviceUrl },
  }) => {
    const { page } = await openPlayground(browser, serviceUrl);
    const titles = await tabTitles(page);
    await untilStored(page, titles);
    await page.route(serviceUrl, async (route) => {
      if (route.request().isNavigationRequest()) await setTimeout(1000);
      await route.continue();
    });
    await closeFirstTab(page, titles);
    await untilSchema(page, () => page.getByRole('button', { name: 'Restore examples' }).click());
    expect(await tabTitles(page)).toEqual(titles);
    await page.context().close();
  });

  it('has tabs with titles, and sends requests to its own host and the sign-in only, within its Content-Security-Policy', async ({
    browser,
    authority,
    playground: { gatewayUrl, serviceUrl },
  }) => {
    for (const url of [gatewayUrl, serviceUrl]) {
      const { page, requests, messages } = await openPlayground(browser, url);
      const titles = await tabTitles(page);
      expect(titles.length).toBeGreaterThanOrEqual(7);
      expect(titles).not.toContain('<untitled>');
      await expectResponse(page, '{');
      const urls = requests.map((each) => each.slice(each.indexOf(' ') + 1));
      const own = [new URL(url).host, ...(url === gatewayUrl ? [new URL(authority.url).host] : [])];
      const others = urls.filter((each) => /^https?:/.test(each) && !own.includes(new URL(each).host));
      expect(others).toEqual([]);
      expect(messages.filter((text) => /Content.Security.Policy|violates|Refused to|Error/i.test(text))).toEqual([]);
      await page.context().close();
    }
  });

  it('and the pages of / fit on a phone', async ({ browser, authority, playground: { gatewayUrl, serviceUrl } }) => {
    const { page } = await openPlayground(browser, gatewayUrl, PHONE);
    const [editors, response] = await Promise.all(
      ['.graphiql-editors', '.graphiql-response'].map((part) => page.locator(part).boundingBox()),
    );
    expect(response?.y).toBeGreaterThanOrEqual((editors?.y ?? 0) + (editors?.height ?? 0));
    expect(Math.min(editors?.width ?? 0, response?.width ?? 0)).toBeGreaterThan(260);
    const variables = page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-line');
    const line = await variables.first().boundingBox();
    expect((line?.y ?? 0) + (line?.height ?? 0)).toBeLessThanOrEqual((editors?.y ?? 0) + (editors?.height ?? 0));
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBeLessThanOrEqual(PHONE.viewport.width);
    await page.getByLabel('Show Documentation Explorer').click();
    await expect.poll(async () => (await page.locator('.graphiql-plugin').boundingBox())?.width).toBeGreaterThan(260);
    expect(await page.locator('.graphiql-sessions').isVisible()).toBe(false);
    for (const url of [gatewayUrl, serviceUrl, authority.url]) {
      await page.goto(new URL('/', url).href);
      await page.locator('h1').waitFor();
      expect(await width()).toBeLessThanOrEqual(PHONE.viewport.width);
    }
    await page.context().close();
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

  it('may connect to its own origin, and to the sign-in if there is one', async ({ serve }) => {
    for (const [url, sources] of [
      ['', "connect-src 'self'"],
      ['http://localhost:4001/sign-in', "connect-src 'self' http://localhost:4001"],
    ]) {
      const service = await serve({ PLAYGROUND_SIGN_IN_URL: url });
      const { headers } = await service.rest('/graphql', { headers: { accept: 'text/html' } });
      expect(String(headers['content-security-policy']).split('; ')).toContain(sources);
    }
  });
});
