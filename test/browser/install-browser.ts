import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the browser's driver and of axe, and of the screenshots. */
    browserFolder: string;
    /** Path of Chromium; empty where `BROWSER_OPTIONAL` is set and none could be installed. */
    chromium: string;
  }
}

const execute = promisify(execFile);

/** Drivers of the browser. They are no dependencies of the package, because `npm ci` would install them for everyone. */
const tools = ['playwright-core@1.65.1', 'axe-core@4.14.1'];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Installs the drivers beside the repository's own packages, and finds Chromium or installs Debian's. */
export async function setup(project: TestProject): Promise<void> {
  const folder = fileURLToPath(new URL('../../.browser', import.meta.url));
  project.provide('browserFolder', folder);
  project.provide('chromium', await install(folder));
}

/** Returns the path of Chromium. Where a browser is optional, a machine that can install none skips the tests, and says why. */
async function install(folder: string): Promise<string> {
  try {
    await installTools(folder);
    return (await findChromium()) ?? (await installChromium());
  } catch (error) {
    if (process.env['BROWSER_OPTIONAL'] === undefined) throw error;
    // biome-ignore lint/suspicious/noConsole: a skipped suite says its reason
    console.warn('The tests in a browser are skipped:', error);
    return '';
  }
}

async function installTools(folder: string): Promise<void> {
  const completed = join(folder, `${tools.join('-')}.completed`);
  if (existsSync(completed)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'browser-tools', private: true }));
  await execute('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tools], { cwd: folder });
  await writeFile(completed, '');
}

/** Returns the path in `CHROMIUM`, or that of a known name on the `PATH`. */
async function findChromium(): Promise<string | undefined> {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM !== undefined) return CHROMIUM;
  const candidates = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function installChromium(): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await execute('apt-get', ['update'], { env });
    await execute('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
      env,
    });
  } catch (error) {
    throw new Error('Chromium not found, and apt-get could not install it. Set CHROMIUM to its path', {
      cause: error,
    });
  }
  const found = await findChromium();
  if (found === undefined)
    throw new Error('Chromium not found after its installation. Set CHROMIUM to its path');
  return found;
}
