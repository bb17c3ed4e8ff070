import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { it as base, describe, expect } from '../../support/fixtures.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

const it = base.extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
  const browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
  onCleanup(() => browser.close());
  return browser;
});

describe.skipIf(CHROMIUM === undefined)('the pages in a browser', { timeout: 60_000 }, () => {
  it('work within their Content-Security-Policy', async ({ browser, service }) => {
    const page = await browser.newPage();
    const messages: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));

    await page.goto(`${service.url}/graphql`);
    await page.locator('.graphiql-execute-button').click();
    await expect
      .poll(() => page.locator('.graphiql-response').innerText(), { timeout: 20_000 })
      .toMatch(/"(data|errors)"/);
    await page.goto(`${service.url}/docs`);
    await page.locator('.opblock').first().click();
    await page.locator('.opblock-body').first().waitFor();

    expect(messages.filter((text) => /Content.Security.Policy|violates|Refused to/i.test(text))).toEqual([]);
    await page.close();
  });
});
