import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn } from '../../support/files-in.js';
import { root } from '../../support/guide-programs.js';

const pages = [
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...filesIn(join(root, 'docs'), { except: ['api'] }).filter((file) => file.endsWith('.md')),
  ...filesIn(join(root, 'examples'), { except: ['node_modules'] }).filter((file) => file.endsWith('.md')),
];

/** Returns the text of a page without code blocks, whose brackets and comments are not links and headings. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^(```|~~~).*?^\1\s*$/gms, '');
}

/** Returns GitHub's anchors for the headings of a page, by the rule of https://github.com/Flet/github-slugger. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(page).matchAll(/^#{1,6} +(.+?) *#* *$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Returns the targets of the links and images of a page, except those on the web. */
function linksOf(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const defined = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm)];
  return [...inline, ...defined]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

function problemOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? page : resolve(dirname(page), path);
  if (relative(root, target).startsWith('..')) return 'is outside the repository';
  if (!existsSync(target)) return 'does not exist';
  if (anchor === undefined) return undefined;
  if (statSync(target).isDirectory() || !target.endsWith('.md')) return 'has an anchor, but is not a page';
  return anchorsOf(target).has(anchor) ? undefined : 'has an anchor that does not exist on the page';
}

test('finds pages with links', () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
});

test.each(pages.map((page) => relative(root, page)))(
  'resolves every link within the repository in %s',
  (name) => {
    const page = join(root, name);

    const problems = linksOf(page).flatMap((link) => {
      const problem = problemOf(page, link);
      return problem === undefined ? [] : [`${link} ${problem}`];
    });

    expect(problems).toEqual([]);
  },
);

test('lists every guide in the list of guides', () => {
  const guides = filesIn(join(root, 'docs/guides'))
    .map((file) => relative(join(root, 'docs/guides'), file))
    .filter((file) => file !== 'README.md');

  const listed = linksOf(join(root, 'docs/guides/README.md')).filter((link) => !link.includes('#'));

  expect(listed.toSorted()).toEqual(guides.toSorted());
});
