import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The README, the API summary and the guides, as paths from the root of the repository. */
export const pages = [
  'README.md',
  'docs/api-summary.md',
  ...readdirSync(join(root, 'docs/guides')).map((guide) => `docs/guides/${guide}`),
];

/** A program in the documentation. */
export interface GuideProgram {
  readonly page: string;
  /** `docs-guides-checks.md/2.ts`; a program whose first line is a comment with a file's name has that name. */
  readonly path: string;
  readonly code: string;
}

/** The programs of a page; parts of a program, which import nothing of the package, are left out. */
export function programsOf(page: string): GuideProgram[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
    .map(([, code = ''], index) => {
      const name = /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1] ?? `${index}.ts`;
      return { page, path: `${page.replaceAll('/', '-')}/${name}`, code };
    })
    .filter(({ code }) => code.includes("from 'aws-blue-green-toolkit"));
}

/** Part of the swap in a test of the API summary that the part for CodeDeploy replaces. */
const ecsPart = /const handler = .*?await clock\.sleep\(.*?assert\.equal\(status, .*?\n/s;

/** The swap in a test of the API summary, with the changes for CodeDeploy that the page describes. */
function codeDeployVariant(): GuideProgram {
  const page = 'docs/api-summary.md';
  const part = /```ts\n(for .*?)```/s.exec(readFileSync(join(root, page), 'utf8'))?.[1];
  const swap = programsOf(page)[0]?.code ?? '';
  if (part === undefined || !ecsPart.test(swap)) throw new Error(`${page} has no swap with CodeDeploy`);
  const code = swap
    .replace(ecsPart, () => part)
    .replaceAll('ecsSwitch', 'codeDeploySwitch')
    .replaceAll('ecsSwapHook', 'codeDeploySwapHooks')
    .replace('addWebService(service)', "addWebService({ ...service, deployedBy: 'CODE_DEPLOY' })");
  return { page, path: `${page.replaceAll('/', '-')}/with-codedeploy.ts`, code };
}

/** Every program of the documentation, with the variants that a page describes. */
export function documentedPrograms(): GuideProgram[] {
  return [...pages.flatMap(programsOf), codeDeployVariant()];
}
