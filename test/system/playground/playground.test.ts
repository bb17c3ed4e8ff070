import { setTimeout } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { signUp } from '../../../dev/auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS } from '../../../dev/auth-service/demo-users.ts';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';
import { startGateway } from '../../../dev/gateway/server.ts';
import { readExamples } from '../../../src/http/pages/examples.ts';
import { it as base } from '../../federation/supergraph.ts';
import { badgeInput, describe, expect } from '../../support/fixtures.ts';
import {
  activeTab,
  CHROMIUM,
  closeFirstTab,
  expectResponse,
  launchChromium,
  openPlayground,
  openTab,
  tabTitles,
  typeInto,
  untilSchema,
  untilStored,
} from './chromium.ts';

if (CHROMIUM === undefined) console.warn('Skipping the playground tests: Chromium is not installed.');

const PHONE = { viewport: { width: 360, height: 740 } };
const MINE = 'query Mine { __typename }';
const LEARNER = readExamples()[0]?.query ?? '';

const hintOf = (page: Page) => page.locator('#hint').innerText();
const exampleNames = (page: Page) => page.locator('#example option:not([value="-1"])').allTextContents();
const variablesOf = (page: Page) => page.locator('[aria-label="Variables"] .graphiql-editor:not(.hidden)').innerText();

/** Returns whether the row of tabs shows the active tab in full. */
async function isInRow(page: Page): Promise<boolean> {
  const [tab, row] = await Promise.all(
    ['.graphiql-tab-active', '.graphiql-tabs'].map((part) => page.locator(part).boundingBox()),
  );
  if (!tab || !row) return false;
  return tab.x >= row.x - 1 && tab.x + tab.width <= row.x + row.width + 1;
}

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
  })
  /** The first visit of each playground. Tests share the two pages, because loading one takes seconds. */
  .extend('gatewayPage', { scope: 'file' }, ({ browser, playground }) => openPlayground(browser, playground.gatewayUrl))
  .extend('servicePage', { scope: 'file' }, ({ browser, playground }) => openPlayground(browser, playground.serviceUrl))
  .extend('phonePage', { scope: 'file' }, ({ browser, playground }) =>
    openPlayground(browser, `${playground.gatewayUrl}?${new URLSearchParams({ query: MINE })}`, PHONE),
  );

describe.skipIf(CHROMIUM === undefined)('the playground in a browser', { timeout: 270_000 }, () => {
  it('is anonymous at first, and says how to get data of a user', async ({ gatewayPage: { page } }) => {
    expect(await page.locator('#user').inputValue()).toBe('');
    await expectResponse(page, '"me": null');
    expect(await hintOf(page)).toBe('Choose a user, and run it again.');
  });

  it('opens an example with the first click of the first visit', async ({ servicePage: { page } }) => {
    await openTab(page, 'Goals');
  });

  it('has tabs with titles, and sends requests to its own host and the sign-in only, within its Content-Security-Policy', async ({
    authority,
    gatewayPage,
    servicePage,
  }) => {
    for (const { page, requests, messages } of [gatewayPage, servicePage]) {
      await openTab(page, 'Statistics');
      const titles = await tabTitles(page);
      expect(titles.length).toBeGreaterThanOrEqual(7);
      expect(titles).not.toContain('<untitled>');
      await expectResponse(page, '{');
      const urls = requests.map((each) => each.slice(each.indexOf(' ') + 1));
      const signIn = page === gatewayPage.page ? [new URL(authority.url).host] : [];
      const own = [new URL(page.url()).host, ...signIn];
      const others = urls.filter((each) => /^https?:/.test(each) && !own.includes(new URL(each).host));
      expect(others).toEqual([]);
      expect(messages.filter((text) => /Content.Security.Policy|violates|Refused to|Error/i.test(text))).toEqual([]);
    }
  });

  it('signs a demo user in for all tabs, and for the next visit of the browser tab', async ({
    gatewayPage: { page },
  }) => {
    await openTab(page, 'Me');
    await page.selectOption('#user', 'ada');
    await expectResponse(page, '"username": "ada"');
    await expectResponse(page, '"name": "Explorer"');
    await openTab(page, 'Tracker');
    await expectResponse(page, '"timeZone": "UTC"');
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"timeZone": "UTC"');
    await page.selectOption('#user', '');
    await expectResponse(page, '"me": null');
  });

  it('says when another user is signed in than the one of the operation', async ({ gatewayPage: { page } }) => {
    await openTab(page, 'Me');
    for (const [user, hint] of [
      ['grace', 'This operation is for ada, and you are signed in as grace.'],
      ['ada', ''],
    ] as const) {
      await page.selectOption('#user', user);
      await expectResponse(page, `"username": "${user}"`);
      await expect.poll(() => hintOf(page)).toBe(hint);
    }
  });

  it('gets one token for many operations, and another before it expires', async ({
    authority,
    playground: { token },
    gatewayPage: { page, requests },
  }) => {
    const signIns = () => requests.filter((each) => each === `POST ${authority.signInUrl}`).length;
    await openTab(page, 'Me');
    await page.selectOption('#user', '');
    await expectResponse(page, '"me": null');
    const before = signIns();
    await page.selectOption('#user', 'ada');
    for (const _ of [1, 2]) await expectResponse(page, '"username": "ada"');
    expect(signIns()).toBe(before + 1);
    const { exp = 0, iat = 0 } = decodeJwt(token);
    await page.clock.setSystemTime(Date.now() + (exp - iat - 30) * 1000);
    await expectResponse(page, '"username": "ada"');
    await expect.poll(signIns).toBe(before + 2);
  });

  it('lets the Headers tab override the token of the bar', async ({ gatewayPage: { page } }) => {
    await openTab(page, 'AnotherUser');
    await page.selectOption('#user', 'ada');
    await page.getByRole('button', { name: 'Headers' }).click();
    const editor = '[aria-label="Headers"] .graphiql-editor:not(.hidden)';
    await typeInto(page, editor, '{"Authorization": "Bearer stale"}');
    await expectResponse(page, 'UNAUTHENTICATED');
  });

  it('takes a token where there is no sign-in, and keeps it out of the next browser tab', async ({
    playground: { token, serviceUrl },
    servicePage: { page },
  }) => {
    await openTab(page, 'Viewer');
    await page.selectOption('#user', { label: 'a token of yours' });
    await page.locator('#token').fill(`Bearer ${token}`);
    await expectResponse(page, '"id": "ada"');
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"id": "ada"');
    const other = await page.context().newPage();
    await untilSchema(other, () => other.goto(serviceUrl));
    expect(await other.locator('#user').inputValue()).toBe('');
    await other.close();
  });

  it('has the schema although a stored token is not valid', async ({ servicePage: { page } }) => {
    await openTab(page, 'Viewer');
    await page.selectOption('#user', { label: 'a token of yours' });
    await page.locator('#token').fill('stale');
    await expectResponse(page, 'Could not validate credentials');
    expect(await hintOf(page)).toBe('The token is not valid. Paste another one, or choose another user.');
    expect(await untilSchema(page, () => page.reload())).toBe(200);
    await page.getByRole('button', { name: 'Documentation Explorer' }).click();
    await page.locator('.graphiql-doc-explorer', { hasText: 'Query' }).waitFor();
    await page.selectOption('#user', '');
  });

  it('opens with the operation of the address, also after a reload, and with the same tabs', async ({
    playground: { serviceUrl },
    servicePage: { page },
  }) => {
    const titles = await tabTitles(page);
    const link = {
      query: 'query Mine($name: String!) { __type(name: $name) { name } }',
      variables: '{"name":"Badge"}',
    };
    await untilSchema(page, () => page.goto(`${serviceUrl}?${new URLSearchParams(link)}`));
    await expectResponse(page, '"name": "Badge"');
    expect(await tabTitles(page)).toEqual([...titles, 'Mine']);
    await typeInto(page, '.graphiql-query-editor', link.query.replace('Mine', 'Yours'));
    await page.locator('[aria-label="Variables"] .graphiql-editor:not(.hidden) .monaco-editor').click();
    for (const key of ['ControlOrMeta+End', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    await page.keyboard.insertText('Connection');
    await expect.poll(() => new URL(page.url()).searchParams.get('variables')).toContain('BadgeConnection');
    expect(new URL(page.url()).searchParams.get('query')).toContain('Yours');
    await untilStored(page, [...titles, 'Yours'], 'BadgeConnection');
    await untilSchema(page, () => page.reload());
    await expectResponse(page, '"name": "BadgeConnection"');
    expect(await tabTitles(page)).toEqual([...titles, 'Yours']);
  });

  it('opens a link with its variables, in the active tab of the same query if there is one', async ({
    playground: { serviceUrl },
    servicePage: { page },
  }) => {
    const grace = new URLSearchParams({ query: LEARNER, variables: '{"id":"grace"}' });
    await untilSchema(page, () => page.goto(`${serviceUrl}?${grace}`));
    const titles = await tabTitles(page);
    expect([titles[0], titles.at(-1)]).toEqual(['Learner', 'Learner']);
    await untilStored(page, titles);
    await untilSchema(page, () => page.goto(`${serviceUrl}?${new URLSearchParams({ query: LEARNER })}`));
    expect(await tabTitles(page)).toEqual(titles);
    expect(await variablesOf(page)).toContain('grace');
    await closeFirstTab(page, titles);
    await untilStored(page, titles.slice(1));
    await page.goto(new URL('/', serviceUrl).href);
    await untilSchema(page, () => page.getByRole('link', { name: 'Open it in the playground' }).click());
    await expectResponse(page, '"badges"');
    expect(await variablesOf(page)).toContain('ada');
  });

  it('asks before it closes other tabs than the examples, and restores these, although GraphiQL has yet to store a change', async ({
    playground: { serviceUrl },
    servicePage: { page },
  }) => {
    const examples = await exampleNames(page);
    const titles = await tabTitles(page);
    const button = page.getByRole('button', { name: 'Restore examples' });
    page.once('dialog', (dialog) => dialog.dismiss());
    await button.click();
    expect(await tabTitles(page)).toEqual(titles);
    page.once('dialog', (dialog) => dialog.accept());
    await untilSchema(page, () => button.click());
    expect(await tabTitles(page)).toEqual(examples);
    await untilStored(page, examples);
    await page.route(serviceUrl, async (route) => {
      if (route.request().isNavigationRequest()) await setTimeout(1000);
      await route.continue();
    });
    await closeFirstTab(page, examples);
    // Playwright dismisses a dialog, so the examples would not be restored.
    await untilSchema(page, () => button.click());
    expect(await tabTitles(page)).toEqual(examples);
    await page.unroute(serviceUrl);
  });

  it('begins with the operation of the address, before the examples', async ({ phonePage: { page } }) => {
    expect((await tabTitles(page)).slice(0, 2)).toEqual(['Mine', 'Me']);
    await expectResponse(page, '"__typename": "Query"');
  });

  it('shows the whole switch of the theme on a phone', async ({ phonePage: { page } }) => {
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    const dialog = await page.locator('.graphiql-dialog').boundingBox();
    const theme = await page.locator('.graphiql-dialog .graphiql-button-group').boundingBox();
    expect((theme?.x ?? 0) + (theme?.width ?? 0)).toBeLessThan((dialog?.x ?? 0) + (dialog?.width ?? 0));
    await page.keyboard.press('Escape');
  });

  it('and the pages of / fit on a phone', async ({
    authority,
    playground: { gatewayUrl, serviceUrl },
    phonePage: { page },
  }) => {
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
  });

  it('lists the examples, of which not all tabs fit on a phone, and opens each', async ({ servicePage: { page } }) => {
    await page.setViewportSize(PHONE.viewport);
    const examples = await exampleNames(page);
    expect(await tabTitles(page)).toEqual(examples);
    await page.getByLabel('Example').selectOption({ label: 'Statistics' });
    await expect.poll(() => activeTab(page)).toBe('Statistics');
    await expect.poll(() => isInRow(page)).toBe(true);
    await closeFirstTab(page, examples);
    await untilStored(page, examples.slice(1));
    await untilSchema(page, () => page.getByLabel('Example').selectOption({ label: examples[0] as string }));
    await expect.poll(() => activeTab(page)).toBe(examples[0]);
    await expect.poll(() => isInRow(page)).toBe(true);
    expect(await page.locator('#example option:checked').textContent()).toBe(examples[0]);
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
