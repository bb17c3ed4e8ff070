import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** The path of Chromium; undefined where it is not installed. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
}

export interface OpenedPage {
  page: Page;
  /** The method and URL of every request. */
  requests: string[];
  /** The lines that the page has written to the console, its errors included. */
  messages: string[];
}

/** Opens a playground in its own storage, and waits for the schema. */
export async function openPlayground(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const messages: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  await untilSchema(page, () => page.goto(url));
  return { page, requests, messages };
}

/**
 * Opens or reloads the page, and waits until it has the schema. Returns the status of the response to introspection.
 */
export async function untilSchema(page: Page, open: () => Promise<unknown>): Promise<number> {
  const introspection = page.waitForResponse((response) => isIntrospection(response.request().postData()));
  await open();
  await page.locator('.graphiql-execute-button').waitFor();
  return (await introspection).status();
}

function isIntrospection(body: string | null): boolean {
  return body?.includes('__schema') === true;
}

/** Executes the editor's operation and waits for `text` in the response, which shows spaces as no-break spaces. */
export async function expectResponse(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-execute-button').click();
  const shown = async () => (await page.locator('.graphiql-response').innerText()).replaceAll('\u00a0', ' ');
  await expect.poll(shown, { timeout: 20_000 }).toContain(text);
}

/** Replaces the text of the editor that has the selector. */
export async function typeInto(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(`${editor} .monaco-editor`).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

export const activeTab = (page: Page) => page.locator('.graphiql-tab-active').innerText();

export const tabTitles = (page: Page) => page.locator('.graphiql-tab-button').allInnerTexts();

/** Waits until the browser stores exactly these tabs, the last with the text, as it does shortly after a change. */
export async function untilStored(page: Page, titles: readonly string[], text = ''): Promise<void> {
  await expect.poll(async () => (await storedTabs(page))?.titles, { timeout: 20_000 }).toEqual(titles);
  await expect.poll(async () => (await storedTabs(page))?.last, { timeout: 20_000 }).toContain(text);
}

interface StoredTabs {
  titles: string[];
  activeTitle: string | undefined;
  /** JSON of the last tab. */
  last: string;
}

async function storedTabs(page: Page): Promise<StoredTabs | undefined> {
  const state: string | null = await page.evaluate("localStorage.getItem('user-service/graphiql:tabState')");
  if (state === null) return undefined;
  const { tabs, activeTabIndex } = JSON.parse(state) as { tabs: { title: string }[]; activeTabIndex: number };
  const titles = tabs.map(({ title }) => title);
  return { titles, activeTitle: titles[activeTabIndex], last: JSON.stringify(tabs.at(-1)) };
}

/**
 * Opens a tab, and waits until it is stored. Until shortly before, GraphiQL sends the operation name of the previous
 * tab.
 */
export async function openTab(page: Page, title: string): Promise<void> {
  await page.locator('.graphiql-tab-button', { hasText: title }).click();
  await page.locator('.graphiql-tab-active', { hasText: title }).waitFor();
  await expect.poll(async () => (await storedTabs(page))?.activeTitle, { timeout: 20_000 }).toBe(title);
}

export async function closeFirstTab(page: Page, titles: readonly string[]): Promise<void> {
  await page.locator('.graphiql-tab').first().hover();
  await page.locator('.graphiql-tab-close').first().click();
  await expect.poll(() => tabTitles(page), { timeout: 20_000 }).toEqual(titles.slice(1));
}
