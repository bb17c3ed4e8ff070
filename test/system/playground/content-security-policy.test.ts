import { it as base, describe, expect } from '../../support/fixtures.ts';
import { CHROMIUM, launchChromium } from './chromium.ts';

const it = base.extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
  const browser = await launchChromium();
  onCleanup(() => browser.close());
  return browser;
});

describe.skipIf(CHROMIUM === undefined)('the pages in a browser', { timeout: 180_000 }, () => {
  it('work within their Content-Security-Policy', async ({ browser, service }) => {
    const page = await browser.newPage();
    const messages: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));

    await page.goto(service.url);
    await page.getByRole('link', { name: 'Open it in the playground' }).click();
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
