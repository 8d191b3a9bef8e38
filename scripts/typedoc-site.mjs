// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { Application, Converter, DocumentReflection, KindRouter, PageEvent } from 'typedoc';

/*
 * The pages of the site, besides the reference: the guides in the order of typedoc.json and the groups of docs/guides/README.md, the
 * examples, and the pages about the project. A page has the title of its first heading. A source file that a page links to is a page,
 * too, because a link would otherwise lead to a raw file.
 */

const root = process.cwd();
const reference = 'Reference';

/** Weight of a guide in the search. Symbols whose names begin with the searched word would otherwise fill the ten results. */
const guideBoost = 40;

/**
 * Languages of source files by their extension. The highlighter knows no Terraform.
 *
 * @type {Readonly<Record<string, string>>}
 */
const languages = {
  '.ts': 'ts',
  '.mjs': 'js',
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.tf': 'txt',
};

/** Pages with their group in the navigation, in their order: those of typedoc.json first. */
function pages() {
  const groups = groupsOfGuides();
  const { projectDocuments } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8'));
  /** @type {Map<string, string>} */
  const found = new Map();
  const add = (/** @type {string} */ group, /** @type {readonly string[]} */ files) => {
    for (const file of files)
      if (existsSync(join(root, file)) && !found.has(file)) found.set(file, groups.get(file) ?? group);
  };
  add(
    'Guides',
    projectDocuments.filter((/** @type {string} */ file) => file.startsWith('docs/guides/')),
  );
  add('Guides', markdownIn('docs/guides'));
  const examples = readdirSync(join(root, 'examples')).sort();
  add(
    'Examples',
    examples.map((name) => `examples/${name}/README.md`),
  );
  add('Project', [...projectDocuments, ...markdownIn('docs')]);
  add('Project', ['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md']);
  add('Decisions', ['docs/decisions/README.md', ...markdownIn('docs/decisions')]);
  return found;
}

/** Groups of the guides: the bold lines of their list. */
function groupsOfGuides() {
  const groups = new Map();
  let group = 'Guides';
  for (const line of readFileSync(join(root, 'docs/guides/README.md'), 'utf8').split('\n')) {
    group = /^\*\*(.+)\*\*$/.exec(line)?.[1] ?? group;
    const guide = /^- \[[^\]]+\]\(([\w-]+\.md)\)/.exec(line)?.[1];
    if (guide !== undefined) groups.set(`docs/guides/${guide}`, group);
  }
  return groups;
}

/** @param {string} folder */
function markdownIn(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** @param {string} file */
function titleOf(file) {
  const [, heading] = /^# +(.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  if (heading === undefined) throw new Error(`${file} has no heading, which the site needs as its title`);
  return heading.replace(/[`*]/g, '');
}

/**
 * Adds a page for each linked source file, below the page of its example.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function addSources(project) {
  for (const file of project.files.getMediaPaths()) {
    const language = languages[extname(file)];
    if (language === undefined || !file.startsWith(`${root}/`)) continue;
    const path = relative(root, file);
    const code = readFileSync(file, 'utf8').trimEnd();
    const text = `# ${path}\n\n\`\`\`\`${language}\n${code}\n\`\`\`\`\n`;
    const example = exampleOf(project, dirname(file));
    const page = new DocumentReflection(
      example === undefined ? `Source of ${path}` : `${example.name}: ${basename(file)}`,
      example ?? project,
      [{ kind: 'text', text }],
      example === undefined ? { category: 'Project' } : {},
    );
    (example ?? project).addChild(page);
    project.registerReflection(page, undefined, file);
  }
}

/**
 * Returns the page of the nearest folder that has one.
 *
 * @param {import('typedoc').ProjectReflection} project
 * @param {string} folder
 * @returns {import('typedoc').DocumentReflection | undefined}
 */
function exampleOf(project, folder) {
  if (folder === root) return undefined;
  const page = project.documents?.find(
    (it) => project.files.getReflectionPath(it) === join(folder, 'README.md'),
  );
  return page ?? exampleOf(project, dirname(folder));
}

/** Names a page after its file, so that its address stays the same when its title changes. */
class SiteRouter extends KindRouter {
  /** @param {import('typedoc').Reflection} reflection */
  getIdealBaseName(reflection) {
    const file = reflection.isDocument() && reflection.project.files.getReflectionPath(reflection);
    if (!file) return super.getIdealBaseName(reflection);
    return relative(root, file)
      .replace(/^docs\//, '')
      .replace(/(\/README)?\.md$/, '');
  }
}

/**
 * Adds what a screen reader and a keyboard need, and TypeDoc's pages lack: the main part of the page, a name for its table of contents,
 * the focus on tables, which scroll on a phone, and no header cell without a text.
 *
 * @param {string} html
 */
function withLandmarks(html) {
  return html
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replace(
      '<div class="page-menu">',
      '<div class="page-menu" role="complementary" aria-label="On this page">',
    )
    .replaceAll('<table>', '<table tabindex="0">')
    .replaceAll(/<th([^>]*)><\/th>/g, '<td$1></td>');
}

/** @param {Application} app */
export function load(app) {
  const groups = pages();
  app.renderer.defineRouter('site', SiteRouter);
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('projectDocuments', [...groups.keys()]);
    app.options.setValue('defaultCategory', reference);
    const names = new Set(groups.values());
    const last = ['Examples', 'Project', 'Decisions'];
    app.options.setValue('categoryOrder', [
      ...[...names].filter((it) => !last.includes(it)),
      reference,
      ...last,
    ]);
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const file = page.project.files.getReflectionPath(page);
    if (file === undefined) return;
    page.name = titleOf(file);
    page.frontmatter['category'] = groups.get(relative(root, file)) ?? 'Project';
    page.relevanceBoost = file.startsWith(join(root, 'docs/guides/')) ? guideBoost : 1;
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents && withLandmarks(page.contents);
  });
  // Every page and every comment is read by now, with its links.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => addSources(context.project), 1_000);
}
