import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Browser, openBrowser, type Page, type Screen, violationsOn } from './open-browser.js';
import { type FolderServer, serveFolder } from './serve-folder.js';

const folder = inject('browserFolder');
const hasBrowser = inject('chromium') !== '';
const screenshots = join(folder, 'screenshots');
const site = fileURLToPath(new URL('../../docs/api', import.meta.url));

const reference = [
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
];

/** The guides, the pages about the project, an example with one of its files, and a sample of the reference. */
const pages = existsSync(site)
  ? [
      ...readdirSync(site).filter((name) => name.endsWith('.html')),
      ...readdirSync(join(site, 'guides')).map((name) => `guides/${name}`),
      'decisions/0018-the-record-is-the-only-truth.html',
      'examples/whole-stack-swap.html',
      'examples/canary/shifter.ts.html',
      ...reference,
    ]
  : [];

/** The picture of the README, and those of the guides. */
const pictures = existsSync(site)
  ? readdirSync(join(site, 'media')).filter((name) => name.endsWith('.svg'))
  : [];

/**
 * Rules that TypeDoc's own markup violates on pages of the reference: the headings of its sections are links within the summaries of
 * folded parts, and the heading of an example skips a level.
 */
const rulesOfTypeDoc = ['nested-interactive', 'heading-order'];

let browser: Browser;
let server: FolderServer;
const opened: Page[] = [];

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

afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
});

/** Opens a page until the end of the test. Records what it logs, failed requests among it, and what it requests from elsewhere. */
async function open(path: string, width: number, colorScheme: Screen['colorScheme']) {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  opened.push(page);
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
      .filter((it) => it.getBoundingClientRect().right > width + 1 && it.closest('.col-sidebar') === null)
      .slice(0, 5)
      .map((it) => it.outerHTML.slice(0, 120));
  })()`);
}

function screenshotOf(path: string, width: number): string {
  return join(screenshots, `site-${path.replaceAll('/', '-').replace(/\.html$/, '')}-${width}.png`);
}

function emptyPicturesOn(page: Page): Promise<string[]> {
  return page.evaluate(
    '[...document.images].filter((it) => !it.complete || it.naturalWidth === 0).map((it) => it.src)',
  );
}

async function problemsOfAxe(page: Page, exceptRules: readonly string[] = []): Promise<string[]> {
  const violations = await violationsOn(page, folder, exceptRules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.length} of ${nodes[0]?.html}`);
}

describe.skipIf(!hasBrowser).each(pages)('site › %s (skipped without Chromium)', (path) => {
  const isReference = reference.includes(path) || ['hierarchy.html', 'modules.html'].includes(path);

  test('fits a phone, in the dark and without a violation', async () => {
    const { page, problems } = await open(path, 360, 'dark');
    await page.screenshot({ path: screenshotOf(path, 360), fullPage: false });

    expect(await overflowOf(page)).toEqual([]);
    expect(await emptyPicturesOn(page)).toEqual([]);
    expect(await problemsOfAxe(page, isReference ? rulesOfTypeDoc : [])).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('fits a screen of 1280 pixels', async () => {
    const { page, problems } = await open(path, 1280, 'light');
    await page.screenshot({ path: screenshotOf(path, 1280), fullPage: false });

    expect(await overflowOf(page)).toEqual([]);
    expect(await emptyPicturesOn(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe.skipIf(!hasBrowser)('site (skipped without Chromium)', () => {
  test.each(
    ['index.html', 'guides/operating.html', 'iam.html'].flatMap((path) =>
      (['light', 'dark'] as const).map((colorScheme) => ({ path, colorScheme })),
    ),
  )('shows $path $colorScheme without a violation, with its navigation', async ({ path, colorScheme }) => {
    const { page } = await open(path, 1280, colorScheme);

    expect(await problemsOfAxe(page)).toEqual([]);
  });

  test.each([
    { text: 'subscription', symbol: 'enableSubscription' },
    { text: 'prometheus', symbol: 'prometheusQuery' },
    { text: 'rollback', symbol: 'StackSwap' },
    { text: 'lambda alias', symbol: 'LambdaAliasTarget' },
  ])('finds guides and symbols for $text', async ({ text, symbol }) => {
    const { page, problems } = await open('index.html', 1280, 'light');
    await page.click('#tsd-search-trigger');
    await page.fill('#tsd-search-input', text);
    await page.waitForFunction('document.querySelectorAll("#tsd-search-results a").length > 1');
    const found = await page.evaluate<{ text: string; href: string }[]>(
      '[...document.querySelectorAll("#tsd-search-results a")].map((it) => ({ text: it.textContent, href: it.href }))',
    );
    await page.screenshot({ path: screenshotOf(`search-${text}`, 1280), fullPage: false });

    expect(found.filter(({ href }) => href.includes('/guides/'))).not.toEqual([]);
    expect(found.map((it) => it.text).join('\n')).toContain(symbol);
    expect(problems).toEqual([]);
  });

  test('gives no page the name of a file as its title', async () => {
    const { page } = await open('index.html', 1280, 'light');
    const titles = await page.evaluate<string[]>(`(async () => {
      const texts = await Promise.all(${JSON.stringify(pages)}.map(async (it) => (await fetch(it)).text()));
      return texts.map((it) => /<title>(.*?) \\| /.exec(it)?.[1] ?? '');
    })()`);

    expect(titles.filter((title) => /^[\w./-]+\.\w+$|guides\//.test(title))).toEqual([]);
  });
});

describe.skipIf(!hasBrowser).each(['light', 'dark'] as const)(
  'pictures, %s (skipped without Chromium)',
  (colorScheme) => {
    test.each(pictures)('%s has texts with enough contrast', async (picture) => {
      const { page, problems } = await open(`media/${picture}`, 960, colorScheme);
      await page.screenshot({ path: screenshotOf(`${picture}-${colorScheme}`, 960), fullPage: false });
      const contrasts = await page.evaluate<number[]>(`(() => {
      const luminance = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).map((it) => it / 255)
          .map((it) => (it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const probe = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      probe.style.fill = 'var(--back)';
      document.documentElement.append(probe);
      const back = luminance(getComputedStyle(probe).fill);
      return [...document.querySelectorAll('text')].map((it) => {
        const ink = luminance(getComputedStyle(it).fill);
        return (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
      });
    })()`);

      expect(contrasts.length).toBeGreaterThan(5);
      expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
      expect(problems).toEqual([]);
    });
  },
);
