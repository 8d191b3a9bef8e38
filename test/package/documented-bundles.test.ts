import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { filesIn } from '../support/files-in.js';
import { pages, programsOf } from '../support/guide-programs.js';
import { localTool, repositoryFolder, run } from './run.js';

/** A bundle command, with the page that documents it. */
interface DocumentedBundle {
  readonly page: string;
  readonly command: string;
}

const exampleNotes = filesIn(join(repositoryFolder, 'examples'), { except: ['node_modules', 'cdk.out'] })
  .filter((file) => file.endsWith('README.md'))
  .map((file) => file.slice(repositoryFolder.length + 1));

const allPages = await Promise.all(
  [...pages, ...exampleNotes].map(async (page) => ({
    page,
    text: await readFile(join(repositoryFolder, page), 'utf8'),
  })),
);

const bundles: DocumentedBundle[] = allPages.flatMap(({ page, text }) =>
  [...text.matchAll(/^npx esbuild (?:.*\\\n)*.*$/gm)].map(([command]) => ({ page, command })),
);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-blue-green-toolkit-bundle-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Prepares the reader's folder: the installed package, and the programs of the page. */
async function prepare({ page }: DocumentedBundle, manifest: object): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  if (page.startsWith('examples/')) {
    await cp(join(repositoryFolder, dirname(page)), folder, { recursive: true });
  }
  for (const { path, code } of programsOf(page)) {
    await writeFile(join(folder, path.slice(path.lastIndexOf('/') + 1)), code);
  }
  await linkPackages(join(folder, 'node_modules'));
}

/** Links the packages of the installed tarball, and AWS's package for durable functions, which one example needs. */
async function linkPackages(modules: string): Promise<void> {
  const installed = join(inject('consumer'), 'node_modules');
  await mkdir(modules);
  for (const name of await readdir(installed)) {
    const source = name === '@aws' ? join(repositoryFolder, 'node_modules', name) : join(installed, name);
    await symlink(source, join(modules, name));
  }
}

/** Variables of a deployed function, which the program of a swap reads when it is loaded. */
const variables = {
  AWS_REGION: 'eu-west-1',
  LISTENER_ARN:
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2',
  RULE_ARN:
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee',
  LOAD_BALANCER_ARN:
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188',
  BLUE_TARGET_GROUP_ARN:
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/6d0ecf831eec9f09',
  GREEN_TARGET_GROUP_ARN:
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/73e2d6bc24d8a067',
  SWAP_TABLE_NAME: 'stack-swaps',
  CLUSTER: 'orders',
  SERVICE: 'web',
  STREAM_ARN: 'arn:aws:kinesis:eu-west-1:111122223333:stream/orders',
  BLUE_SUBSCRIPTION_ARN: 'arn:aws:sns:eu-west-1:111122223333:orders:1e6a6d3c-5b1d-4a43-9b70-2c4f2a4b0b11',
  GREEN_SUBSCRIPTION_ARN: 'arn:aws:sns:eu-west-1:111122223333:orders:2e6a6d3c-5b1d-4a43-9b70-2c4f2a4b0b22',
};

/** Returns the type of each handler in the files of the output. */
async function handlersIn(output: string): Promise<unknown> {
  const program = `
    Object.assign(process.env, ${JSON.stringify(variables)});
    const files = require('node:fs').readdirSync('${output}');
    Promise.all(files.map((file) => import('./${output}/' + file)))
      .then((modules) => modules.flatMap((it) => Object.values(it).filter((value) => value !== it.default)))
      .then((handlers) => console.log(JSON.stringify(handlers.map((it) => typeof it))));
  `;
  return JSON.parse(
    await run(process.execPath, ['--no-warnings', '--input-type=commonjs', '--eval', program], folder),
  );
}

describe('documented bundle commands', () => {
  test('exist on every page that mentions an esbuild bundle', () => {
    const mentioning = allPages
      .filter(({ text }) => text.includes('esbuild --bundle'))
      .map(({ page }) => page);

    expect(mentioning).toEqual([]);
    expect(new Set(bundles.map(({ page }) => page)).size).toBeGreaterThanOrEqual(4);
  });

  describe.each([
    { title: 'a new folder', manifest: {} },
    { title: 'a folder with type module, as in the README', manifest: { type: 'module' } },
  ])('in $title', ({ manifest }) => {
    test.each(bundles)('write files with a handler: $page', async (bundle) => {
      await prepare(bundle, manifest);

      await run('sh', ['-c', bundle.command.replace('npx esbuild', localTool('esbuild'))], folder);

      const handlers = await handlersIn('dist');
      expect(handlers).not.toEqual([]);
      expect(new Set(handlers as string[])).toEqual(new Set(['function']));
    });
  });
});
