import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** A link with a problem. */
export interface LinkProblem {
  readonly page: string;
  readonly link: string;
  readonly problem: string;
}

/** Counts of a site's links within itself. */
export interface SiteLinks {
  readonly pages: number;
  readonly links: number;
  /** Links to a file or an anchor that does not exist. */
  readonly broken: readonly LinkProblem[];
  /** Links to a file that a browser shows as it is, such as Markdown. */
  readonly raw: readonly LinkProblem[];
}

const attribute = /<(?:a|link|img|script|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g;
const shown = /\.(html|css|js|svg|png|ico)$/;

/** Checks every link of a built site that leads to the site itself. */
export function checkSite(folder: string): SiteLinks {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) =>
    it.endsWith('.html'),
  );
  const site = new Site(folder);
  const found = files.flatMap((page) => site.linksOf(page).map((link) => ({ page, link })));
  const problems = found.flatMap(({ page, link }) => {
    const problem = site.problemOf(page, link);
    return problem === undefined ? [] : [{ page, link, ...problem }];
  });
  return {
    pages: files.length,
    links: found.length,
    broken: problems.filter(({ kind }) => kind === 'broken'),
    raw: problems.filter(({ kind }) => kind === 'raw'),
  };
}

class Site {
  readonly #folder: string;
  readonly #texts = new Map<string, string>();
  readonly #anchors = new Map<string, ReadonlySet<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the links of a page, except those to other sites. */
  linksOf(page: string): string[] {
    return [...this.#textOf(join(this.#folder, page)).matchAll(attribute)]
      .map(([, link = '']) => link.replaceAll('&amp;', '&'))
      .filter((link) => !/^([a-z][a-z+.-]*:|\/\/)/i.test(link));
  }

  problemOf(page: string, link: string): { kind: 'broken' | 'raw'; problem: string } | undefined {
    const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent);
    const source = join(this.#folder, page);
    const target = path === '' ? source : fileAt(resolve(dirname(source), path.replace(/\?.*$/, '')));
    if (relative(this.#folder, target).startsWith('..'))
      return { kind: 'broken', problem: 'leaves the site' };
    if (!existsSync(target)) return { kind: 'broken', problem: 'does not exist' };
    if (!shown.test(target)) return { kind: 'raw', problem: 'is a raw file' };
    if (anchor === '' || !target.endsWith('.html') || this.#anchorsOf(target).has(anchor)) return undefined;
    return { kind: 'broken', problem: 'has an anchor that does not exist' };
  }

  #anchorsOf(file: string): ReadonlySet<string> {
    const known = this.#anchors.get(file);
    if (known !== undefined) return known;
    const anchors = new Set(
      [...this.#textOf(file).matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id = '']) => id),
    );
    this.#anchors.set(file, anchors);
    return anchors;
  }

  #textOf(file: string): string {
    const text = this.#texts.get(file) ?? readFileSync(file, 'utf8');
    this.#texts.set(file, text);
    return text;
  }
}

/** A server shows the index of a folder. */
function fileAt(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, 'index.html') : path;
}
