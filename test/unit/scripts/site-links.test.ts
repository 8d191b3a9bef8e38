import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkSite } from '../../../scripts/site-links.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function siteOf(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'site-links-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return checkSite(folder);
}

describe('checkSite', () => {
  test('accepts links to pages, anchors, pictures and other sites', () => {
    const result = siteOf({
      'index.html':
        '<a href="guides/a.html#part">a</a> <img src="media/a.svg"> <a href="https://example.com/x.md">b</a> <a href="#top">c</a><p id="top">',
      'guides/a.html':
        '<h2 class="x" id="part">Part</h2><a class="b" href="../index.html">back</a><a href="../#top">up</a>',
      'media/a.svg': '<svg/>',
    });

    expect(result).toEqual({ pages: 2, links: 5, broken: [], raw: [] });
  });

  test.each([
    ['guides/b.html', 'does not exist'],
    ['guides', 'does not exist'],
    ['guides/a.html#other', 'has an anchor that does not exist'],
    ['../docs/guides/a.md', 'leaves the site'],
  ])('counts a link to %s as broken', (link, problem) => {
    const { broken, raw } = siteOf({ 'index.html': `<a href="${link}">a</a>`, 'guides/a.html': '' });

    expect(broken).toMatchObject([{ page: 'index.html', link, problem }]);
    expect(raw).toEqual([]);
  });

  test.each(['media/README.md', 'media/guide.ts', 'media/pattern.json'])(
    'counts a link to %s as raw',
    (link) => {
      const { broken, raw } = siteOf({ 'index.html': `<a href="${link}">a</a>`, [link]: 'text' });

      expect(raw).toMatchObject([{ page: 'index.html', link }]);
      expect(broken).toEqual([]);
    },
  );
});
