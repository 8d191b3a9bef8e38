import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Browser, openBrowser, type Page, type Screen, violationsOn } from './open-browser.js';
import { type FolderServer, serveFolder } from './serve-folder.js';

const folder = inject('browserFolder');
const hasBrowser = inject('chromium') !== '';
const screenshots = join(folder, 'screenshots');
const site = fileURLToPath(new URL('../../docs/api', import.meta.url));

/** The guides and the pages about the project, and a sample of the reference. */
const pages = existsSync(site)
  ? [
      'index.html',
      'guides.html',
      ...readdirSync(join(site, 'guides')).map((name) => `guides/${name}`),
      ...readdirSync(site).filter(
        (name) => /^[a-z-]+\.html$/.test(name) && !['index.html', 'guides.html'].includes(name),
      ),
      'examples/whole-stack-swap.html',
      'examples/canary/shifter.ts.html',
      'modules/swap.html',
      'modules/traffic.html',
      'modules/telemetry.html',
      'classes/swap.StackSwap.html',
      'classes/traffic.TrafficShifter.html',
      'classes/sns.SnsTools.html',
      'interfaces/traffic.ShiftState.html',
      'functions/hooks.codeDeploySwapHooks.html',
      'functions/telemetry.emfEvents.html',
      'types/swap.SwapEvent.html',
    ]
  : [];

let browser: Browser;
let server: FolderServer;

beforeAll(async () => {
  if (!hasBrowser) return;
  if (pages.length === 0) throw new Error('The site is not built. Run npm run docs first');
  await mkdir(screenshots, { recursive: true });
  server = await serveFolder(site);
  browser = await openBrowser(folder, inject('chromium'));
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page. Records what it logs, and what it requests from elsewhere or in vain. */
async function open(path: string, width: number, colorScheme: Screen['colorScheme']) {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.origin)) problems.push(`requests ${request.url()}`);
  });
  await page.goto(`${server.origin}/${path}`);
  return { page, problems };
}

/** Returns the elements that make the page wider than its screen. */
function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((it) => it.getBoundingClientRect().right > width + 1)
      .map((it) => it.outerHTML.slice(0, 120));
  })()`);
}

const screens = [
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
] as const;

describe.skipIf(!hasBrowser).each(pages)('site › %s (skipped without Chromium)', (path) => {
  test.each(screens)('fits a screen of $width pixels, $colorScheme, without a violation', async (screen) => {
    const { page, problems } = await open(path, screen.width, screen.colorScheme);
    const name = path.replaceAll('/', '-').replace('.html', '');
    await page.screenshot({
      path: join(screenshots, `site-${name}-${screen.width}.png`),
      fullPage: false,
    });

    expect(await overflowOf(page)).toEqual([]);
    const empty = await page.evaluate<string[]>(
      '[...document.images].filter((it) => !it.complete || it.naturalWidth === 0).map((it) => it.src)',
    );
    expect(empty).toEqual([]);
    const violations = await violationsOn(page, folder);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.length} ${nodes[0]?.html}`)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});
