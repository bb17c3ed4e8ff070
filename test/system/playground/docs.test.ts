import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { CHROMIUM, launchChromium } from './chromium.ts';

/** Time limit of one step, in milliseconds: a failure then names the step. */
const STEP_TIMEOUT_MS = 30_000;

const it = base.extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
  const browser = await launchChromium();
  onCleanup(() => browser.close());
  return browser;
});

async function openPage(browser: Browser, options?: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  return page;
}

/** Enters the token in the dialog of the page. */
async function authorize(page: Page, token: string): Promise<void> {
  await page.locator('.btn.authorize').first().click();
  await page.locator('.auth-container input').fill(token);
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
}

/** Sends the open operation with its example body and returns the status of the response. */
async function execute(page: Page, userId: string): Promise<string> {
  await page.locator('.opblock.is-open [data-param-name="auth_user_id"] input').fill(userId);
  await page.locator('.opblock.is-open .execute').click();
  const status = page.locator('.opblock.is-open .live-responses-table .response-col_status').last();
  return (await status.innerText()).trim();
}

describe.skipIf(CHROMIUM === undefined)('/docs in a browser', { timeout: 270_000 }, () => {
  it('opens the operation of a link, sends its example, and does not store the token', async ({
    browser,
    service,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const page = await openPage(browser);
    await page.goto(`${service.url}/docs#/goals/createGoal`);
    await page.locator('.opblock.is-open .execute').waitFor();
    await authorize(page, token);
    expect(await execute(page, id)).toBe('200');
    const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage])');
    expect(stored).not.toContain(token);
    await page.reload();
    await page.locator('.opblock.is-open .execute').waitFor();
    expect(await execute(page, id)).toBe('401');
    expect((await service.rest(`/users/${id}/goals`)).body).toHaveLength(1);
    await page.close();
  });

  it('fits a phone', async ({ browser, service }) => {
    const page = await openPage(browser, { viewport: { width: 390, height: 844 } });
    await page.goto(`${service.url}/docs#/goals/updateGoal`);
    await page.locator('.opblock.is-open .responses-inner').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.close();
  });
});
