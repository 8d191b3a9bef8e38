import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { reportOf } from '../../examples/canary/report.js';
import { runCanary } from '../../examples/canary/run.js';
import { renderReport } from '../../src/report/index.js';
import {
  failedRollout,
  rehearsal,
  rolledBackShift,
  rolledBackState,
  rolledBackSwap,
  waitingRecord,
} from '../support/reports.js';
import { type Browser, openBrowser, type Page, violationsOn } from './open-browser.js';

const folder = inject('browserFolder');
const hasBrowser = inject('chromium') !== '';
const screenshots = join(folder, 'screenshots');
const longWord = 'x'.repeat(200);

const reports: Record<string, string> = {
  rollout: renderReport({ rollout: { history: failedRollout(`arn:aws:ecs:${longWord}`) } }),
  swap: renderReport({ swap: { history: rolledBackSwap('smoke test', longWord), record: waitingRecord() } }),
  'swap-ended': renderReport({ swap: { history: rolledBackSwap() } }),
  state: renderReport({ shift: { state: rolledBackState() } }),
  rehearsal: renderReport({ rehearsal: [rehearsal(), rehearsal('latency')] }),
  'long-texts': renderReport({
    title: longWord,
    facts: { [longWord]: longWord },
    shift: { history: rolledBackShift({ check: longWord, detail: longWord, strategy: longWord }) },
  }),
};
const names = ['canary', ...Object.keys(reports)];

let browser: Browser;
let origin = '';
const server = createServer(({ url = '' }, response) => {
  const html = reports[url.slice(1)];
  response
    .writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' })
    .end(html);
});

beforeAll(async () => {
  if (!hasBrowser) return;
  await mkdir(screenshots, { recursive: true });
  reports['canary'] = renderReport(reportOf(await runCanary({ scenario: 'bad-canary' }), 'bad-canary'));
  for (const [name, html] of Object.entries(reports))
    await writeFile(join(screenshots, `${name}.html`), html);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser(folder, inject('chromium'));
});

afterAll(async () => {
  await browser?.close();
  server.close();
});

/** Opens a report from a server, as its readers do. Records what the page logs and requests. */
async function open(name: string, width: number, colorScheme: 'light' | 'dark', javaScriptEnabled = true) {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, javaScriptEnabled });
  const [messages, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${origin}/${name}`);
  return { page, messages, requests };
}

function widthsOf(page: Page): Promise<[content: number, screen: number]> {
  return page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
}

const screens = [360, 768, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

describe.skipIf(!hasBrowser).each(names)('report %s (skipped without Chromium)', (name) => {
  test.each(screens)(
    'fits a screen of $width pixels, $colorScheme, without a violation',
    async ({ width, colorScheme }) => {
      const { page, messages, requests } = await open(name, width, colorScheme);
      await page.screenshot({
        path: join(screenshots, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
      const [content, screen] = await widthsOf(page);
      expect(content).toBeLessThanOrEqual(screen);

      // Folded tables are part of the page.
      await page.evaluate('document.querySelectorAll("details").forEach((it) => { it.open = true; })');
      expect((await widthsOf(page))[0]).toBeLessThanOrEqual(screen);
      const violations = await violationsOn(page, folder);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(messages).toEqual([]);
      expect(requests).toEqual([`${origin}/${name}`]);
      await page.close();
    },
  );
});

describe.skipIf(!hasBrowser)('report in a browser (skipped without Chromium)', () => {
  test('shows the first failure on a phone without scrolling', async () => {
    const { page } = await open('canary', 360, 'light');
    const bottom = await page.evaluate<number>(
      'document.querySelector(".failure .first").getBoundingClientRect().bottom',
    );

    expect(bottom).toBeLessThan(400);
    await page.close();
  });

  test('needs no JavaScript', async () => {
    const { page, messages } = await open('canary', 360, 'light', false);
    await page.screenshot({ path: join(screenshots, 'canary-without-javascript.png'), fullPage: true });

    expect(messages).toEqual([]);
    await page.close();
  });

  test('opens a folded table with the keyboard', async () => {
    const { page } = await open('canary', 768, 'light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    await page.keyboard.press('Enter');

    expect(await page.evaluate('document.activeElement.parentElement.open')).toBe(true);
    await page.close();
  });

  test('is light and complete on paper', async () => {
    const { page } = await open('swap', 768, 'dark');
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(screenshots, 'swap-print.png'), fullPage: true });
    const heights = await page.evaluate<number[]>(
      '[...document.querySelectorAll("details table")].map((it) => it.getBoundingClientRect().height)',
    );

    expect(heights.length).toBeGreaterThan(0);
    for (const height of heights) expect(height).toBeGreaterThan(40);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.close();
  });

  test('refuses a script and a style that its policy does not name', async () => {
    const { page } = await open('canary', 768, 'light');
    const result = await page.evaluate<unknown[]>(`(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.body.append(style);
      const fetched = await fetch('/other').then(() => 'sent', () => 'refused');
      return [window.ran, getComputedStyle(document.body).display, fetched];
    })()`);

    expect(result).toEqual([undefined, 'block', 'refused']);
    await page.close();
  });
});
