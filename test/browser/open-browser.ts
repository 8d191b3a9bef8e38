import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of Playwright's page that the tests use. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Result>(script: string): Promise<Result>;
  screenshot(options: { readonly path: string; readonly fullPage: boolean }): Promise<unknown>;
  emulateMedia(options: { readonly media: 'print' | 'screen' }): Promise<void>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  waitForFunction(script: string): Promise<unknown>;
  close(): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void> };
  on(event: 'console', listener: (message: { text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
}

/** Settings of a reader's screen. */
export interface Screen {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
}

/** The part of Playwright's browser that the tests use. */
export interface Browser {
  newPage(screen: Screen): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

/** Starts Chromium. The sandbox needs rights that a container does not have; the pages are our own. */
export async function openBrowser(folder: string, executablePath: string): Promise<Browser> {
  const file = join(folder, 'node_modules/playwright-core/index.mjs');
  const { chromium }: Playwright = await import(pathToFileURL(file).href);
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A rule that a page violates. */
export interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * Returns the violations that axe finds on a page. The script of axe runs outside the page's policy.
 *
 * @param exceptRules - rules that the page's generator violates.
 */
export async function violationsOn(
  page: Page,
  folder: string,
  exceptRules: readonly string[] = [],
): Promise<readonly Violation[]> {
  await page.evaluate(await readFile(join(folder, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const rules = Object.fromEntries(exceptRules.map((rule) => [rule, { enabled: false }]));
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(
    `axe.run(document, ${JSON.stringify({ rules, resultTypes: ['violations'] })})`,
  );
  return violations;
}
